// The greatest value of a growing column among cells that are older than the lag: where the window ends. Only this column is
// asked for, and only values at or behind the last position. Any settled value is a sound end, a smaller one just makes the
// next run read more; so the search may stop when it has taken long enough.
import type { Clock } from '../../../src/core/clock.ts';
import { SyncError } from '../../../src/core/errors.ts';
import { ByteWriter } from '../../../src/core/record/row-format.ts';
import { patternBelow } from './below-pattern.ts';
import type { SourceColumn } from '../mapping/column-name.ts';
import { bytesOfName } from '../mapping/column-name.ts';
import type { GrowingColumn } from './growing-column.ts';
import { inTime } from '../plan/in-time.ts';
import type { HBaseClient } from '../client/client.ts';
import { CellBlockCursor } from '../client/wire/cell-block.ts';
import type { RegionLocation } from '../client/regions/region-location.ts';
import type { CellSelection } from '../client/messages/selection.ts';

export interface SettledSearch {
  readonly client: HBaseClient;
  readonly table: string;
  readonly regions: readonly RegionLocation[];
  readonly growing: GrowingColumn;
  readonly column: SourceColumn;
  /** Values below it are of no interest; null: all are. */
  readonly from: number | null;
  /** Cells written before this are settled, in ms. */
  readonly settledBefore: number;
  readonly concurrency: number;
  readonly clock: Clock;
  /** Where nearly nothing matches, the servers read the whole table and say nothing else than that they are alive. */
  readonly limitMs: number;
  readonly signal: AbortSignal;
}

export interface SettledValue {
  /** null: there is none. */
  readonly position: number | null;
  /** false: the time was up before all regions were searched. */
  readonly whole: boolean;
}

/** @throws SyncError MAPPING_INVALID when a value is too large to be a position */
export async function findSettledValue(search: SettledSearch): Promise<SettledValue> {
  const left = [...search.regions];
  let greatest: number | null = null;
  const whole = await inTime(search, async (signal) => {
    const worker = async (): Promise<void> => {
      for (let region = left.shift(); region !== undefined; region = left.shift())
        for await (const position of positionsIn({ ...search, signal }, region))
          if (greatest === null || position > greatest) greatest = position;
    };
    await Promise.all(Array.from({ length: search.concurrency }, worker));
    return true;
  });
  return { position: greatest, whole: whole ?? false };
}

/** The greatest position of each batch of rows. */
async function* positionsIn(search: SettledSearch, region: RegionLocation): AsyncGenerator<number> {
  const { client, table, growing, settledBefore, signal } = search;
  const cells = new CellBlockCursor();
  const out = new ByteWriter();
  const scanner = client.scan({
    table,
    range: { start: region.info.startKey, stop: region.info.endKey },
    ...selectColumn(search),
    timeRange: { from: 0n, to: BigInt(settledBefore) },
    signal,
  });
  for await (const { buffer, rowStarts, rowCount } of scanner) {
    let greatest = -Infinity;
    cells.reset(buffer, rowStarts[0] ?? 0, rowStarts[rowCount] ?? 0);
    while (cells.next()) {
      out.length = 0;
      if (growing.field.write(out, buffer, cells.valueStart, cells.offset) !== null) continue;
      const position = growing.positionOf(out.bytes.toString('latin1', 0, out.length));
      if (position > greatest) greatest = position;
    }
    if (greatest > Number.MAX_SAFE_INTEGER) throw tooLarge(growing, greatest);
    if (greatest > -Infinity) yield greatest;
  }
}

function selectColumn({ growing, column, from }: SettledSearch): CellSelection {
  const [family, qualifier] = [bytesOfName(column.family), bytesOfName(column.qualifier)];
  const pattern = from === null ? null : patternBelow(growing, from);
  return {
    families: [{ family, qualifiers: [qualifier] }],
    ...(pattern !== null && { filter: { kind: 'value-not-matching', family, qualifier, pattern } }),
  };
}

function tooLarge({ field }: GrowingColumn, position: number): SyncError {
  return new SyncError('MAPPING_INVALID', {
    message: `looking for the greatest ${field.source}: about ${position} is beyond 2^53, up to where positions are exact; increment by a time, or by cell timestamp`,
    field: 'pkuse.incrementreadfields',
  });
}
