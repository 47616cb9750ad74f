// Splits: a table cut into key ranges small enough that reading one again costs seconds. One region or a part of one each, at
// the time of the plan; a split is a key range, so later moves and splits of regions change nothing.
import type { SourceColumn } from './cell-decoder.ts';
import { SyncError } from '../../src/core/errors.ts';
import type { IncrementWay } from './increments.ts';
import { cutRange } from './key-cuts.ts';
import { addressOf } from './rpc/messages/server-name.ts';
import type { RegionSample, TableSample } from './table-sample.ts';

/** A split as the plan stores it (JSON). Keys in hex. */
export interface HBaseSplit {
  readonly start: string;
  /** '' = to the last row. */
  readonly stop: string;
  /** Where the range was served when planned; only used to spread the load. */
  readonly server: string;
  /** The mapping's `sourceFiled`, by field, and the columns they mean; null = the row key, or no column at all. */
  readonly sources: readonly string[];
  readonly columns: readonly (SourceColumn | null)[];
  /** The table's families: a bare name must not turn up in another one. */
  readonly families: readonly string[];
  /** The names were not looked up, because the table was empty: a row here is a contradiction. */
  readonly guessed: boolean;
  /** Names the columns to the server instead of reading whole rows. */
  readonly narrow: boolean;
  /** How an increment by cell timestamp is read here. */
  readonly way: IncrementWay;
  /** A full read follows the deletes of [this, end of the window) by their markers, in ms; null: there was no run before. */
  readonly markersFrom: number | null;
  /** Fields whose column no sampled row had, by index: a full read says which of them it met nowhere. */
  readonly unseen: readonly number[];
}

interface PlannedRange {
  /** Name of the region it lies in when planned, in hex. */
  readonly region: string;
  readonly start: Buffer;
  readonly stop: Buffer;
  readonly server: string;
}

export interface RangePlan {
  readonly ranges: readonly PlannedRange[];
  /** Rows in all, estimated from the regions' sizes. */
  readonly estimatedRows: number;
}

export interface RangeRequest {
  readonly sample: TableSample;
  /** Bytes by region name in hex, as its server tells. */
  readonly sizes: ReadonlyMap<string, number>;
  /** About the last key of the table, where it is worth knowing. */
  readonly lastKey: Buffer | null;
  /** Ranges that may be read at a time: there should be as many. */
  readonly concurrency: number;
  /** May a range begin at this key? Default: at any. */
  readonly isBound?: (key: Buffer) => boolean;
}

const rowsPerSplit = 250_000;
/** A split below this costs more than it gains. */
const worthCutting = 20_000;
const maxPiecesPerRegion = 64;

export function planRanges({ sample, sizes, lastKey, concurrency, isBound }: RangeRequest): RangePlan {
  const bytesPerRow = meanRowBytes(sample);
  const rows = sample.regions.map((region) => estimateRegion(region, sizes, bytesPerRow));
  const estimatedRows = rows.reduce((sum, estimate) => sum + estimate, 0);
  const perSplit = Math.min(rowsPerSplit, Math.max(worthCutting, Math.ceil(estimatedRows / concurrency)));
  const byRegion = sample.regions.map((region, index) => {
    const pieces = Math.min(maxPiecesPerRegion, Math.max(1, Math.ceil((rows[index] ?? 0) / perSplit)));
    return cutRegion(region, pieces, lastKey);
  });
  const ranges = isBound === undefined ? byRegion.flat() : joinAt(byRegion.flat(), isBound);
  return { ranges: spreadOverServers(ranges), estimatedRows };
}

/** Joins ranges that may not be told apart at the key between them. */
function joinAt(ranges: readonly PlannedRange[], isBound: (key: Buffer) => boolean): PlannedRange[] {
  const joined: PlannedRange[] = [];
  for (const range of ranges) {
    const before = joined.at(-1);
    if (before === undefined || isBound(range.start)) joined.push(range);
    else joined[joined.length - 1] = { ...before, stop: range.stop };
  }
  return joined;
}

function meanRowBytes(sample: TableSample): number {
  const bytes = sample.regions.reduce((sum, region) => sum + region.bytes, 0);
  return sample.rows === 0 ? 0 : bytes / sample.rows;
}

/** Sizes come in whole MB: for a region below one, half of it is as good a guess as any. */
function estimateRegion(
  sample: RegionSample,
  sizes: ReadonlyMap<string, number>,
  bytesPerRow: number,
): number {
  if (sample.whole || bytesPerRow === 0) return sample.keys.length;
  const own = sample.keys.length === 0 ? bytesPerRow : sample.bytes / sample.keys.length;
  const size = sizes.get(sample.region.name.toString('hex')) ?? 0;
  return Math.max(sample.keys.length, Math.round((size === 0 ? 512 * 1024 : size) / own));
}

function cutRegion({ region, keys }: RegionSample, pieces: number, lastKey: Buffer | null): PlannedRange[] {
  const { startKey, endKey } = region.info;
  const server = region.server === undefined ? '' : addressOf(region.server);
  const known = endKey.length === 0 && lastKey !== null ? [...keys, lastKey] : keys;
  const cuts = pieces === 1 ? [] : cutRange({ start: startKey, stop: endKey, pieces, keys: known });
  const starts = [startKey, ...cuts];
  const name = region.name.toString('hex');
  return starts.map((start, index) => ({ start, stop: starts[index + 1] ?? endKey, server, region: name }));
}

/** Takes the servers in turn, so that ranges read at the same time lie on different ones. */
function spreadOverServers(ranges: readonly PlannedRange[]): PlannedRange[] {
  const queues = new Map<string, PlannedRange[]>();
  for (const range of ranges) {
    const queue = queues.get(range.server);
    if (queue === undefined) queues.set(range.server, [range]);
    else queue.push(range);
  }
  const spread: PlannedRange[] = [];
  while (spread.length < ranges.length) {
    for (const queue of queues.values()) {
      const next = queue.shift();
      if (next !== undefined) spread.push(next);
    }
  }
  return spread;
}

export function writeSplit(split: HBaseSplit): string {
  return JSON.stringify(split);
}

/** @throws SyncError PLAN_LOST when it is not what writeSplit wrote */
export function readSplitText(text: string): HBaseSplit {
  try {
    const split = JSON.parse(text) as Partial<HBaseSplit>;
    if (typeof split.start === 'string' && typeof split.stop === 'string' && Array.isArray(split.columns))
      return {
        server: '',
        sources: [],
        families: [],
        guessed: false,
        narrow: false,
        way: 'keys',
        markersFrom: null,
        unseen: [],
        ...split,
      } as HBaseSplit;
  } catch (cause) {
    throw new SyncError('PLAN_LOST', { message: 'reading a split of the plan', cause });
  }
  throw new SyncError('PLAN_LOST', { message: 'reading a split of the plan: it is none of an HBase source' });
}
