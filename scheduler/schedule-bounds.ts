// When a schedule begins and ends, as a person writes it: local times of its zone.
import { SyncError } from '../src/core/errors.ts';
import type { Schedule } from '../src/core/schedule.ts';
import { localToUtc, type Zone } from '../src/core/time/time-zone.ts';

export interface Bounds {
  /** ms; no fire before. */
  readonly from: number;
  /** ms; no fire after. */
  readonly until: number;
}

const always: Bounds = { from: -Infinity, until: Infinity };
const maxKept = 1_000;
const known = new Map<string, Bounds>();

/** Throws BAD_INPUT naming `schedule.from` or `schedule.until`. */
export function boundsOf({ from, until }: Pick<Schedule, 'from' | 'until'>, zone: Zone): Bounds {
  if (from === undefined && until === undefined) return always;
  const key = `${zone.name}|${from ?? ''}|${until ?? ''}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  const bounds = {
    from: from === undefined ? -Infinity : parse(from, zone, 'from'),
    until: until === undefined ? Infinity : parse(until, zone, 'until'),
  };
  if (bounds.until < bounds.from) {
    const message = `${until ?? ''} is before schedule.from, ${from ?? ''}: write a later time`;
    throw new SyncError('BAD_INPUT', { message, field: 'schedule.until' });
  }
  if (known.size >= maxKept) known.clear();
  known.set(key, bounds);
  return bounds;
}

const pattern = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d)(?::(\d\d))?)?$/;

/** A day alone begins at its first instant, and ends with its last second. */
function parse(text: string, zone: Zone, side: 'from' | 'until'): number {
  const [, date, time, second] = pattern.exec(text) ?? [];
  const rest = side === 'from' ? '00:00:00' : '23:59:59';
  const iso = `${date ?? ''}T${time === undefined ? rest : `${time}:${second ?? '00'}`}`;
  const local = Date.parse(`${iso}Z`);
  // Date.parse takes 30 February for 2 March.
  if (Number.isNaN(local) || new Date(local).toISOString().slice(0, 19) !== iso) {
    const message = `${JSON.stringify(text)} is no time: write a day or a local time of the schedule's zone, for example 2027-01-31 or 2027-01-31T02:00`;
    throw new SyncError('BAD_INPUT', { message, field: `schedule.${side}` });
  }
  return localToUtc(zone, local);
}
