// Cutting the regions of a table, all together with a bounded number of small reads in a bounded time.
import type { Clock } from '../../../src/core/clock.ts';
import { inParallel, Semaphore } from '../../../src/core/waiting/semaphore.ts';
import { inTime } from './in-time.ts';
import type { KeyReader } from './key-tree.ts';
import { cutRange } from './region-cuts.ts';
import type { HBaseClient } from '../client/client.ts';
import { rowKeyAt } from '../client/wire/cell-block.ts';
import { rowKeysFilter } from '../client/filters.ts';
import type { KeyRange } from '../client/key-range.ts';
import type { RegionLocation } from '../client/regions/region-location.ts';

const readsAtOnce = 8;
const regionsAtOnce = 4;
/** Of one plan: some seconds of a busy cluster. */
const mostReads = 20_000;
const readsPerPiece = 120;
/** To find where it is that many keys lie close together. */
const readsPerRegion = 1_000;
/** After so much of the time what is known must do. */
const readingShare = 0.8;

export interface WantedCuts {
  readonly region: RegionLocation;
  readonly pieces: number;
  /** About how many rows it has. */
  readonly rows: number;
  /** Some of them are in files. */
  readonly hasFiles: boolean;
}

export interface CutContext {
  readonly client: HBaseClient;
  readonly table: string;
  readonly clock: Clock;
  readonly retryBudgetMs: number;
  /** Regions that nobody looked into by then are left whole. */
  readonly limitMs: number;
  readonly signal: AbortSignal;
}

/** By the start of a region in hex: keys within the region, ascending, at most pieces − 1. */
export async function cutRegions(
  context: CutContext,
  wanted: readonly WantedCuts[],
): Promise<ReadonlyMap<string, readonly Buffer[]>> {
  const cuts = new Map<string, readonly Buffer[]>();
  // A single read, too, may take long: over rows that were deleted, say.
  await inTime(context, (signal) => cutInto(cuts, { ...context, signal }, wanted));
  return cuts;
}

async function cutInto(
  cuts: Map<string, readonly Buffer[]>,
  context: CutContext,
  wanted: readonly WantedCuts[],
): Promise<void> {
  const allPieces = wanted.reduce((sum, { pieces }) => sum + pieces, 0);
  const { clock, limitMs } = context;
  const until = clock.now() + limitMs * readingShare;
  const gate = new Semaphore(readsAtOnce);
  await inParallel(wanted, regionsAtOnce, async ({ region, pieces, rows, hasFiles }) => {
    if (clock.now() >= until) return;
    const wish = readsPerRegion + readsPerPiece * pieces;
    const reads = Math.min(wish, (mostReads * pieces) / allPieces);
    const reader = new TableKeys({ ...context, gate, until, reads });
    const anchor = hasFiles ? await findMiddle(context, region) : undefined;
    const range = { start: region.info.startKey, stop: region.info.endKey };
    const request = { range, pieces, keys: rows };
    const keys = await cutRange({ reader, random: Math.random, anchor }, request);
    cuts.set(region.info.startKey.toString('hex'), keys);
  });
}

/** Where many rows lie about, if they lie close together. Not being told is no harm: it may be denied, or the region has moved. */
async function findMiddle(context: CutContext, region: RegionLocation): Promise<Buffer | undefined> {
  try {
    return await context.client.bestSplitRow(region, context);
  } catch {
    context.signal.throwIfAborted();
    return undefined;
  }
}

class TableKeys implements KeyReader {
  readonly #options: CutContext & {
    readonly gate: Semaphore;
    readonly until: number;
    readonly reads: number;
  };
  #reads = 0;

  constructor(
    options: CutContext & { readonly gate: Semaphore; readonly until: number; readonly reads: number },
  ) {
    this.#options = options;
  }

  get left(): number {
    const { clock, until, reads } = this.#options;
    return clock.now() < until ? reads - this.#reads : 0;
  }

  first(range: KeyRange, limit: number): Promise<Buffer[]> {
    return this.#read(range, limit, false);
  }

  async last(range: KeyRange): Promise<Buffer | null> {
    return (await this.#read(range, 1, true))[0] ?? null;
  }

  #read(range: KeyRange, limitRows: number, reversed: boolean): Promise<Buffer[]> {
    const { client, table, gate, retryBudgetMs, signal } = this.#options;
    this.#reads += 1;
    return gate.run(async () => {
      const keys: Buffer[] = [];
      const scan = {
        table,
        range,
        limitRows,
        reversed,
        filter: rowKeysFilter(),
        readType: 'pread',
        retryBudgetMs,
        signal,
      } as const;
      for await (const { buffer, rowCount, rowStarts } of client.scan(scan))
        for (let row = 0; row < rowCount; row += 1)
          keys.push(Buffer.from(rowKeyAt(buffer, rowStarts[row] ?? 0)));
      return keys;
    });
  }
}
