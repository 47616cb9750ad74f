// A run is fenced while its tasks commit faster than its whole ledger can be read.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HBaseClient } from '../../../../connectors/hbase/client/client.ts';
import { readSinkConfig } from '../../../../connectors/hbase/sink/sink-config.ts';
import { openTargetLedger } from '../../../../connectors/hbase/sink/target-ledger.ts';
import type { SinkStore } from '../../../../src/core/connector/sink-store.ts';
import type { RunKey, TargetLedger } from '../../../../src/core/ledger/ledger.ts';
import { beginRun, byNumber, newTableName, noSignal, requestOf } from '../../../conformance/sink-bed.ts';
import type { HbaseSinkBed } from '../../../support/hbase-sink-bed.ts';
import { openDoubleSinkBed } from '../../../support/hbase-sink-bed.ts';

/** Whoever reads a whole row finds that it changed meanwhile. */
class SlowReader extends HBaseClient {
  meanwhile: () => Promise<unknown> = () => Promise.resolve();

  override async getRows(...call: Parameters<HBaseClient['getRows']>): ReturnType<HBaseClient['getRows']> {
    const found = await super.getRows(...call);
    const isWhole = call[1].some(({ families = [] }) =>
      families.some(({ qualifiers = [] }) => qualifiers.length === 0),
    );
    if (isWhole) await this.meanwhile();
    return found;
  }
}

describe('a ledger whose tasks commit all the time', () => {
  let bed: HbaseSinkBed;
  beforeAll(async () => {
    bed = await openDoubleSinkBed();
  });
  afterAll(() => bed.close());

  const setup = async (): Promise<{ key: RunKey; ledger: TargetLedger; store: SinkStore }> => {
    const config = bed.configOf(newTableName());
    const key = await beginRun(bed, config);
    const store = await bed.plugin.openStore(config, noSignal);
    const place = { topic: 't', partition: 0 };
    await store.transaction((tx) => tx.addPartition(key, { ...place, next: 0, logIncarnation: 'log' }));
    const settings = readSinkConfig(config);
    const client = new SlowReader({ cluster: settings.cluster });
    let next = 0;
    const write = () =>
      store.transaction(async (tx) => {
        if ((await tx.lockJob(key.job, 'shared'))?.epoch !== key.epoch) return;
        await tx.movePartition(key, { ...place, from: next, to: next + 1 });
        next += 1;
      });
    client.meanwhile = write;
    return { key, ledger: openTargetLedger(settings, client), store };
  };

  it('lets the run be aborted', async () => {
    const { key, ledger, store } = await setup();
    expect(await ledger.abort({ job: key.job, taskId: 'task-1' })).toMatchObject({ kind: 'aborted' });
    expect((await ledger.readJob(key.job))?.epoch).toBeGreaterThan(key.epoch);
    await Promise.all([ledger.close(), store.close()]);
  });

  it('lets another run begin', async () => {
    const { key, ledger, store } = await setup();
    const begun = await ledger.begin(requestOf(key.job, 'task-2'));
    expect(begun).toMatchObject({ kind: 'begun' });
    expect(await ledger.readJob(key.job)).toMatchObject({ taskId: 'task-2' });
    await Promise.all([ledger.close(), store.close()]);
  });

  it('lets nobody but whoever fences it change its epoch', async () => {
    const { key, ledger, store } = await setup();
    const reset = { watermark: '7', epoch: key.epoch, isBefore: byNumber };
    await ledger.resetWatermark(key.job, reset);
    expect(await ledger.readJob(key.job)).toMatchObject({ watermark: '7', epoch: key.epoch + 1 });
    await Promise.all([ledger.close(), store.close()]);
  });
});
