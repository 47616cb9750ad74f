// Time zones: from the local time of a zone to UTC, by the IANA rules that Node carries. The changes of a year's offset are looked
// up once and kept; a time that a zone skips is moved forward by the gap, one that it repeats is the first: java.time's rule.

export interface Zone {
  readonly name: string;
  /** Milliseconds since the epoch of a local time that is given as if it were UTC. */
  toUtc(localMs: number): number;
}

export const utc: Zone = { name: 'UTC', toUtc: (localMs) => localMs };

/** `UTC`, `+08:00` or a name such as `Asia/Shanghai`; null: there is no such zone. */
export function findZone(name: string): Zone | null {
  if (/^(?:utc|z|gmt)$/i.test(name)) return utc;
  const fixed = /^([+-])(\d\d):?(\d\d)$/.exec(name);
  if (fixed !== null) return fixedZone(name, fixed);
  try {
    return regionZone(name);
  } catch {
    return null;
  }
}

function fixedZone(name: string, [, sign, hours, minutes]: RegExpExecArray): Zone | null {
  const [h, m] = [Number(hours), Number(minutes)];
  if (h > 18 || m > 59) return null;
  const offset = (sign === '-' ? -1 : 1) * (h * 60 + m) * 60_000;
  return { name, toUtc: (localMs) => localMs - offset };
}

const msPerDay = 86_400_000;
const msPerYear = 366 * msPerDay;

interface Change {
  readonly at: number;
  /** ms ahead of UTC from `at` on. */
  readonly offset: number;
}

function regionZone(name: string): Zone {
  const read = offsetReader(name);
  const years = new Map<number, readonly Change[]>();
  const offsetAt = (utcMs: number): number => {
    const year = Math.floor(utcMs / msPerYear);
    let changes = years.get(year);
    if (changes === undefined) {
      changes = findChanges(read, year * msPerYear, (year + 1) * msPerYear);
      years.set(year, changes);
    }
    let offset = 0;
    for (const change of changes) if (change.at <= utcMs) offset = change.offset;
    return offset;
  };
  return {
    name,
    toUtc: (localMs) => {
      // The offsets half a day before and behind: there is at most one change between them.
      const before = offsetAt(localMs - msPerDay);
      const after = offsetAt(localMs + msPerDay);
      const early = localMs - before;
      if (before === after || offsetAt(early) === before) return early;
      const late = localMs - after;
      // Neither offset gives the local time back: it was skipped.
      return offsetAt(late) === after ? late : early;
    },
  };
}

/** The first entry stands at `start`. */
function findChanges(read: (utcMs: number) => number, start: number, end: number): readonly Change[] {
  const changes: Change[] = [{ at: start, offset: read(start) }];
  for (let day = start; day < end; day += msPerDay) {
    const [before, after] = [read(day), read(day + msPerDay)];
    if (before !== after) changes.push({ at: findChange(read, day, day + msPerDay), offset: after });
  }
  return changes;
}

function findChange(read: (utcMs: number) => number, start: number, end: number): number {
  const before = read(start);
  let [low, high] = [start, end];
  while (high - low > 1000) {
    const middle = Math.floor((low + high) / 2000) * 1000;
    if (read(middle) === before) low = middle;
    else high = middle;
  }
  return high;
}

/** Throws RangeError for a name that is no zone. */
function offsetReader(name: string): (utcMs: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: name,
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
  return (utcMs) => {
    const parts = new Map(format.formatToParts(utcMs).map(({ type, value }) => [type, value]));
    const part = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.get(type));
    const year = parts.get('era') === 'BC' ? 1 - part('year') : part('year');
    const local = new Date(0);
    local.setUTCFullYear(year, part('month') - 1, part('day'));
    local.setUTCHours(part('hour'), part('minute'), part('second'));
    return local.getTime() - Math.floor(utcMs / 1000) * 1000;
  };
}
