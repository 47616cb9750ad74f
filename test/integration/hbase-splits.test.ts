// Cuts of regions on a real HBase, in files: where a server knows the middle of its data, keys are found that hide among others.
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { cutRegions } from '../../connectors/hbase/plan/cut-regions.ts';
import { openHbaseBed } from '../support/hbase-bed.ts';
import type { HbaseTestBed } from '../support/hbase-bed.ts';
import { createRandom } from '../support/random.ts';
import { putRows } from '../support/read-table.ts';

const stack = inject('stack');
const pieces = 8;

describe.skipIf(stack === null)('cuts of regions', () => {
  let bed: HbaseTestBed;
  beforeAll(async () => {
    if (stack !== null) bed = await openHbaseBed(stack);
  });
  afterAll(() => bed.close());

  /** Rows of each piece that the only region of the table is cut into, and what it took. */
  async function cut(table: string, rows: number): Promise<{ sizes: number[]; ms: number }> {
    const [region] = await bed.client.regions(table);
    if (region === undefined) throw new Error('there is no region');
    const startedAt = performance.now();
    const cuts = await cutRegions(
      {
        client: bed.client,
        table,
        clock: systemClock,
        retryBudgetMs: 10_000,
        limitMs: 10_000,
        signal: new AbortController().signal,
      },
      [{ region, pieces, rows, hasFiles: true }],
    );
    const ms = performance.now() - startedAt;
    const starts = [Buffer.alloc(0), ...[...cuts.values()].flat()];
    const counts = starts.map((start, index) =>
      bed.client.countRows(table, { start, stop: starts[index + 1] ?? Buffer.alloc(0) }),
    );
    return { sizes: (await Promise.all(counts)).map((count) => count.rows), ms };
  }

  test('finds nine in ten rows under one prefix that hides among thousands, by the middle of the data', async () => {
    const table = await bed.makeTable('hidden', [], ['f']);
    const column = { family: 'f', qualifier: 'a', prefix: 'v' };
    await bed.oracle.load(table, { rows: 90_000, keyPrefix: '5eaf01|', keyDigits: 8, columns: [column] });
    const random = createRandom(3);
    const hex = (): string => random(0x1000000).toString(16).padStart(6, '0');
    const cold = Array.from({ length: 10_000 }, () => ({
      key: Buffer.from(`${hex()}|${hex()}`),
      columns: { 'f:a': 'v' },
    }));
    await putRows(bed.client, table, cold);
    expect(await bed.client.bestSplitRow((await bed.client.regions(table))[0] ?? missing())).toBeDefined();
    await bed.oracle.majorCompact(table);
    const middle = await bed.client.bestSplitRow((await bed.client.regions(table))[0] ?? missing());
    expect(String(middle)).toMatch(/^5eaf01\|/);
    const { sizes, ms } = await cut(table, 100_000);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeGreaterThan(99_900);
    expect(sizes).toHaveLength(pieces);
    expect(Math.max(...sizes)).toBeLessThan((2 * 100_000) / pieces);
    expect(ms).toBeLessThan(10_000);
  });
});

function missing(): never {
  throw new Error('there is no region');
}
