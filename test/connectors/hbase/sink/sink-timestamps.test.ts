// Where the HBase sink's cells get their timestamps from: whole runs from one table of the double into another.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { decodeCells } from '../../../../connectors/hbase/client/wire/cell-block.ts';
import { wholeTable } from '../../../../connectors/hbase/client/key-range.ts';
import { hbaseSinkConfig } from '../../../../connectors/hbase/sink/sink-config.ts';
import { hbaseSource } from '../../../../connectors/hbase/source/source-connector.ts';
import type { ConnectorConfig } from '../../../../src/core/connector/config-def.ts';
import { mappingOf } from '../../../support/hbase-cluster.ts';
import { openDoubleSinkBed } from '../../../support/hbase-sink-bed.ts';
import type { HbaseSinkBed } from '../../../support/hbase-sink-bed.ts';
import { runLocally } from '../../../support/local-run.ts';
import { putRows } from '../../../support/read-table.ts';

const writtenAt = '1700000000123';
let bed: HbaseSinkBed;

beforeAll(async () => {
  bed = await openDoubleSinkBed();
  await bed.client.admin.createTable({ table: 'source', families: { f: {} } });
  const keys = Array.from({ length: 20 }, (_, index) => Buffer.from(`k${index}`));
  await putRows(
    bed.client,
    'source',
    keys.map((key) => ({ key, columns: { 'f:a': 'x', 'f:at': writtenAt } })),
  );
});

afterAll(() => bed.close());

/** Distinct timestamps of the target's cells after a run. */
async function timestampsOf(target: string, more: ConnectorConfig): Promise<number[]> {
  const mapping = mappingOf(['f:a', 'f:at']).map((field) =>
    field['targetFiled'] === 'at' ? { ...field, fieldType: 'bigint' } : field,
  );
  await runLocally({
    source: hbaseSource,
    sourceConfig: {
      ...bed.place,
      'pkuse.hbase.table.name': 'source',
      'pkuse.hbase.filed.columnsKey': 'id',
      'pkuse.hbase.filed.mapping': JSON.stringify(mapping),
    },
    sink: bed.plugin,
    sinkConfig: bed.configOf(target, more),
    job: target,
    taskId: 'task',
    mode: 'full',
    to: Date.now(),
  });
  const times = new Set<number>();
  for await (const { buffer, rowCount, rowStarts } of bed.client.scan({ table: target, range: wholeTable }))
    for (const { timestamp } of decodeCells(buffer, rowStarts[0] ?? 0, rowStarts[rowCount] ?? 0))
      times.add(Number(timestamp));
  return [...times];
}

it('from a field', async () => {
  expect(await timestampsOf('by_field', { 'hbase.timestamp.field': 'at' })).toEqual([Number(writtenAt)]);
});

it('from the records, which were made while the run went', async () => {
  const before = Date.now();
  const times = await timestampsOf('by_record', { 'hbase.timestamp.record': 'true' });
  expect(times).toHaveLength(1);
  expect(times[0]).toBeGreaterThanOrEqual(before);
  expect(times[0]).toBeLessThanOrEqual(Date.now());
});

it('of both at once nobody knows which is meant', () => {
  const both = { 'hbase.timestamp.record': 'true', 'hbase.timestamp.field': 'at' };
  const parsed = hbaseSinkConfig.read(bed.configOf('both', both));
  expect('problems' in parsed && parsed.problems).toEqual([
    expect.objectContaining({
      key: 'hbase.timestamp.record',
      message: expect.stringContaining('field at') as string,
    }),
  ]);
});
