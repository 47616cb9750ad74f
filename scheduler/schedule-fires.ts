// The fires of a job's schedule; its text is parsed once.
import type { CalendarSpec } from '../src/core/planning/calendar.ts';
import { SyncError } from '../src/core/errors.ts';
import type { Schedule } from '../src/core/schedule.ts';
import { findZone, localToUtc, utcToLocal, zoneAdvice, type Zone } from '../src/core/time/time-zone.ts';
import { countCronFires } from './cron/count-fires.ts';
import { nextFire, type Place } from './cron/cron.ts';
import type { Timing } from './cron/cron-expression.ts';
import { closedBy, nextOpenDay } from './open-days.ts';
import { boundsOf } from './schedule-bounds.ts';
import { parseTiming } from './cron/parse-timing.ts';

/** What of a schedule says when it fires, with its calendars in hand. */
export type When = Pick<Schedule, 'cron' | 'timeZone' | 'gap' | 'from' | 'until'> & {
  readonly calendars?: readonly CalendarSpec[];
};

/** A schedule whose calendars are in hand. */
export type Timetable = Omit<Schedule, 'calendars'> & When;

export function timetableOf(schedule: Schedule, calendars: readonly CalendarSpec[]): Timetable {
  return { ...schedule, calendars };
}

const msPerDay = 86_400_000;
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
  if (timing.kind === 'delay')
    return firstPossible(when, Math.max(from, (Math.ceil(afterMs / 1000) + timing.seconds) * 1000));
  let fire = unbounded(timing, { zone, gap: when.gap }, Math.max(afterMs, from - 1));
  while (fire !== null && fire <= until) {
    const opens = openFrom(when, zone, fire);
    if (opens === fire) return fire;
    fire = opens === null ? null : unbounded(timing, { zone, gap: when.gap }, opens - 1);
  }
  return null;
}

/** Of a fixed delay: `at`, or where that day is closed the beginning of the next open one; null: not before the end of the schedule. */
export function firstPossible(when: When, at: number): number | null {
  const zone = zoneOf(when.timeZone);
  const opens = openFrom(when, zone, at);
  return opens !== null && opens <= boundsOf(when, zone).until ? opens : null;
}

/** `at`, or where its day is closed the first instant of the next open day; null: no day is open any more. */
function openFrom({ calendars = [] }: When, zone: Zone, at: number): number | null {
  if (calendars.length === 0) return at;
  const day = dayIn(zone, at);
  if (closedBy(calendars, day) === null) return at;
  const next = nextOpenDay(calendars, day);
  return next === null ? null : localToUtc(zone, next * msPerDay);
}

/** The zone's day at an instant, in days since 1970. */
export function dayIn(zone: Zone, at: number): number {
  return Math.floor(utcToLocal(zone, at) / msPerDay);
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
export function countFires(when: When, { first, last }: { first: number; last: number }): number {
  const { calendars = [], ...everyDay } = when;
  if (calendars.length === 0) return countEveryDay(when, { first, last });
  const zone = zoneOf(when.timeZone);
  let count = 0;
  // By stretches of open days, each from its first fire on.
  for (let from: number | null = first; from !== null && from <= last;) {
    const closes = Math.min(closedAfter(calendars, zone, { from, last }), last + 1);
    count += countEveryDay(everyDay, { first: from, last: closes - 1 });
    from = fireAfter(when, closes - 1);
  }
  return count;
}

/** The first instant after `from`, an open one, of a day that is closed; behind `last`: there is none up to it. */
function closedAfter(
  calendars: readonly CalendarSpec[],
  zone: Zone,
  { from, last }: { from: number; last: number },
): number {
  const end = dayIn(zone, last);
  let day = dayIn(zone, from) + 1;
  while (day <= end && closedBy(calendars, day) === null) day += 1;
  return localToUtc(zone, day * msPerDay);
}

function countEveryDay(
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
