// The search for the greatest settled value of a growing column is over in its time, whatever the servers find.
import { expect, it } from 'vitest';
import { findGrowingColumn } from '../../../../connectors/hbase/source/growing-column.ts';
import type { HBaseClient } from '../../../../connectors/hbase/client/client.ts';
import type { RegionLocation } from '../../../../connectors/hbase/client/regions/region-location.ts';
import type { ScanBatch, ScanOptions } from '../../../../connectors/hbase/client/scan/scanner.ts';
import { findSettledValue } from '../../../../connectors/hbase/source/settled-value.ts';
import type { SettledValue } from '../../../../connectors/hbase/source/settled-value.ts';
import { createFakeClock } from '../../../fakes/fake-clock.ts';
import { encodeRow, makeMapping } from '../cell-rows.ts';

/** Regions by what the scan of each does: gives a value at once, or says for five minutes that it is alive. */
function setup(regions: readonly (number | 'silent')[]) {
  const clock = createFakeClock(1_000_000);
  async function* scan({ range, signal }: ScanOptions): AsyncGenerator<ScanBatch> {
    const found = regions[range.start[0] ?? 0] ?? 'silent';
    if (found === 'silent') await clock.sleep(300_000, signal);
    else {
      const row = encodeRow(Buffer.from('k'), { 'd:n': String(found) });
      yield { buffer: row, rowCount: 1, rowStarts: [0, row.length] } as unknown as ScanBatch;
    }
  }
  const growing = findGrowingColumn('d:n', makeMapping([{ sourceFiled: 'd:n', fieldType: 'bigint' }]).fields);
  if (typeof growing === 'string') throw new Error(growing);
  const stop = new AbortController();
  const search = (limitMs = 20_000): Promise<SettledValue> =>
    findSettledValue({
      client: { scan } as unknown as HBaseClient,
      table: 't',
      regions: regions.map(
        (_, index) =>
          ({
            info: { startKey: Buffer.from([index]), endKey: Buffer.from([index + 1]) },
          }) as unknown as RegionLocation,
      ),
      growing,
      column: { family: 'd', qualifier: 'n' },
      from: 1,
      settledBefore: 1_000_000,
      concurrency: 2,
      clock,
      limitMs,
      signal: stop.signal,
    });
  return { clock, stop, search };
}

it('finds the greatest value of all regions', async () => {
  const { clock, search } = setup([3, 9, 5]);
  await expect(search()).resolves.toEqual({ position: 9, whole: true });
  expect(clock.sleepers).toBe(0);
});

it('is over after 20 s when no server finds anything, and says what it found until then', async () => {
  for (const [regions, position] of [
    [['silent', 'silent'], null],
    [[7, 'silent', 4, 'silent'], 7],
  ] as const) {
    const { clock, search } = setup(regions);
    let ended: SettledValue | undefined;
    const searching = search().then((found) => (ended = found));
    await clock.advance(19_999);
    expect(ended).toBeUndefined();
    await clock.advance(1);
    expect(ended).toEqual({ position, whole: false });
    await searching;
    expect(clock.sleepers).toBe(0);
  }
});

it('a run that is stopped meanwhile is not told to go on', async () => {
  const { stop, search } = setup(['silent']);
  const searching = search();
  stop.abort(new Error('cancelled'));
  await expect(searching).rejects.toThrow('cancelled');
});
