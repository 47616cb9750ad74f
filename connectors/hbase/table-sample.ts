// What a few rows at the head of every region tell: which columns there are, how large rows and which keys.
import { inParallel } from '../../src/core/in-parallel.ts';
import type { HBaseClient } from './rpc/client.ts';
import { CellBlockCursor } from './rpc/cell-block.ts';
import type { RegionLocation } from './rpc/region-location.ts';

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
  /** `family:qualifier` (utf-8) → bytes of its cells in the sample. */
  readonly columns: ReadonlyMap<string, number>;
}

export async function sampleTable(
  client: HBaseClient,
  table: string,
  options: {
    readonly regions: readonly RegionLocation[];
    readonly retryBudgetMs: number;
    readonly signal: AbortSignal;
  },
): Promise<TableSample> {
  const columns = new Map<string, number>();
  const samples: RegionSample[] = [];
  await inParallel([...options.regions.entries()], regionsAtOnce, async ([index, region]) => {
    samples[index] = await sampleRegion(client, table, { ...options, region, columns });
  });
  const rows = samples.reduce((sum, sample) => sum + sample.keys.length, 0);
  return { regions: samples, rows, columns };
}

async function sampleRegion(
  client: HBaseClient,
  table: string,
  work: {
    readonly region: RegionLocation;
    readonly columns: Map<string, number>;
    readonly retryBudgetMs: number;
    readonly signal: AbortSignal;
  },
): Promise<RegionSample> {
  const { region, columns, retryBudgetMs, signal } = work;
  const keys: Buffer[] = [];
  const newestTimes: number[] = [];
  let bytes = 0;
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
    bytes += (rowStarts[rowCount] ?? 0) - (rowStarts[0] ?? 0);
  }
  return { region, keys, newestTimes, bytes, whole: keys.length < rowsPerRegion };
}

function countColumn(cursor: CellBlockCursor, columns: Map<string, number>): void {
  const { buffer } = cursor;
  const family = Buffer.from(buffer.subarray(cursor.familyStart, cursor.familyStart + cursor.familyLength));
  const qualifier = buffer.subarray(cursor.qualifierStart, cursor.qualifierStart + cursor.qualifierLength);
  const name = `${family.toString()}:${Buffer.from(qualifier).toString()}`;
  columns.set(name, (columns.get(name) ?? 0) + cursor.offset - cursor.cellStart);
}
