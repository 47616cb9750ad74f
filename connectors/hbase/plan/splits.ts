// Splits: a table cut into key ranges small enough that reading one again costs seconds. One region or a part of one each, at
// the time of the plan; a split is a key range, so later moves and splits of regions change nothing.
import { addressOf } from '../client/messages/server-name.ts';
import type { RegionLocation } from '../client/regions/region-location.ts';
import type { RegionSample, TableSample } from './table-sample.ts';

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

export interface RegionPieces {
  readonly sample: RegionSample;
  /** Estimated. */
  readonly rows: number;
  /** Into how many ranges it should be cut. */
  readonly pieces: number;
}

export interface PieceRequest {
  readonly sample: TableSample;
  /** Bytes by region name in hex, as its server tells. */
  readonly sizes: ReadonlyMap<string, number>;
  /** Ranges that may be read at a time: there should be as many. */
  readonly concurrency: number;
}

const bytesPerSplit = 64 * 1024 * 1024;
const rowsPerSplit = 250_000;
/** A split below this costs more than it gains. */
const worthCutting = 20_000;
const maxPiecesPerRegion = 256;
/** Of a table so large that its splits would be more, they are larger. */
const manySplits = 4_096;

/** How large each region is, and in how many ranges it should be read. */
export function planPieces({ sample, sizes, concurrency }: PieceRequest): readonly RegionPieces[] {
  const bytesPerRow = meanRowBytes(sample);
  const sizeOf = ({ region }: RegionSample): number => sizes.get(region.name.toString('hex')) ?? 0;
  const rows = sample.regions.map((region) => estimateRegion(region, sizeOf(region), bytesPerRow));
  const estimatedRows = rows.reduce((sum, estimate) => sum + estimate, 0);
  const bytes = sample.regions.reduce((sum, region) => sum + sizeOf(region), 0);
  const mostRows = Math.max(rowsPerSplit, Math.ceil(estimatedRows / manySplits));
  const mostBytes = Math.max(bytesPerSplit, bytes / manySplits);
  const perSplit = Math.min(mostRows, Math.max(worthCutting, Math.ceil(estimatedRows / concurrency)));
  return sample.regions.map((region, index) => {
    const count = rows[index] ?? 0;
    const pieces = Math.max(1, Math.ceil(count / perSplit), Math.round(sizeOf(region) / mostBytes));
    return { sample: region, rows: count, pieces: Math.min(pieces, maxPiecesPerRegion) };
  });
}

/** `cuts`: keys by the start of a region, or of its part that is read, in hex. `isBound`: may a range begin at this key? Default: at any. */
export function planRanges(
  regions: readonly RegionPieces[],
  cuts: ReadonlyMap<string, readonly Buffer[]>,
  isBound?: (key: Buffer) => boolean,
): RangePlan {
  const ranges = regions.flatMap(({ sample: { region } }) =>
    cutRegion(region, cuts.get(region.info.startKey.toString('hex')) ?? []),
  );
  const joined = isBound === undefined ? ranges : joinAt(ranges, isBound);
  return {
    ranges: spreadOverServers(joined),
    estimatedRows: regions.reduce((sum, { rows }) => sum + rows, 0),
  };
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
function estimateRegion(sample: RegionSample, size: number, bytesPerRow: number): number {
  if (sample.whole || bytesPerRow === 0) return sample.keys.length;
  const own = sample.keys.length === 0 ? bytesPerRow : sample.bytes / sample.keys.length;
  return Math.max(sample.keys.length, Math.round((size === 0 ? 512 * 1024 : size) / own));
}

function cutRegion({ info, name, server }: RegionLocation, cuts: readonly Buffer[]): PlannedRange[] {
  const starts = [info.startKey, ...cuts];
  const at = { server: server === undefined ? '' : addressOf(server), region: name.toString('hex') };
  return starts.map((start, index) => ({ ...at, start, stop: starts[index + 1] ?? info.endKey }));
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
