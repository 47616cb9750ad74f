// The cron engine: Quartz's syntax compiled to bit fields, and the next fire in a time zone. Pure.
//
//   second minute hour day-of-month month day-of-week [year]      day-of-week: 1 = SUN … 7 = SAT
//
// A fire is a wall-clock time of the zone, in whole seconds. Where the zone's clock is moved:
// · forward (gap): wall times that do not exist do not fire; the next one that exists does.
// · back (overlap): with `*` as hour every pass fires (an hourly job has no hole and no double); with any other hour field a
//   wall time fires once, on its second pass (standard time), which is also what Quartz does.
import { SyncError } from '../../src/core/errors.ts';
import { findZone, zoneAdvice } from '../../src/core/time-zone.ts';
import type { Cron } from './cron-expression.ts';
import { findWallTime } from './find-wall-time.ts';

export { parseCron } from './parse-cron.ts';

const allHours = 0xff_ffff;
/** No zone is further than this from UTC. */
const maxOffset = 16 * 3600;

/**
 * The first fire strictly after `afterMs`; null: never again. Throws BAD_INPUT for a zone that does not exist.
 * Bounded: a few segments of constant offset, and the calendar up to its last year.
 */
export function nextFire(cron: Cron, zoneName: string, afterMs: number): number | null {
  const zone = findZone(zoneName);
  if (zone === null) throw noSuchZone(zoneName);
  const everyPass = cron.hours === allHours;
  let at = Math.floor(afterMs / 1000) + 1;
  for (;;) {
    const { offset, end, nextOffset } = zone.segmentAt(at);
    const wall = findWallTime(cron, at + offset);
    if (wall === null) return null;
    const repeated = everyPass ? 0 : Math.max(0, offset - nextOffset);
    const fire = wall - offset;
    if (fire < end - repeated) return fire * 1000;
    // Nothing matches between this wall time and `wall`, so only times about `wall` are of interest – unless the clock is
    // put back so far that times before this one come again.
    const comesAgain = end + nextOffset < at + offset;
    at = comesAgain ? end : Math.max(end, wall - maxOffset);
  }
}

function noSuchZone(name: string): SyncError {
  const message = `time zone ${JSON.stringify(name)} does not exist; ${zoneAdvice(name)}`;
  return new SyncError('BAD_INPUT', { message, field: 'schedule.timeZone' });
}
