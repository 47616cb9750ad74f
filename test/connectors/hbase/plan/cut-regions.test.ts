// Cutting the regions of a table takes a bounded number of reads and a bounded time, however many regions there are.
import { expect, it } from 'vitest';
import { cutRegions } from '../../../../connectors/hbase/plan/cut-regions.ts';
import type { WantedCuts } from '../../../../connectors/hbase/plan/cut-regions.ts';
import type { HBaseClient } from '../../../../connectors/hbase/client/client.ts';
import type { ScanBatch, ScanOptions } from '../../../../connectors/hbase/client/scan/scanner.ts';
import { createFakeClock } from '../../../fakes/fake-clock.ts';
import { encodeRow } from '../cell-rows.ts';

const rowsPerRegion = 1_000;
const keyOf = (region: number, row: number): Buffer =>
  Buffer.from(`${String(region).padStart(4, '0')}-${String(row).padStart(4, '0')}`);

/** Regions of a thousand rows, and a client that counts what it is asked. */
function setup(regions: number, msPerRead: number, hangs = false) {
  const asked = { scans: 0, middles: 0, atOnce: 0, mostAtOnce: 0 };
  const clock = createFakeClock(0);
  async function* scan({ range, limitRows = 1, reversed, signal }: ScanOptions): AsyncGenerator<ScanBatch> {
    asked.scans += 1;
    asked.mostAtOnce = Math.max(asked.mostAtOnce, (asked.atOnce += 1));
    clock.set(clock.now() + msPerRead);
    if (hangs) await clock.sleep(300_000, signal);
    else await Promise.resolve();
    asked.atOnce -= 1;
    const region = Number(range.start.toString('latin1', 0, 4));
    const all = Array.from({ length: rowsPerRegion }, (_, row) => keyOf(region, row));
    const within = all.filter((key) => key.compare(range.start) >= 0 && key.compare(range.stop) < 0);
    if (reversed === true) within.reverse();
    const rows = within.slice(0, limitRows).map((key) => encodeRow(key, { 'f:a': 'v' }));
    const rowStarts = rows.reduce((starts, row) => [...starts, (starts.at(-1) ?? 0) + row.length], [0]);
    if (rows.length > 0)
      yield { buffer: Buffer.concat(rows), rowCount: rows.length, rowStarts } as unknown as ScanBatch;
  }
  const bestSplitRow = (): Promise<never> => {
    asked.middles += 1;
    return Promise.reject(new Error('AccessDeniedException'));
  };
  const wanted = Array.from({ length: regions }, (_, region): WantedCuts => {
    const [startKey, endKey] = [Buffer.from(String(region).padStart(4, '0')), keyOf(region + 1, 0)];
    const info = { regionId: 1n, table: 't', startKey, endKey, offline: false, split: false, replicaId: 0 };
    const name = Buffer.from(`t,${region}`);
    return {
      region: { name, info, state: 'OPEN', server: undefined },
      pieces: 10,
      rows: rowsPerRegion,
      hasFiles: true,
    };
  });
  const context = {
    client: { scan, bestSplitRow } as unknown as HBaseClient,
    table: 't',
    clock,
    retryBudgetMs: 1_000,
    limitMs: 10_000,
    signal: new AbortController().signal,
  };
  return { asked, clock, cut: () => cutRegions(context, wanted) };
}

it('cuts a few regions well, also where their servers do not tell the middle of their data', async () => {
  const { asked, cut } = setup(3, 0);
  const cuts = await cut();
  expect(asked).toMatchObject({ middles: 3 });
  for (const keys of cuts.values()) expect(keys).toHaveLength(9);
  const places = [...cuts.values()][1]?.map((key) => Number(key.toString('latin1', 5, 9))) ?? [];
  for (const [index, place] of places.entries()) expect(Math.abs(place - (index + 1) * 100)).toBeLessThan(30);
});

it('makes some thousands of reads for a thousand regions, few at a time', async () => {
  const { asked, cut } = setup(1_000, 0);
  const cuts = await cut();
  expect(cuts.size).toBe(1_000);
  expect([...cuts.values()].every((keys) => keys.length === 9)).toBe(true);
  expect(asked.scans).toBeLessThanOrEqual(20_000);
  expect(asked.mostAtOnce).toBeLessThanOrEqual(8);
});

it('comes to an end when reads are slow', async () => {
  const { asked, cut } = setup(1_000, 500);
  await cut();
  // What ten seconds allow, and what was on its way: two for each of four regions.
  expect(asked.scans).toBeLessThanOrEqual(20 + 8);
});

it('comes to an end when a single read finds no living row for minutes', async () => {
  const { clock, cut } = setup(3, 0, true);
  let cuts: ReadonlyMap<string, readonly Buffer[]> | undefined;
  const cutting = cut().then((made) => (cuts = made));
  await clock.advance(9_999);
  expect(cuts).toBeUndefined();
  await clock.advance(1);
  expect(cuts).toEqual(new Map());
  await cutting;
});
