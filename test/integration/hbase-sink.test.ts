// The HBase sink on real services: its ledger, late tasks, and whole runs through Kafka, with the process killed and a run cancelled
// in between. The Java client compares.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { describeTableMark } from '../conformance/hbase-table-mark.ts';
import { describeZombies } from '../conformance/hbase-sink-zombies.ts';
import { deleteChecks } from '../../connectors/conformance/target/delete-checks.ts';
import { describeChecks } from '../conformance/describe-checks.ts';
import { describeTargetLedger } from '../conformance/target-ledger.ts';
import { openHbaseBed } from '../support/hbase-bed.ts';
import type { HbaseTestBed } from '../support/hbase-bed.ts';
import { openRealSinkBed } from '../support/hbase-sink-bed.ts';
import { putRows } from '../support/read-table.ts';
import { startSyncline } from '../support/start-syncline.ts';
import type { SynclineProcess } from '../support/start-syncline.ts';
import { keyOf } from '../support/sync-bed.ts';
import { waitUntil } from '../support/wait-until.ts';

const stack = inject('stack');
const ROWS = 30_000;
const END_LIMIT_MS = 90_000;

describe.skipIf(stack === null)('the HBase sink on real services', () => {
  if (stack === null) return;
  describeTargetLedger('HBase', () => openRealSinkBed(stack.hbase), 'rows');
  describeZombies('HBase', () => openRealSinkBed(stack.hbase));
  describeTableMark('HBase', () => openRealSinkBed(stack.hbase));

  describeChecks('deletes', { openBed: () => openRealSinkBed(stack.hbase), kind: 'rows' }, deleteChecks);

  describe('whole runs', () => {
    let bed: HbaseTestBed;
    let syncline: SynclineProcess;
    let dataDir = '';
    const made: string[] = [];
    const settings = { SYNCLINE_KAFKA: stack.kafka.brokers, SYNCLINE_SECRET_KEY: '22'.repeat(32) };
    const place = {
      'pkuse.hbase.ip': stack.hbase.quorum,
      'pkuse.hbase.port': String(stack.hbase.clientPort),
    };

    beforeAll(async () => {
      dataDir = await mkdtemp(join(tmpdir(), 'syncline-hbase-sink-'));
      await mkdir(join(dataDir, 'files'), { recursive: true });
      bed = await openHbaseBed(stack);
      syncline = await startSyncline({ settings, dataDir });
    });
    afterEach(async () => {
      for (const table of made.splice(0)) await bed.oracle.dropTable(table);
    });
    afterAll(async () => {
      await syncline.stop();
      await bed.close();
      await rm(dataDir, { recursive: true, force: true });
    });

    const createJob = async (body: Record<string, unknown>): Promise<string> => {
      const policy = { lagMs: 2_000, startMs: 30_000, stallMs: 30_000 };
      const answer = await syncline.api('POST', '/api/v1/jobs', { policy, ...body });
      expect(answer.body).toMatchObject({ id: expect.any(String) as string });
      return String(answer.body['id']);
    };
    const trigger = async (job: string): Promise<string> =>
      String((await syncline.api('POST', `/api/v1/jobs/${job}/runs`, { mode: 'full' })).body['id']);
    const stateOf = async (run: string): Promise<string> =>
      String((await syncline.api('GET', `/api/v1/runs/${run}`)).body['state']);
    const ended = async (run: string): Promise<string> => {
      const going = ['queued', 'starting', 'running'];
      await waitUntil('the run ends', async () => !going.includes(await stateOf(run)), END_LIMIT_MS);
      return stateOf(run);
    };
    const reportOf = async (run: string) => (await syncline.api('GET', `/api/v1/runs/${run}/report`)).body;
    const sinkTo = (target: string, more: Record<string, string>) => {
      made.push(target, `${target}_ledger`);
      return {
        connector: 'io.syncline.hbase.HBaseSinkConnector',
        config: {
          ...place,
          'table.name.format': target,
          'hbase.ledger.table': `${target}_ledger`,
          'auto.create': 'true',
          ...more,
        },
      };
    };

    it('an HBase table is in another one, row for row, after a process that was killed in mid run', async () => {
      const source = await bed.makeTable(
        'sink_source',
        ['4', '8', 'c'].map((key) => Buffer.from(key)),
      );
      const target = `${bed.unique}_sink_target`;
      const write = (from: number, to: number, content: string): Promise<void> =>
        putRows(
          bed.client,
          source,
          Array.from({ length: to - from }, (_, at) => ({
            key: Buffer.from(keyOf(from + at)),
            columns: { 'f:number': String(from + at), 'f:content': content },
          })),
        );
      await write(0, ROWS, 'first');
      const mapping = [
        { sourceFiled: 'id', targetFiled: 'id', fieldType: 'varchar(32)', ispk: '1' },
        { sourceFiled: 'f:number', targetFiled: 'number', fieldType: 'bigint' },
        { sourceFiled: 'f:content', targetFiled: 'content', fieldType: 'string' },
      ];
      const job = await createJob({
        name: target,
        mode: 'full',
        source: {
          connector: 'io.syncline.hbase.HBaseSourceConnector',
          config: {
            ...place,
            'pkuse.hbase.table.name': source,
            'pkuse.hbase.filed.columnsKey': 'id',
            'pkuse.hbase.filed.mapping': JSON.stringify(mapping),
          },
        },
        sink: sinkTo(target, {
          'hbase.columns': JSON.stringify([{ field: 'number', column: 'f:number', encoding: 'int64' }]),
        }),
      });
      const first = await trigger(job);
      await waitUntil(
        'rows arrive',
        async () =>
          (await bed.client.admin.describeTable(target)) !== undefined &&
          (await bed.client.countRows(target)).rows > 0,
        END_LIMIT_MS,
      );
      expect(await stateOf(first)).toBe('running');
      await syncline.kill();
      await write(100, 600, 'second');
      syncline = await startSyncline({ settings, dataDir });
      await ended(first);
      const last = await trigger(job);
      expect(await ended(last)).toBe('succeeded');
      expect(await reportOf(last)).toMatchObject({ report: { outcome: 'proved' } });
      const found = await bed.oracle.cells(target, { limit: ROWS * 4 });
      const wanted = new Map<string, string>();
      for (const cell of await bed.oracle.cells(source, { limit: ROWS * 4 }))
        wanted.set(`${cell.row.toString()} ${cell.qualifier.toString()}`, cell.value.toString());
      const got = new Map<string, string>();
      for (const { row, qualifier, value } of found) {
        const name = qualifier.toString();
        if (name === 'id') expect(value.equals(row)).toBe(true);
        else
          got.set(
            `${row.toString()} ${name}`,
            name === 'number' ? String(value.readBigInt64BE()) : value.toString(),
          );
      }
      expect(got.size).toBe(ROWS * 2);
      expect(got).toEqual(wanted);
    }, 300_000);

    it('the lines of a file are rows of a salted table, also after a run that was cancelled', async () => {
      const target = `${bed.unique}_sink_lines`;
      const lines = Array.from({ length: 5_000 }, (_, at) => `line ${at} ${'é'.repeat(at % 7)}\\${at}`);
      await writeFile(join(dataDir, 'files', 'lines.txt'), lines.map((line) => `${line}\n`).join(''));
      const job = await createJob({
        name: target,
        mode: 'full',
        source: {
          connector: 'org.apache.kafka.connect.file.FileStreamSourceConnector',
          config: { file: 'lines.txt', topic: target },
        },
        sink: sinkTo(target, { 'pk.fields': 'line', 'keys.may.merge': 'true', 'hbase.salt.buckets': '4' }),
      });
      const cancelled = await trigger(job);
      await waitUntil('the run is going', async () => (await stateOf(cancelled)) !== 'queued', END_LIMIT_MS);
      await syncline.api('POST', `/api/v1/runs/${cancelled}/cancel`);
      await ended(cancelled);
      const last = await trigger(job);
      expect(await ended(last)).toBe('succeeded');
      // A file does not say that its lines differ.
      expect(await reportOf(last)).toMatchObject({ report: { outcome: 'delivered' } });
      const cells = await bed.oracle.cells(target, { limit: 20_000 });
      expect(cells.map(({ value }) => value.toString()).sort()).toEqual([...lines].sort());
      expect(cells.every(({ row, value }) => row.subarray(2).equals(value))).toBe(true);
      const regions = await bed.oracle.regions(target);
      expect(regions.map(({ startKey }) => startKey.toString())).toEqual(['', '01', '02', '03']);
    }, 200_000);
  });
});
