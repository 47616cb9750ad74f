// Time zones by their names: per zone the stretches of constant offset, found once and kept.
// Between an instant and a zone's local time java.time's rule decides: a local time that the zone skips is moved forward by the
// gap, one that it repeats is the first of the two.
import { offsetReader, segmentsOfYear, type ReadOffset, type Segment } from './zone-offsets.ts';

export interface Zone {
  readonly name: string;
  /** The segment that holds `at`, in seconds. */
  segmentAt(at: number): Segment;
}

const msPerDay = 86_400_000;

export const utc: Zone = fixedZone('UTC', 0);
const named = new Map<string, Zone>();
/** There are some 600 names, but Intl takes each in any case of letters. */
const maxKept = 1_000;

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
  const known = named.get(name);
  if (known !== undefined) return known;
  const read = offsetReader(name);
  if (read === null) return null;
  const zone = new NamedZone(name, read);
  if (named.size >= maxKept) named.clear();
  named.set(name, zone);
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
  const always: Segment = {
    start: -Infinity,
    previousOffset: offset,
    offset,
    end: Infinity,
    nextOffset: offset,
  };
  return { name, segmentAt: () => always };
}

class NamedZone implements Zone {
  readonly name: string;
  readonly #read: ReadOffset;
  readonly #years = new Map<number, readonly Segment[]>();
  /** Times come in runs: the last answer is usually the next one. */
  #last: Segment = { start: 0, previousOffset: 0, offset: 0, end: 0, nextOffset: 0 };

  constructor(name: string, read: ReadOffset) {
    this.name = name;
    this.#read = read;
  }

  segmentAt(at: number): Segment {
    if (at >= this.#last.start && at < this.#last.end) return this.#last;
    const year = new Date(at * 1000).getUTCFullYear();
    let segments = this.#years.get(year);
    if (segments === undefined) {
      segments = segmentsOfYear(this.#read, year);
      this.#years.set(year, segments);
    }
    for (const segment of segments) if (at < segment.end) return (this.#last = segment);
    throw new RangeError(`no offset of ${this.name} at ${at}`);
  }
}
