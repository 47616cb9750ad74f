// Scanners of two jobs in two lanes on one region server, which is the double: never more at a time than the worker allows, and
// both jobs get through.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TaskFailure } from '../../../../src/worker/control/task-host.ts';
import { hbaseSource } from '../../../../connectors/hbase/source/source-connector.ts';
import { HBaseClient } from '../../../../connectors/hbase/client/client.ts';
import { LanePool } from '../../../../src/worker/lanes/lane-pool.ts';
import { createOffsetStore } from '../../../../src/worker/control/offset-store.ts';
import { laneSpawner } from '../../../../src/compose/spawn-lane.ts';
import { startHbaseDouble } from '../../../../src/demo/hbase-double/start-double.ts';
import type { HbaseDouble } from '../../../../src/demo/hbase-double/start-double.ts';
import { createMemoryLog } from '../../../../src/log/memory/memory-log.ts';
import type { HbaseBed } from '../../../conformance/hbase-bed.ts';
import { clientBed } from '../../../support/hbase-client-bed.ts';

const rows = 4_000;
const splitKeys = ['1', '2', '3', '4', '5', '6', '7', '8', '9'].map((key) => Buffer.from(key));
const perServer = 2;

describe('scanners of two jobs on one server', () => {
  let double: HbaseDouble;
  let bed: HbaseBed;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lane-scanners-'));
    double = await startHbaseDouble();
    const { host, port } = double;
    bed = clientBed(new HBaseClient({ cluster: { servers: [{ host, port }] } }), {
      'hbase.masters': `${host}:${port}`,
    });
    await bed.createTable('wide', ['d'], splitKeys);
    const value = 'x'.repeat(1_000);
    await bed.put(
      'wide',
      Array.from({ length: rows }, (_, i) => ({
        key: String(i * 2_500).padStart(8, '0'),
        cells: { 'd:v': value },
      })),
    );
  });
  afterAll(async () => {
    await bed.close();
    await double.close();
    await rm(folder, { recursive: true });
  });

  function openPool(): LanePool {
    const server = createMemoryLog({ maxBytes: 64_000_000 });
    return new LanePool({
      lanes: 2,
      slots: { perServer, perCluster: 100 },
      spawn: laneSpawner({ kafka: null, kafkaRetryMs: 1_000, fileRoot: folder, plugins: [] }, () =>
        server.connect(),
      ),
      notes: createOffsetStore(join(folder, 'notes')),
      publish: () => Promise.resolve(),
      emit: () => undefined,
    });
  }

  /** A task that reads the whole table into a topic of its own; resolves when it has ended. */
  function runTask(pool: LanePool, name: string): Promise<string> {
    const config = {
      ...bed.place,
      'pkuse.hbase.table.name': 'wide',
      'pkuse.hbase.filed.mapping': '[{"sourceFiled":"d:v","targetFiled":"v","fieldType":"string"}]',
      'pkuse.kafka.topic': name,
      'pkuse.task.id': name,
      'hbase.scanners': '4',
      'hbase.scanners.per.server': '4',
    };
    const { signal } = new AbortController();
    return new Promise((resolve, reject) => {
      const connector = { connector: name, task: 0, plugin: hbaseSource, config, generation: 1 };
      const request = { ...connector, sourceFailure: () => null, signal };
      const events = {
        onEnded: () => resolve('ended'),
        onFailed: (failure: TaskFailure) => resolve(failure.trace),
      };
      pool.start(request, events).catch(reject);
    });
  }

  it('are never more than the worker allows, and both jobs end', async () => {
    const pool = openPool();
    try {
      const jobs = ['one', 'two'].map((name) => runTask(pool, name));
      expect(await Promise.all(jobs)).toEqual(['ended', 'ended']);
      expect(double.peakScanners).toBe(perServer);
    } finally {
      await pool.close();
    }
    // Two threads load the product from its sources.
  }, 60_000);
});
