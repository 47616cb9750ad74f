// One scan, and in the middle of it the region that it is reading moves, splits, or is merged with its neighbour: each surely, since
// the scan stands still meanwhile.
import { expect } from 'vitest';
import { wholeTable } from '../../connectors/hbase/client/key-range.ts';
import type { HbaseTestBed } from './hbase-bed.ts';

const rows = 20_000;
const splitKeys = ['k05', 'k10', 'k15'].map((key) => Buffer.from(key));

/** Fails unless every row comes once, whole. The balancer must be off. */
export async function expectWholeThroughEvents(bed: HbaseTestBed): Promise<void> {
  const { client, oracle } = bed;
  const table = await bed.makeTable('events', splitKeys, ['f']);
  const columns = ['a', 'b'].map((qualifier) => ({ family: 'f', qualifier, prefix: `${qualifier}-` }));
  await oracle.load(table, { rows, keyPrefix: 'k', keyDigits: 5, columns });
  await oracle.flush(table);
  const nth = async (number: number): Promise<string> =>
    (await oracle.regions(table))[number]?.encodedName ?? '';
  /** Rows that the scan has given out → what happens then. */
  const events = new Map<number, () => Promise<unknown>>([
    [1_000, async () => oracle.moveRegion(table, await nth(0))],
    [6_000, async () => oracle.splitRegion(table, await nth(1), 'k08')],
    [12_000, async () => oracle.mergeRegions(table, await nth(3), await nth(4))],
  ]);
  const scanner = client.scan({ table, range: wholeTable, maxResultBytes: 50_000 });
  for await (const { rowCount } of scanner) {
    expect(rowCount).toBeGreaterThan(0);
    for (const [at, happen] of events) {
      if (scanner.rows < at) continue;
      events.delete(at);
      await happen();
    }
  }
  expect([scanner.rows, events.size]).toEqual([rows, 0]);
  expect(scanner.reopened).toBeGreaterThanOrEqual(3);
  expect(await bed.expectEqual(table)).toMatchObject({ rows, cells: 2 * rows });
}
