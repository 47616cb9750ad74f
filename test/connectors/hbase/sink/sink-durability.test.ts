// Tables that acknowledge writes before they are in the write-ahead log.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { beginRun, openRun, pairs } from '../../../conformance/sink-bed.ts';
import { openDoubleSinkBed } from '../../../support/hbase-sink-bed.ts';
import type { HbaseSinkBed } from '../../../support/hbase-sink-bed.ts';
import { english } from '../../../support/english.ts';

let bed: HbaseSinkBed;

beforeAll(async () => {
  bed = await openDoubleSinkBed();
});

afterAll(() => bed.close());

it.each([
  ['SKIP_WAL', false],
  ['ASYNC_WAL', false],
  ['SYNC_WAL', true],
  ['USE_DEFAULT', true],
])('runs into a table of DURABILITY %s are provable: %s', async (DURABILITY, provable) => {
  const table = `durable_${DURABILITY}`;
  await bed.client.admin.createTable({ table, families: { f: {} }, attributes: { DURABILITY } });
  const { store, prepared } = await openRun(bed, bed.configOf(table), pairs);
  expect(english(prepared.doubts).join()).toMatch(
    provable ? /^$/ : /DURABILITY .*_WAL: .* lost when a region server dies/,
  );
  await store.close();
});

it('a ledger that may be lost is refused', async () => {
  await bed.client.admin.createTable({
    table: 'late_ledger',
    families: { l: {}, d: {} },
    attributes: { DURABILITY: 'ASYNC_WAL' },
  });
  const config = bed.configOf('beside', { 'hbase.ledger.table': 'late_ledger' });
  await expect(beginRun(bed, config)).rejects.toMatchObject({
    code: 'TARGET_SCHEMA',
    field: 'hbase.ledger.table',
    message: expect.stringContaining('DURABILITY ASYNC_WAL') as string,
  });
});
