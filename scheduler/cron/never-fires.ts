// Why an expression fires no more, told with an example that is right.
import { localToUtc, utcToLocal, type Zone } from '../../src/core/time/time-zone.ts';
import { civilFromDays } from '../../src/core/time/civil-date.ts';
import type { Place } from './cron.ts';
import { nextFire } from './cron.ts';
import type { Cron } from './cron-expression.ts';
import { lastYear } from './cron-expression.ts';
import { findWallTime } from './find-wall-time.ts';

interface Asked {
  readonly cron: Cron;
  readonly place: Place;
  readonly now: number;
  /** The last fire up to now; null: there never was one. Not asked for unless needed. */
  readonly lastFire: () => number | null;
}

/** null: it fires again. */
export function whyNever({ cron, place, now, lastFire }: Asked): string | null {
  if (nextFire(cron, place, now) !== null) return null;
  const ever = 'a job without a schedule (null) runs when it is triggered';
  const everyYear = { ...cron, years: null };
  if (findWallTime(everyYear, 0) === null)
    return 'never fires: no month that it names has such a day; right is for example 0 0 0 L 2 ? for the last day of February';
  const wall = findWallTime(cron, Math.floor(utcToLocal(place.zone, now) / 1000) + 1);
  if (wall !== null && isLeftOut(place.zone, wall)) return leftOut(cron, place, wall);
  const { years } = cron;
  if (years?.length === 0)
    return `never fires: its years lie outside 1970-${lastYear}; right is for example 0 0 2 * * ? 2027-2030; ${ever}`;
  const last = lastFire();
  if (last !== null)
    return `never fires again: its last time was ${new Date(last).toISOString()}; right is for example 0 0 2 * * ?, without a year; ${ever}`;
  const past = findWallTime(cron, 0);
  if (past !== null) return leftOut(cron, place, past);
  return `never fires: none of its years has such a day; right is for example 0 0 2 29 2 ?, without a year; ${ever}`;
}

/** Else it was shown before the clock was put back, and has fired. */
function isLeftOut(zone: Zone, wall: number): boolean {
  return utcToLocal(zone, localToUtc(zone, wall * 1000)) !== wall * 1000;
}

function leftOut(cron: Cron, { zone }: Place, wall: number): string {
  const { year, month, day } = civilFromDays(Math.floor(wall / 86_400));
  const time = new Date((wall % 86_400) * 1000).toISOString().slice(11, 16);
  const date = [year, month, day].map((part) => String(part).padStart(2, '0')).join('-');
  const example = cron.interval
    ? 'an interval keeps to the times that are there: choose another hour, for example 0 0/5 4 ? 3 SUN#2'
    : 'write "gap": "run", and they run at the first instant after';
  return `never fires again: it names only times that the clock of ${zone.name} leaves out when it is put forward, such as ${date} ${time}; ${example}`;
}
