// Time zones by the IANA rules that Node carries: per zone the stretches of constant offset, found once by asking Intl and kept.
// Between an instant and a zone's local time java.time's rule decides: a local time that the zone skips is moved forward by the
// gap, one that it repeats is the first of the two.

/** All in seconds since the epoch; offset = local time − UTC. Segments end with a year, too, whether the offset changes or not. */
export interface Segment {
  readonly start: number;
  readonly offset: number;
  readonly end: number;
  readonly nextOffset: number;
}

export interface Zone {
  readonly name: string;
  /** The segment that holds `at`, in seconds. */
  segmentAt(at: number): Segment;
}

const day = 86_400;
const msPerDay = day * 1000;

export const utc: Zone = fixedZone('UTC', 0);
const regions = new Map<string, Zone>();

/**
 * `UTC`, an offset (`+08:00`, `UTC+8`, `GMT-03:30`) or an IANA name with its area (`Asia/Shanghai`); null: there is no such zone.
 * Names without an area are none, though Intl knows some: `CST` would be Chicago's time, and most who write it mean China's.
 */
export function findZone(name: string): Zone | null {
  if (/^(?:utc|z|gmt)$/i.test(name)) return utc;
  const fixed =
    /^([+-])(\d\d):?(\d\d)$/.exec(name) ?? /^(?:utc|gmt)([+-])(\d{1,2})(?::?(\d\d))?$/i.exec(name);
  if (fixed !== null) {
    const [hours, minutes] = [Number(fixed[2]), Number(fixed[3] ?? 0)];
    if (hours > 18 || minutes > 59) return null;
    return fixedZone(name, (fixed[1] === '-' ? -60 : 60) * (hours * 60 + minutes));
  }
  if (!name.includes('/')) return null;
  const known = regions.get(name);
  if (known !== undefined) return known;
  const read = offsetReader(name);
  if (read === null) return null;
  const zone = new RegionZone(name, read);
  regions.set(name, zone);
  return zone;
}

/** Were or will clocks be put back, from 2015 to 2040? Then its local times don't tell what came first. */
export function repeatsTimes(zone: Zone): boolean {
  let at = Date.UTC(2015, 0) / 1000;
  while (at < Date.UTC(2040, 0) / 1000) {
    const { offset, end, nextOffset } = zone.segmentAt(at);
    if (nextOffset < offset) return true;
    at = end;
  }
  return false;
}

/** What to write instead of a name that is no zone, as the end of a sentence. */
export function zoneAdvice(name: string): string {
  const meant = meanings[name.toUpperCase()];
  if (meant === undefined) return 'use an IANA name such as Asia/Shanghai, or an offset such as +08:00';
  const [only] = meant;
  if (meant.length === 1 && only !== undefined) return `write ${only}, or an offset such as +08:00`;
  return `it has several meanings: write ${meant.slice(0, -1).join(', ')} or ${meant.at(-1) ?? ''}, or an offset such as +08:00`;
}

/** Short names and what is meant by them somewhere. */
const meanings: Readonly<Record<string, readonly string[]>> = {
  AST: ['America/Halifax', 'Asia/Riyadh'],
  BST: ['Europe/London', 'Asia/Dhaka'],
  CDT: ['America/Chicago', 'America/Havana'],
  CET: ['Europe/Paris', 'Europe/Berlin'],
  CST: ['Asia/Shanghai (China)', 'America/Chicago (US Central)', 'America/Havana (Cuba)'],
  CST6CDT: ['America/Chicago'],
  CUBA: ['America/Havana'],
  EDT: ['America/New_York'],
  EET: ['Europe/Helsinki', 'Africa/Cairo'],
  EGYPT: ['Africa/Cairo'],
  EST: ['America/New_York (with summer time)', 'America/Panama (without)', 'Australia/Sydney'],
  EST5EDT: ['America/New_York'],
  GB: ['Europe/London'],
  HKT: ['Asia/Hong_Kong'],
  HONGKONG: ['Asia/Hong_Kong'],
  HST: ['Pacific/Honolulu'],
  IRAN: ['Asia/Tehran'],
  ISRAEL: ['Asia/Jerusalem'],
  IST: ['Asia/Kolkata (India)', 'Europe/Dublin (Ireland)', 'Asia/Jerusalem (Israel)'],
  JAPAN: ['Asia/Tokyo'],
  JST: ['Asia/Tokyo'],
  KST: ['Asia/Seoul'],
  MET: ['Europe/Berlin'],
  MSK: ['Europe/Moscow'],
  MST: ['America/Denver (with summer time)', 'America/Phoenix (without)'],
  MST7MDT: ['America/Denver'],
  NZ: ['Pacific/Auckland'],
  PDT: ['America/Los_Angeles'],
  PRC: ['Asia/Shanghai'],
  PST: ['America/Los_Angeles', 'Asia/Manila'],
  PST8PDT: ['America/Los_Angeles'],
  ROC: ['Asia/Taipei'],
  ROK: ['Asia/Seoul'],
  SGT: ['Asia/Singapore'],
  SINGAPORE: ['Asia/Singapore'],
  TURKEY: ['Europe/Istanbul'],
  WET: ['Europe/Lisbon'],
};

