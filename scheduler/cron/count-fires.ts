// How many fires lie in a stretch of time, without walking over them: by stretches of constant offset, whole days at once. The same
// rules for moved clocks as in cron.ts.
import type { Segment } from '../../src/core/time/zone-offsets.ts';
import { civilFromDays, daysFromCivil } from '../../src/core/time/civil-date.ts';
import type { Place } from './cron.ts';
import { firstFixed } from './cron.ts';
import type { Cron, Sixty } from './cron-expression.ts';
import { daysOfMonth } from './cron-days.ts';

const day = 86_400;

/** Fires in [firstMs, lastMs]. The work grows with the months between, not with the fires. */
export function countCronFires(
  cron: Cron,
  place: Place,
  { firstMs, lastMs }: { readonly firstMs: number; readonly lastMs: number },
): number {
  const end = Math.floor(lastMs / 1000) + 1;
  let count = 0;
  for (let at = Math.ceil(firstMs / 1000); at < end;) {
    const segment = place.zone.segmentAt(at);
    count += countInSegment(cron, place, { segment, at, end: Math.min(end, segment.end) });
    at = segment.end;
  }
  return count;
}

interface Stretch {
  readonly segment: Segment;
  /** Seconds: [at, end), all of it in the segment. */
  readonly at: number;
  readonly end: number;
}

function countInSegment(cron: Cron, { gap }: Place, { segment, at, end }: Stretch): number {
  const until = end + segment.offset;
  if (cron.interval) return countWallTimes(cron, at + segment.offset, until);
  const from = firstFixed(segment, at, gap);
  const shown = Math.max(from, at + segment.offset);
  // What a gap left out falls together with the first instant after it.
  const leftOut = from < shown && countWallTimes(cron, from, Math.min(shown + 1, until)) > 0 ? 1 : 0;
  return leftOut + countWallTimes(cron, leftOut === 1 ? shown + 1 : shown, until);
}

/** Wall times in [from, to), both in seconds as if the wall clock showed UTC. */
function countWallTimes(cron: Cron, from: number, to: number): number {
  if (to <= from) return 0;
  return countUntil(cron, from, to) - countUntil(cron, from, from);
}

/** Wall times from the beginning of the day of `from` to just before `to`. */
function countUntil(cron: Cron, from: number, to: number): number {
  const [first, last] = [Math.floor(from / day), Math.floor(to / day)];
  const whole = countDays(cron, first, last) * countTimes(cron, day);
  return whole + (countDays(cron, last, last + 1) === 0 ? 0 : countTimes(cron, to - last * day));
}

/** Matching days in [from, to). */
function countDays(cron: Cron, from: number, to: number): number {
  let count = 0;
  for (let at = from; at < to;) {
    const { year, month, day: first } = civilFromDays(at);
    const next = month === 12 ? daysFromCivil(year + 1, 1, 1) : daysFromCivil(year, month + 1, 1);
    const days = Math.min(to, next) - at;
    const named = (cron.months >>> month) & 1 && (cron.years === null || cron.years.includes(year));
    if (named) count += bitCount(daysOfMonth(cron.days, year, month) & bitsBetween(first, first + days));
    at = next;
  }
  return count;
}

/** Matching seconds of a day before `until`. */
function countTimes({ hours, minutes, seconds }: Cron, until: number): number {
  const [hour, minute, second] = [Math.floor(until / 3600), Math.floor(until / 60) % 60, until % 60];
  const perMinute = countBelow(seconds, 60);
  const perHour = countBelow(minutes, 60) * perMinute;
  const before = bitCount(hours & bitsBetween(0, hour)) * perHour;
  if (hour > 23 || ((hours >>> hour) & 1) === 0) return before;
  const inHour = before + countBelow(minutes, minute) * perMinute;
  const hasMinute = countBelow(minutes, minute + 1) > countBelow(minutes, minute);
  return hasMinute ? inHour + countBelow(seconds, second) : inHour;
}

function countBelow({ low, high }: Sixty, end: number): number {
  return (
    bitCount(low & bitsBetween(0, Math.min(end, 30))) + bitCount(high & bitsBetween(0, Math.max(0, end - 30)))
  );
}

/** Bits from … to − 1; `to` is at most 32. */
function bitsBetween(from: number, to: number): number {
  const below = (n: number): number => (n >= 32 ? -1 : (1 << n) - 1);
  return below(to) & ~below(from);
}

function bitCount(bits: number): number {
  let rest = bits - ((bits >>> 1) & 0x5555_5555);
  rest = (rest & 0x3333_3333) + ((rest >>> 2) & 0x3333_3333);
  return Math.imul((rest + (rest >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
}
