// What a few rows at the head of every region tell: which columns there are, how large rows and which keys.
import type { Clock } from '../../../src/core/clock.ts';
import { inParallel } from '../../../src/core/waiting/semaphore.ts';
import { printName } from '../mapping/column-name.ts';
import { inTime } from './in-time.ts';
import type { HBaseClient } from '../client/client.ts';
import { CellBlockCursor } from '../client/wire/cell-block.ts';
import type { RegionLocation } from '../client/regions/region-location.ts';

const rowsPerRegion = 20;
const sampleBytes = 256 * 1024;
const regionsAtOnce = 8;

export interface RegionSample {
  readonly region: RegionLocation;
  /** Keys of the first rows. */
  readonly keys: readonly Buffer[];
  /** When the newest cell of each was written, in ms. */
  readonly newestTimes: readonly number[];
  /** Bytes of these rows as cells. */
  readonly bytes: number;
  /** These are all rows of the region. */
  readonly whole: boolean;
}

export interface TableSample {
  readonly regions: readonly RegionSample[];
  readonly rows: number;
  /** false: the time was up before all regions were looked into; without any row, nobody knows whether there are some. */
  readonly complete: boolean;
  /** `family:qualifier`, as printed → bytes of its cells in the sample. */
  readonly columns: ReadonlyMap<string, number>;
}

export interface SampleOptions {
  readonly regions: readonly RegionLocation[];
  readonly retryBudgetMs: number;
  readonly clock: Clock;
  /** Over rows that were deleted a server may look for a living one for long. */
  readonly limitMs: number;
  readonly signal: AbortSignal;
}

export async function sampleTable(
  client: HBaseClient,
  table: string,
  options: SampleOptions,
): Promise<TableSample> {
  const { regions: all } = options;
  const columns = new Map<string, number>();
  const regions = all.map((region): GrowingSample => ({
    ...notLookedInto,
    region,
    keys: [],
    newestTimes: [],
  }));
  const complete = await inTime(options, async (signal) => {
    await inParallel(regions, regionsAtOnce, (sample) =>
      sampleRegion(client, { ...options, table, signal, columns }, sample),
    );
    return true;
  });
  const rows = regions.reduce((sum, sample) => sum + sample.keys.length, 0);
  return { regions, rows, complete: complete ?? false, columns };
}

type GrowingSample = { -readonly [Key in keyof RegionSample]: RegionSample[Key] } & {
  readonly keys: Buffer[];
  readonly newestTimes: number[];
};

const notLookedInto = { bytes: 0, whole: false };

async function sampleRegion(
  client: HBaseClient,
  { table, columns, retryBudgetMs, signal }: SampleOptions & { table: string; columns: Map<string, number> },
  sample: GrowingSample,
): Promise<void> {
  const { keys, newestTimes, region } = sample;
  const scanner = client.scan({
    table,
    range: { start: region.info.startKey, stop: region.info.endKey },
    readType: 'pread',
    limitRows: rowsPerRegion,
    maxResultBytes: sampleBytes,
    retryBudgetMs,
    signal,
  });
  const cursor = new CellBlockCursor();
  for await (const { buffer, rowCount, rowStarts } of scanner) {
    for (let row = 0; row < rowCount; row += 1) {
      cursor.reset(buffer, rowStarts[row] ?? 0, rowStarts[row + 1] ?? 0);
      let newest = 0;
      while (cursor.next()) {
        countColumn(cursor, columns);
        newest = Math.max(newest, cursor.timestampMs());
      }
      newestTimes.push(newest);
      keys.push(Buffer.from(buffer.subarray(cursor.rowStart, cursor.rowStart + cursor.rowLength)));
    }
    sample.bytes += (rowStarts[rowCount] ?? 0) - (rowStarts[0] ?? 0);
  }
  sample.whole = keys.length < rowsPerRegion;
}

function countColumn(cursor: CellBlockCursor, columns: Map<string, number>): void {
  const { buffer, familyStart, familyLength, qualifierStart, qualifierLength } = cursor;
  const family = printName(buffer.subarray(familyStart, familyStart + familyLength));
  const name = `${family}:${printName(buffer.subarray(qualifierStart, qualifierStart + qualifierLength))}`;
  columns.set(name, (columns.get(name) ?? 0) + cursor.offset - cursor.cellStart);
}
