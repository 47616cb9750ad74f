// A few rows of a table with all their cells, spread over its regions; bounded in rows, bytes and time.
import { printName } from '../mapping/column-name.ts';
import type { HBaseClient } from '../client/client.ts';
import { CellBlockCursor } from '../client/wire/cell-block.ts';
import type { RegionLocation } from '../client/regions/region-location.ts';

export interface SampledCell {
  readonly family: string;
  readonly qualifier: Buffer;
  readonly timestamp: number;
  readonly value: Buffer;
}

export interface SampledRow {
  readonly key: Buffer;
  readonly cells: readonly SampledCell[];
  /** The cells as they came, for the decoder. */
  readonly block: Buffer;
}

export interface RowSample {
  readonly rows: readonly SampledRow[];
  /** There are no other rows. */
  readonly whole: boolean;
}

const maxRegions = 16;
const regionBytes = 256 * 1024;

/** Throws HBaseError, the abort reason. */
export async function sampleSomeRows(
  client: HBaseClient,
  table: string,
  wanted: {
    readonly regions: readonly RegionLocation[];
    readonly rows: number;
    readonly retryBudgetMs: number;
    readonly signal: AbortSignal;
  },
): Promise<RowSample> {
  const { regions, rows, ...options } = wanted;
  const step = Math.max(1, regions.length / maxRegions);
  const chosen = regions.filter((_, index) => Math.floor(index / step) !== Math.floor((index - 1) / step));
  const perRegion = Math.max(1, Math.ceil(rows / Math.max(1, chosen.length)));
  const parts = await Promise.all(
    chosen.map(({ info }) =>
      readHead(
        client.scan({
          table,
          range: { start: info.startKey, stop: info.endKey },
          readType: 'pread',
          limitRows: perRegion,
          maxResultBytes: regionBytes,
          ...options,
        }),
      ),
    ),
  );
  const found = parts.flat();
  const whole = chosen.length === regions.length && parts.every((part) => part.length < perRegion);
  return { rows: found.slice(0, rows), whole: whole && found.length <= rows };
}

async function readHead(scanner: ReturnType<HBaseClient['scan']>): Promise<SampledRow[]> {
  const rows: SampledRow[] = [];
  const cursor = new CellBlockCursor();
  for await (const { buffer, rowCount, rowStarts } of scanner)
    for (let row = 0; row < rowCount; row += 1) {
      const block = Buffer.from(buffer.subarray(rowStarts[row] ?? 0, rowStarts[row + 1] ?? 0));
      const cells: SampledCell[] = [];
      cursor.reset(block, 0, block.length);
      while (cursor.next()) {
        const { familyStart, familyLength, qualifierStart, qualifierLength, valueStart, valueLength } =
          cursor;
        cells.push({
          family: printName(block.subarray(familyStart, familyStart + familyLength)),
          qualifier: block.subarray(qualifierStart, qualifierStart + qualifierLength),
          timestamp: cursor.timestampMs(),
          value: block.subarray(valueStart, valueStart + valueLength),
        });
      }
      rows.push({ key: block.subarray(cursor.rowStart, cursor.rowStart + cursor.rowLength), cells, block });
    }
  return rows;
}
