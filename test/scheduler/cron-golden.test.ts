// The engine against recorded answers of xxl-job 3.4.2's Quartz parser (test/golden/cron-golden.jsonl: expression, zone, instant,
// next fires or an error; `next242`: 2.4.2's where they differ). What the recorded engine would have said is derived from our
// fires by the rules below; a line that none of them explains fails.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { Cron } from '../../scheduler/cron/cron-expression.ts';
import { nextFire } from '../../scheduler/cron/cron.ts';
import { findWallTime } from '../../scheduler/cron/find-wall-time.ts';
import { parseCron } from '../../scheduler/cron/parse-cron.ts';
import { findZone, utc, type Zone } from '../../src/core/time/time-zone.ts';

interface Recorded {
  readonly expr: string;
  readonly zone: string;
  readonly from: number;
  readonly next: readonly number[] | string;
  readonly next242?: readonly number[] | string;
}

const recorded = readFileSync(new URL('../golden/cron-golden.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Recorded);

/**
 * - next242: 3.4.2 loses times of day on days that `W` moved, or that it counts from the month's end; 2.4.2 does not
 * - gap: it skips fixed times that a clock put forward leaves out
 * - overlap: it knows one pass of the times that a clock put back shows twice
 * - far year: it ends a hundred years from the year of the recording
 */
type Difference = 'next242' | 'gap' | 'overlap' | 'far year' | 'unexplained';

/** null: no difference. */
function compare(line: Recorded): Difference | null {
  const cron = parse(line.expr);
  if (cron === null) return typeof line.next === 'string' ? null : 'unexplained';
  if (typeof line.next === 'string') return 'unexplained';
  const ours = fires(cron, line, line.from);
  if (isSame(ours, line.next)) return null;
  if (typeof line.next242 === 'object' && isSame(ours, line.next242)) return 'next242';
  const derived: readonly [Difference, readonly number[]][] = [
    ['gap', withoutGaps(cron, line)],
    ['overlap', secondPasses(cron, line)],
    ['far year', ours.filter((at) => new Date(at).getUTCFullYear() <= lastRecordedYear)],
  ];
  for (const [difference, expected] of derived) if (isSame(expected, line.next)) return difference;
  return 'unexplained';
}

const lastRecordedYear = 2126;

function parse(expr: string): Cron | null {
  try {
    return parseCron(expr).cron;
  } catch {
    return null;
  }
}

function zoneOf({ zone }: Recorded): Zone {
  return findZone(zone) ?? utc;
}

/** Many enough that leaving some out leaves as many as were recorded. */
function fires(cron: Cron, line: Recorded, from: number): readonly number[] {
  const place = { zone: zoneOf(line), gap: 'run' } as const;
  const found: number[] = [];
  for (let at = nextFire(cron, place, from); at !== null && found.length < 8; at = nextFire(cron, place, at))
    found.push(at);
  return found;
}

function isSame(found: readonly number[], next: readonly number[]): boolean {
  const ended = next.length < 3 && found.length !== next.length;
  return !ended && next.every((at, n) => at === found[n]);
}

/** The recorded engine skips fixed times in a gap. */
function withoutGaps(cron: Cron, line: Recorded): readonly number[] {
  return fires(cron, line, line.from).filter((at) => isNamed(cron, zoneOf(line), at));
}

function isNamed(cron: Cron, zone: Zone, at: number): boolean {
  const wall = at / 1000 + zone.segmentAt(at / 1000).offset;
  return findWallTime(cron, wall) === wall;
}

/** Seconds by which the clock is put back at the end of the pass that `at` lies in, if it is the first of two; 0. */
function putBackAfter(zone: Zone, at: number): number {
  const { offset, end, nextOffset } = zone.segmentAt(Math.floor(at / 1000));
  const by = Math.max(0, offset - nextOffset);
  return at / 1000 >= end - by ? by : 0;
}

/**
 * It takes each wall time that is shown twice for the second: fixed times run then, intervals have no first pass, and who starts
 * within the first pass is taken to be in the second.
 */
function secondPasses(cron: Cron, line: Recorded): readonly number[] {
  const zone = zoneOf(line);
  const start = Math.floor(line.from / 1000) * 1000 + 1000;
  const shown = start + putBackAfter(zone, start) * 1000;
  const moved = everyPass(cron, line, shown).flatMap((at) => {
    const by = putBackAfter(zone, at);
    if (!isNamed(cron, zone, at)) return [];
    if (by === 0) return [at];
    return cron.interval ? [] : [at + by * 1000];
  });
  return moved.filter((at) => at >= shown);
}

/** From before the overlap to some behind `shown`. */
function everyPass(cron: Cron, line: Recorded, shown: number): readonly number[] {
  const place = { zone: zoneOf(line), gap: 'run' } as const;
  const found: number[] = [];
  let at = nextFire(cron, place, line.from - 4 * 3_600_000);
  for (let after = 0; at !== null && after < 8; at = nextFire(cron, place, at)) {
    found.push(at);
    if (at >= shown && putBackAfter(place.zone, at) === 0) after++;
  }
  return found;
}

it('answers as the recorded engine does, but for what the rules explain', () => {
  const counts: Record<string, number> = {};
  const unexplained: string[] = [];
  for (const line of recorded) {
    const difference = compare(line);
    if (difference === null) continue;
    counts[difference] = (counts[difference] ?? 0) + 1;
    if (difference === 'unexplained') unexplained.push(JSON.stringify(line));
  }
  expect(unexplained).toEqual([]);
  expect(counts).toMatchInlineSnapshot(`
    {
      "far year": 5,
      "gap": 31,
      "next242": 64,
      "overlap": 44,
    }
  `);
  expect(recorded).toHaveLength(5031);
});
