// How many rows a range has: exactly, at the cost of a full read on the servers but of almost no transfer; or estimated from region
// sizes and a few sampled rows, in milliseconds.
import { inParallel } from '../../../../src/core/waiting/semaphore.ts';
import type { CallContext, CallOptions } from '../call-context.ts';
import { budgetFor } from '../call-context.ts';
import { skipCells } from '../wire/cell-block.ts';
import { countByCoprocessor } from './coprocessor-count.ts';
import type { KeyRange } from '../key-range.ts';
import { intersect, wholeTable } from '../key-range.ts';
import type { RegionLocation } from '../regions/region-location.ts';
import { addressOf } from '../messages/server-name.ts';
import { regionLoads } from '../admin/region-admin.ts';
import { TableScanner } from './scanner.ts';

const regionsAtOnce = 4;
const sampledRegions = 8;
const sampledRowsPerRegion = 100;
const megabyte = 1024 * 1024;
/** Sizes are told in whole MB: below this the estimate means nothing and counting is cheap. */
export const countBelowBytes = 8 * megabyte;

/** Length field, key and value lengths: what a cell has on the wire and not in a file. */
const wireBytesPerCell = 4;

export interface RowCount {
  readonly rows: number;
  readonly exact: boolean;
}

export interface CountOptions extends CallOptions {
  /** Does the work on one server (`host:port`) as soon as there is room there. Default: at once. */
  readonly onServer?: (server: string, work: () => Promise<number>) => Promise<number>;
}

/** Rows of ranges, apart from one another, that have at least one cell; all regions' servers read them in full. */
export async function countRows(
  context: CallContext,
  table: string,
  ranges: readonly KeyRange[],
  { onServer = (_, work) => work(), ...options }: CountOptions = {},
): Promise<RowCount> {
  const budget = budgetFor(context, options, `reading the regions of ${table}`);
  const regions = await context.locator.regions(table, budget, options.signal);
  const parts = regions.flatMap(({ info, server }) =>
    ranges.flatMap((range) => {
      const part = intersect({ start: info.startKey, stop: info.endKey }, range);
      return part === undefined ? [] : [{ part, server }];
    }),
  );
  let hasCoprocessor = true;
  const countPart = async (part: KeyRange): Promise<number> => {
    const counted = hasCoprocessor ? await countByCoprocessor(context, table, part, options) : undefined;
    if (counted !== undefined) return counted;
    hasCoprocessor = false;
    return await countRange(context, table, part, options);
  };
  const counts: number[] = [];
  await inParallel(parts, regionsAtOnce, async ({ part, server }) => {
    counts.push(await onServer(server === undefined ? '' : addressOf(server), () => countPart(part)));
  });
  return { rows: counts.reduce((sum, count) => sum + count, 0), exact: true };
}

/** A filter that keeps back every row by its key: the server counts what it kept back. */
async function countRange(
  context: CallContext,
  table: string,
  range: KeyRange,
  options: CallOptions,
): Promise<number> {
  const filter = { kind: 'random-row', chance: -1 } as const;
  const scanner = new TableScanner(context, { ...options, table, range, filter, trackMetrics: true });
  await drain(scanner);
  return Number(scanner.metrics.get('ROWS_FILTERED') ?? 0n) + scanner.rows;
}

async function drain(scanner: TableScanner): Promise<void> {
  const batches = scanner[Symbol.asyncIterator]();
  while ((await batches.next()).done !== true);
}

/**
 * Rows of a table, from its size. Too high where cells have many versions or were deleted, as the files hold those too; a small
 * table is counted.
 */
export async function estimateRows(
  context: CallContext,
  table: string,
  options: CallOptions = {},
): Promise<RowCount> {
  const loads = await regionLoads(context, table, options);
  const megabytes = loads.reduce((sum, load) => sum + load.uncompressedMegabytes + load.memstoreMegabytes, 0);
  if (megabytes * megabyte < countBelowBytes) return countRows(context, table, [wholeTable], options);
  const bytesPerRow = await sampleRowBytes(context, table, options);
  if (bytesPerRow === undefined) return countRows(context, table, [wholeTable], options);
  return { rows: Math.round((megabytes * megabyte) / bytesPerRow), exact: false };
}

/** Mean size of a row over the first rows of some regions; undefined when those have none. */
async function sampleRowBytes(
  context: CallContext,
  table: string,
  options: CallOptions,
): Promise<number | undefined> {
  const budget = budgetFor(context, options, `reading the regions of ${table}`);
  const regions = await context.locator.regions(table, budget, options.signal);
  const step = Math.max(1, Math.floor(regions.length / sampledRegions));
  const sampled = regions.filter((_, index) => index % step === 0);
  const samples = await Promise.all(sampled.map((region) => sampleRegion(context, region, options)));
  const rows = samples.reduce((sum, sample) => sum + sample.rows, 0);
  const bytes = samples.reduce((sum, sample) => sum + sample.bytes, 0);
  return rows === 0 ? undefined : bytes / rows;
}

async function sampleRegion(
  context: CallContext,
  { info }: RegionLocation,
  options: CallOptions,
): Promise<{ rows: number; bytes: number }> {
  const range = { start: info.startKey, stop: info.endKey };
  const limits = { readType: 'pread', limitRows: sampledRowsPerRegion } as const;
  const scanner = new TableScanner(context, { ...options, ...limits, table: info.table, range });
  let bytes = 0;
  for await (const { buffer, rowCount, rowStarts } of scanner) {
    const [start = 0, end = 0] = [rowStarts[0], rowStarts[rowCount]];
    for (let at = start; at < end; at = skipCells(buffer, at, 1, end)) bytes -= wireBytesPerCell;
    bytes += end - start;
  }
  return { rows: scanner.rows, bytes };
}
