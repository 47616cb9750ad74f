// The fires of a job's schedule; a cron text is parsed once.
import type { Schedule } from '../src/core/job.ts';
import { nextFire, parseCron } from './cron/cron.ts';
import { type Cron } from './cron/cron-expression.ts';

type Timing = Pick<Schedule, 'cron' | 'timeZone'>;

const maxKept = 10_000;
const parsed = new Map<string, Cron>();

/** First fire strictly after `afterMs`; null: never again. Throws BAD_INPUT naming `schedule.cron` or `schedule.timeZone`. */
export function fireAfter({ cron, timeZone }: Timing, afterMs: number): number | null {
  return nextFire(cronOf(cron), timeZone, afterMs);
}

/** The last fire ≤ `untilMs`, no earlier than 1970; null: there was none. */
export function fireBefore(timing: Timing, untilMs: number): number | null {
  const first = fireAfter(timing, -1);
  if (first === null || first > untilMs) return null;
  return newestFires(timing, { first, last: untilMs, limit: 1 })[0] ?? null;
}

/** The newest fires in [first, last], newest first, at most `limit`; `first` itself is a fire. The work grows with `limit` only. */
export function newestFires(
  timing: Timing,
  { first, last, limit }: { first: number; last: number; limit: number },
): readonly number[] {
  const fires: number[] = [];
  let until = last;
  let gap = 1000;
  while (until >= first && fires.length < limit) {
    const fire = newestFire(timing, { first, until, gap });
    if (fires.length > 0) gap = (fires.at(-1) ?? fire) - fire;
    fires.push(fire);
    until = fire - 1;
  }
  return fires;
}

/** How many fires lie in [first, last]; stops counting at `max`. `first` itself is a fire. */
export function countFires(
  timing: Timing,
  { first, last, max }: { first: number; last: number; max: number },
): number {
  let count = 0;
  for (let at: number | null = first; at !== null && at <= last && count < max; at = fireAfter(timing, at))
    count++;
  return count;
}

/**
 * Steps back from `until`, doubling from `gap`, until a fire lies between; then closes in on the newest. Only `nextFire` is
 * needed for it: there is no second engine that could disagree.
 */
function newestFire(
  timing: Timing,
  { first, until, gap }: { first: number; until: number; gap: number },
): number {
  let low = first;
  for (let step = gap; until - step >= first; step *= 2) {
    const fire = fireAfter(timing, until - step);
    if (fire === null || fire > until) continue;
    low = fire;
    break;
  }
  let high = until;
  for (;;) {
    const following = fireAfter(timing, low);
    if (following === null || following > until) return low;
    low = following;
    const middle = fireAfter(timing, (low + high) / 2);
    if (middle !== null && middle <= until) low = middle;
    else high = (low + high) / 2;
  }
}

function cronOf(text: string): Cron {
  const known = parsed.get(text);
  if (known !== undefined) return known;
  const cron = parseCron(text);
  if (parsed.size >= maxKept) parsed.clear();
  parsed.set(text, cron);
  return cron;
}
