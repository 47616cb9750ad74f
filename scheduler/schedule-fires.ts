// The fires of a job's schedule; its text is parsed once.
import { SyncError } from '../src/core/errors.ts';
import type { Schedule } from '../src/core/schedule.ts';
import { findZone, zoneAdvice, type Zone } from '../src/core/time-zone.ts';
import { countCronFires } from './cron/count-fires.ts';
import { nextFire, type Place } from './cron/cron.ts';
import type { Timing } from './cron/cron-expression.ts';
import { boundsOf } from './schedule-bounds.ts';
import { parseTiming } from './cron/parse-timing.ts';

/** What of a schedule says when it fires. */
export type When = Pick<Schedule, 'cron' | 'timeZone' | 'gap' | 'from' | 'until'>;

const maxKept = 10_000;
const parsed = new Map<string, Timing>();

/**
 * First fire strictly after `afterMs`; null: never again. Of a fixed delay: the first if a run had ended then. Throws BAD_INPUT
 * naming `schedule.cron`, `schedule.timeZone`, `schedule.from` or `schedule.until`.
 */
export function fireAfter(when: When, afterMs: number): number | null {
  const zone = zoneOf(when.timeZone);
  const { from, until } = boundsOf(when, zone);
  const timing = timingOf(when.cron);
  // What counts from the end of a run has no instants before it either.
  const fire =
    timing.kind === 'delay'
      ? Math.max(from, (Math.ceil(afterMs / 1000) + timing.seconds) * 1000)
      : unbounded(timing, { zone, gap: when.gap }, Math.max(afterMs, from - 1));
  return fire !== null && fire <= until ? fire : null;
}

function unbounded(timing: Exclude<Timing, { kind: 'delay' }>, place: Place, afterMs: number): number | null {
  if (timing.kind === 'cron') return nextFire(timing.cron, place, afterMs);
  return (Math.floor(afterMs / 1000 / timing.seconds) + 1) * timing.seconds * 1000;
}

/** The newest `count` fires ≤ `untilMs`, newest first, none earlier than 1970. Of a fixed delay: none, its runs say it. */
export function firesBefore(when: When, untilMs: number, count: number): readonly number[] {
  if (timingOf(when.cron).kind === 'delay') return [];
  const first = fireAfter(when, -1);
  if (first === null || first > untilMs) return [];
  return newestFires(when, { first, last: untilMs, limit: count });
}

/** The newest fires in [first, last], newest first, at most `limit`; `first` itself is a fire. The work grows with `limit` only. */
export function newestFires(
  when: When,
  { first, last, limit }: { first: number; last: number; limit: number },
): readonly number[] {
  const fires: number[] = [];
  let until = last;
  let gap = 1000;
  while (until >= first && fires.length < limit) {
    const fire = newestFire(when, { first, until, gap });
    if (fires.length > 0) gap = (fires.at(-1) ?? fire) - fire;
    fires.push(fire);
    until = fire - 1;
  }
  return fires;
}

/** How many fires lie in [first, last]; `first` itself is one. Throws BAD_INPUT as fireAfter does. */
export function countFires(
  { cron, timeZone, gap }: When,
  { first, last }: { first: number; last: number },
): number {
  const timing = timingOf(cron);
  switch (timing.kind) {
    case 'cron':
      return countCronFires(timing.cron, { zone: zoneOf(timeZone), gap }, { firstMs: first, lastMs: last });
    case 'rate':
      return Math.floor((last - first) / (timing.seconds * 1000)) + 1;
    case 'delay':
      return 1;
  }
}

/** The newest fire in [first, last); null: there is none, so `last` is the first. `first` itself is a fire. */
export function fireBefore(when: When, { first, last }: { first: number; last: number }): number | null {
  return newestFires(when, { first, last: last - 1, limit: 1 })[0] ?? null;
}

/**
 * Steps back from `until`, doubling from `gap`, until a fire lies between; then closes in on the newest. Only `fireAfter` is
 * needed for it: there is no second engine that could disagree.
 */
function newestFire(
  when: When,
  { first, until, gap }: { first: number; until: number; gap: number },
): number {
  let low = first;
  for (let step = gap; until - step >= first; step *= 2) {
    const fire = fireAfter(when, until - step);
    if (fire === null || fire > until) continue;
    low = fire;
    break;
  }
  let high = until;
  for (;;) {
    const following = fireAfter(when, low);
    if (following === null || following > until) return low;
    low = following;
    const middle = fireAfter(when, (low + high) / 2);
    if (middle !== null && middle <= until) low = middle;
    else high = (low + high) / 2;
  }
}

/** Throws BAD_INPUT naming `schedule.cron`. */
export function timingOf(text: string): Timing {
  const known = parsed.get(text);
  if (known !== undefined) return known;
  const timing = parseTiming(text);
  if (parsed.size >= maxKept) parsed.clear();
  parsed.set(text, timing);
  return timing;
}

/** Throws BAD_INPUT naming `schedule.timeZone`. */
export function zoneOf(name: string): Zone {
  const zone = findZone(name);
  if (zone !== null) return zone;
  const message = `time zone ${JSON.stringify(name)} does not exist; ${zoneAdvice(name)}`;
  throw new SyncError('BAD_INPUT', { message, field: 'schedule.timeZone' });
}
