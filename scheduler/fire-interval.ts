// The interval that a fire owns: from the fire before it by the same schedule, up to itself. Pure.
//
// The schedule's bounds cut no interval: the first fire of a daily job owns a day. Days that a calendar has closed belong to the next
// fire. A fixed delay counts from the end of runs, so its fires own none.
import type { Interval } from '../src/core/planning/interval.ts';
import { firesBefore, timingOf, type When } from './schedule-fires.ts';

/** `first` and `last` are fires of the schedule; what several instants own is one interval. Throws BAD_INPUT as fireAfter does. */
export function intervalOf(
  when: When,
  { first, last }: { readonly first: number; readonly last: number },
): Interval | null {
  if (timingOf(when.cron).kind === 'delay') return null;
  return { from: firesBefore(withoutBounds(when), first - 1, 1)[0] ?? null, to: last };
}

/** The newest `limit` whose fires lie in (from, to], newest first. Throws BAD_INPUT as fireAfter does. */
export function intervalsIn(
  when: When,
  { from, to, limit }: { readonly from: number; readonly to: number; readonly limit: number },
): readonly Interval[] {
  const fires = firesBefore(when, to, limit).filter((fire) => fire > from);
  return fires.flatMap((fire, at) => {
    const before = fires[at + 1];
    if (before !== undefined) return [{ from: before, to: fire }];
    return intervalOf(when, { first: fire, last: fire }) ?? [];
  });
}

/** `from` and `until` cut no interval. */
export function withoutBounds({ cron, timeZone, gap, calendars }: When): When {
  return calendars === undefined ? { cron, timeZone, gap } : { cron, timeZone, gap, calendars };
}
