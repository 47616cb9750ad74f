// The cron engine: the next fire of a cron expression in a time zone. Pure. A fire is a wall-clock time of the zone, in whole seconds.
// Where the zone's clock is moved:
//
//                        put forward (gap)                                     put back (overlap)
//   interval schedule    the times left out are not there                      goes on through both passes
//   fixed times          run at the first instant after the gap, those that    run once, at the first pass
//                        fall together as one fire; `skip`: not at all
import type { Segment } from '../../src/core/time/zone-offsets.ts';
import type { Zone } from '../../src/core/time/time-zone.ts';
import type { Cron } from './cron-expression.ts';
import { findWallTime } from './find-wall-time.ts';

export interface Place {
  readonly zone: Zone;
  /** What becomes of fixed times that a clock put forward leaves out. */
  readonly gap: 'run' | 'skip';
}

/** No zone is further than this from UTC. */
const maxOffset = 16 * 3600;
/** Weekdays and leap days, and with them the days of clock changes, come round in 28 years: what was left out so often always is. */
const maxLeftOut = 28;

/** The first fire strictly after `afterMs`; null: never again. Bounded: the calendar up to its last year, 28 years of a zone's changes. */
export function nextFire(cron: Cron, place: Place, afterMs: number): number | null {
  let at = Math.floor(afterMs / 1000) + 1;
  for (let leftOut = 0; leftOut <= maxLeftOut;) {
    const segment = place.zone.segmentAt(at);
    const { start, offset, end, nextOffset } = segment;
    const from = cron.interval ? at + offset : firstFixed(segment, at, place.gap);
    const wall = findWallTime(cron, from);
    if (wall === null) return null;
    if (wall < end + offset) return Math.max(wall - offset, start) * 1000;
    if (wall < end + nextOffset) leftOut++;
    // Nothing matches between this wall time and `wall`, so only times about `wall` are of interest – unless times before this
    // one come again.
    const comesAgain = cron.interval && end + nextOffset < from;
    at = comesAgain ? end : Math.max(end, wall - maxOffset);
  }
  return null;
}

/**
 * The first wall time from `at` on that belongs to the segment: what a gap before it left out belongs to its first instant, what
 * was shown before the clock was put back does not.
 */
export function firstFixed(
  { start, previousOffset, offset }: Segment,
  at: number,
  gap: Place['gap'],
): number {
  if (at === start && gap === 'run') return start + previousOffset;
  return Math.max(at + offset, start + previousOffset);
}