/** Milliseconds since the epoch of a local time of the zone that is given as if it were UTC. */
export function localToUtc(zone: Zone, localMs: number): number {
  const offsetAt = (utcMs: number): number => zone.segmentAt(Math.floor(utcMs / 1000)).offset * 1000;
  // The offsets a day before and behind: there is at most one change between them.
  const before = offsetAt(localMs - msPerDay);
  const after = offsetAt(localMs + msPerDay);
  const early = localMs - before;
  if (before === after || offsetAt(early) === before) return early;
  const late = localMs - after;
  // Neither offset gives the local time back: it was skipped.
  return offsetAt(late) === after ? late : early;
}

/** The zone's local time at an instant, as if it were UTC. */
export function utcToLocal(zone: Zone, utcMs: number): number {
  return utcMs + zone.segmentAt(Math.floor(utcMs / 1000)).offset * 1000;
}

function fixedZone(name: string, offset: number): Zone {
  const always: Segment = { start: -Infinity, offset, end: Infinity, nextOffset: offset };
  return { name, segmentAt: () => always };
}

class RegionZone implements Zone {
  readonly name: string;
  readonly #read: (at: number) => number;
  readonly #years = new Map<number, readonly Segment[]>();
  /** Times come in runs: the last answer is usually the next one. */
  #last: Segment = { start: 0, offset: 0, end: 0, nextOffset: 0 };

  constructor(name: string, read: (at: number) => number) {
    this.name = name;
    this.#read = read;
  }

  segmentAt(at: number): Segment {
    if (at >= this.#last.start && at < this.#last.end) return this.#last;
    const year = new Date(at * 1000).getUTCFullYear();
    let segments = this.#years.get(year);
    if (segments === undefined) {
      segments = findSegments(this.#read, startOf(year), startOf(year + 1));
      this.#years.set(year, segments);
    }
    for (const segment of segments) if (at < segment.end) return (this.#last = segment);
    throw new RangeError(`no offset of ${this.name} at ${at}`);
  }
}

/** Asks once a day; no zone changes its offset twice within one. */
function findSegments(read: (at: number) => number, from: number, to: number): readonly Segment[] {
  const segments: Segment[] = [];
  let [start, offset] = [from, read(from)];
  for (let at = from; at < to; at += day) {
    const nextOffset = read(at + day);
    if (nextOffset === offset) continue;
    const end = bisect(read, at, at + day);
    segments.push({ start, offset, end, nextOffset });
    [start, offset] = [end, nextOffset];
  }
  if (start < to) segments.push({ start, offset, end: to, nextOffset: offset });
  return segments;
}

function startOf(year: number): number {
  return new Date(0).setUTCFullYear(year) / 1000;
}

/** The second at which the offset of `to` begins. */
function bisect(read: (at: number) => number, from: number, to: number): number {
  const after = read(to);
  let [low, high] = [from, to];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (read(middle) === after) high = middle;
    else low = middle;
  }
  return high;
}

/** Seconds ahead of UTC at an instant; null: Intl knows no such zone. */
function offsetReader(timeZone: string): ((at: number) => number) | null {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      calendar: 'gregory',
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    return null;
  }
  return (at) => {
    const parts = new Map(format.formatToParts(at * 1000).map(({ type, value }) => [type, value]));
    const part = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.get(type));
    const year = parts.get('era') === 'BC' ? 1 - part('year') : part('year');
    const local = new Date(0);
    local.setUTCFullYear(year, part('month') - 1, part('day'));
    local.setUTCHours(part('hour'), part('minute'), part('second'));
    return local.getTime() / 1000 - at;
  };
}
