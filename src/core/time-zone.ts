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

/** `UTC`, `+08:00` or an IANA name such as `Asia/Shanghai`; null: there is no such zone. */
export function findZone(name: string): Zone | null {
  if (/^(?:utc|z|gmt)$/i.test(name)) return utc;
  const fixed = /^([+-])(\d\d):?(\d\d)$/.exec(name);
  if (fixed !== null) {
    const [hours, minutes] = [Number(fixed[2]), Number(fixed[3])];
    if (hours > 18 || minutes > 59) return null;
    return fixedZone(name, (fixed[1] === '-' ? -60 : 60) * (hours * 60 + minutes));
  }
  const known = regions.get(name);
  if (known !== undefined) return known;
  const read = offsetReader(name);
  if (read === null) return null;
  const zone = new RegionZone(name, read);
  regions.set(name, zone);
  return zone;
}

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
