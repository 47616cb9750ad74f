// A table cut into key ranges, each small enough that reading it again is cheap. Bounds are values of the key, so that what is written
// meanwhile changes no range.
//
//   one column of whole numbers   evenly between least and greatest; a range that holds many more than its share is halved, as often as
//                                 the server's guess says so: numbers have gaps
//   any other key                 every so manieth key, walking along the index
import type { Clock } from '../../../src/core/clock.ts';
import type { ReadPlace, SourceColumn, SourceSession } from './dialect.ts';
import type { Bound, KeyRange } from './plan-text.ts';
import { wholeTable } from './plan-text.ts';
import { atOrBehind, boundingOnly, rangeConditions, whereSql } from './select.ts';

export interface Cutting {
  readonly session: SourceSession;
  readonly place: ReadPlace;
  /** The key's columns; empty: the table can't be cut. */
  readonly bounds: readonly SourceColumn[];
  readonly rows: number;
  /** Ranges that may be read at a time: there should be as many. */
  readonly concurrency: number;
  /** A split of fewer costs more than it gains. */
  readonly leastRows: number;
  readonly clock: Clock;
  readonly limitMs: number;
}

const rowsPerSplit = 250_000;
const manySplits = 4_096;

/** In key order; one that holds everything where cutting is not worth while. */
export async function cutTable(cutting: Cutting): Promise<readonly KeyRange[]> {
  const { bounds, rows, concurrency, leastRows } = cutting;
  const [only, second] = bounds;
  const perSplit = Math.max(
    leastRows,
    Math.min(rowsPerSplit, Math.ceil(rows / concurrency)),
    Math.ceil(rows / manySplits),
  );
  if (only === undefined || rows < leastRows * 2) return [wholeTable];
  if (only.order === 'number' && second === undefined) return cutNumbers(cutting, only, perSplit);
  return rangesBetween(await walk(cutting, perSplit));
}

async function cutNumbers(
  cutting: Cutting,
  column: SourceColumn,
  perSplit: number,
): Promise<readonly KeyRange[]> {
  const { session, place, rows } = cutting;
  const name = session.words.quote(column.name);
  const from = `${session.words.from(place)}${whereSql(boundingOnly(column, session.words))}`;
  const [found] = await session.read(`SELECT MIN(${name}), MAX(${name}) FROM ${from}`);
  const [least, greatest] = found ?? [];
  if (least == null || greatest == null || !/^-?\d+$/.test(least) || !/^-?\d+$/.test(greatest))
    return [wholeTable];
  const [low, high] = [BigInt(least), BigInt(greatest)];
  const pieces = BigInt(Math.max(1, Math.min(manySplits, Math.ceil(rows / perSplit))));
  const width = high - low + 1n;
  const cuts: bigint[] = [];
  for (let piece = 1n; piece < pieces; piece += 1n) cuts.push(low + (width * piece) / pieces);
  const inner = await halveFull(cutting, column, { cuts: [low, ...new Set(cuts), high + 1n], perSplit });
  return rangesBetween(inner.map((cut) => [String(cut)]));
}

/** Returns the bounds between ranges. The outermost are open: rows may be written beyond them. */
async function halveFull(
  cutting: Cutting,
  column: SourceColumn,
  { cuts, perSplit }: { readonly cuts: readonly bigint[]; readonly perSplit: number },
): Promise<readonly bigint[]> {
  const { session, place, clock, limitMs } = cutting;
  const deadline = clock.monotonic() + limitMs;
  const done: bigint[] = [];
  const open = cuts
    .slice(0, -1)
    .map((from, index) => ({ from, until: cuts[index + 1] ?? from }))
    .reverse();
  for (let range = open.pop(); range !== undefined; range = open.pop()) {
    const { from, until } = range;
    const hasTime = clock.monotonic() < deadline && done.length + open.length < manySplits;
    const guess = hasTime && until - from > 1n ? await estimate(from, until) : 0;
    if (guess > perSplit * 2) {
      const middle = from + (until - from) / 2n;
      open.push({ from: middle, until }, { from, until: middle });
    } else done.push(from);
  }
  return done.slice(1);

  async function estimate(from: bigint, until: bigint): Promise<number> {
    const { words } = session;
    const where = whereSql(
      rangeConditions(words, [column], { from: [String(from)], until: [String(until)] }),
    );
    return (await session.estimate(`SELECT * FROM ${words.from(place)}${where}`)) ?? 0;
  }
}

/** Every `perSplit`th key; when the time is up, or at one that can bound none, what is left is one range. */
async function walk(cutting: Cutting, perSplit: number): Promise<readonly NonNullable<Bound>[]> {
  const { session, place, bounds, clock, limitMs } = cutting;
  const { words } = session;
  const deadline = clock.monotonic() + limitMs;
  const names = bounds.map(({ name }) => words.quote(name));
  const values = bounds.map(({ bound }, index) => bound(names[index] ?? ''));
  const found: NonNullable<Bound>[] = [];
  while (clock.monotonic() < deadline && found.length < manySplits) {
    const last = found.at(-1);
    const where = last === undefined ? '' : whereSql([atOrBehind(words, bounds, last, '>=')]);
    const sql = `SELECT ${values.join(', ')} FROM ${words.from(place)}${where} ORDER BY ${names.join(', ')} LIMIT 1 OFFSET ${perSplit}`;
    const [row] = await session.read(sql);
    const bound = row?.filter((value) => value !== null) ?? [];
    if (bound.length < names.length) break;
    found.push(bound);
  }
  return found;
}

function rangesBetween(cuts: readonly NonNullable<Bound>[]): readonly KeyRange[] {
  const starts: Bound[] = [null, ...cuts];
  return starts.map((from, index) => ({ from, until: starts[index + 1] ?? null }));
}
