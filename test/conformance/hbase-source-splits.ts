// The HBase source's suite, part: one region is read in parallel, whatever its keys look like.
import { expect, it } from 'vitest';
import { RowCollector } from '../connectors/hbase/cell-rows.ts';
import { lagMs, withTask } from './hbase-bed.ts';
import type { Tools } from './hbase-bed.ts';

const rows = 90_000;

/** Nine in ten under one prefix. */
function skewedKey(row: number): string {
  return `${row % 10 === 0 ? 'cold' : 'hot'}-${String(row).padStart(8, '0')}`;
}

export function describeSplits({ newTable, configOf, bed }: Tools): void {
  it('reads one region of skewed keys in parallel, no range more than twice its share', async () => {
    const table = await newTable(['d']);
    const keys = Array.from({ length: rows }, (_, row) => skewedKey(row));
    // Long enough that no range fits one answer of the server.
    const value = 'v'.repeat(200);
    await bed().put(
      table,
      keys.map((key) => ({ key, cells: { 'd:v': value } })),
    );
    const config = configOf(table, [{ sourceFiled: 'd:v' }], {
      'hbase.scanners': '5',
      'hbase.scanners.per.server': '5',
    });
    const { counts, found } = await withTask(config, async (task) => {
      const plan = await task.plan({ base: null, mode: 'full', lagMs });
      const read = plan.splits.map(async (split) => {
        const out = new RowCollector();
        await task.readSplit({ plan, split, out, signal: new AbortController().signal });
        return out.rows.map(({ key }) => key);
      });
      const parts = await Promise.all(read);
      return { counts: parts.map(({ length }) => length), found: parts.flat() };
    });
    expect(counts.length).toBeGreaterThanOrEqual(4);
    expect(Math.max(...counts)).toBeLessThan((2 * rows) / counts.length);
    expect(found.sort()).toEqual(keys.sort());
    const peak = bed().peakScanners?.();
    if (peak !== undefined) expect(peak).toBeGreaterThanOrEqual(4);
  }, 60_000);
}
