// Offsets of IANA zones: per zone and year the stretches of constant offset, found once by asking Intl and kept.
import { SyncError } from '../src/core/errors.ts';
import { daysFromCivil, yearOfDay } from './calendar.ts';

/** All in seconds; offset = wall time − UTC. The last segment of a year ends with it, whether the offset changes or not. */
export interface Segment {
  readonly offset: number;
  readonly end: number;
  readonly nextOffset: number;
}

const day = 86_400;
const utc: Segment = { offset: 0, end: Infinity, nextOffset: 0 };
const zones = new Map<string, Zone>();

interface Zone {
  readonly offsetAt: (at: number) => number;
  readonly years: Map<number, readonly Segment[]>;
}

/** The segment that holds `at` (UTC seconds). Throws BAD_INPUT for a zone that does not exist. */
export function segmentAt(zoneName: string, at: number): Segment {
  if (zoneName === 'UTC') return utc;
  const zone = zones.get(zoneName) ?? openZone(zoneName);
  const year = yearOfDay(Math.floor(at / day));
  let segments = zone.years.get(year);
  if (segments === undefined) {
    segments = findSegments(zone, year);
    zone.years.set(year, segments);
  }
  for (const segment of segments) if (at < segment.end) return segment;
  throw new SyncError('INTERNAL', { message: `no offset of ${zoneName} at ${at}` });
}

function openZone(name: string): Zone {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch (cause) {
    const message = `time zone ${JSON.stringify(name)} does not exist; use an IANA name like Asia/Shanghai`;
    throw new SyncError('BAD_INPUT', { message, field: 'schedule.timeZone', cause });
  }
  const zone = { offsetAt: (at: number) => wallTime(format, at) - at, years: new Map() };
  zones.set(name, zone);
  return zone;
}

/** `10/25/2026, 02:30:00` as seconds. */
function wallTime(format: Intl.DateTimeFormat, at: number): number {
  const [month = 0, dayOfMonth = 0, year = 0, hour = 0, minute = 0, second = 0] = format
    .format(at * 1000)
    .split(/\D+/)
    .map(Number);
  return daysFromCivil(year, month, dayOfMonth) * day + hour * 3600 + minute * 60 + second;
}

/** Asks once a day; no zone changes its offset twice within one. */
function findSegments({ offsetAt }: Zone, year: number): readonly Segment[] {
  const segments: Segment[] = [];
  const end = daysFromCivil(year + 1, 1, 1) * day;
  let from = daysFromCivil(year, 1, 1) * day;
  let offset = offsetAt(from);
  while (from < end) {
    const to = from + day;
    const nextOffset = offsetAt(to);
    if (nextOffset !== offset) segments.push({ offset, end: bisect(offsetAt, from, to), nextOffset });
    from = to;
    offset = nextOffset;
  }
  if (segments.at(-1)?.end !== end) segments.push({ offset, end, nextOffset: offset });
  return segments;
}

/** The second at which the offset of `to` begins. */
function bisect(offsetAt: (at: number) => number, from: number, to: number): number {
  const after = offsetAt(to);
  let low = from;
  let high = to;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(middle) === after) high = middle;
    else low = middle;
  }
  return high;
}
