// The offsets of an IANA zone by the rules that Node carries: stretches of constant offset, found by asking Intl.

/** All in seconds since the epoch; offset = local time − UTC. Segments end with a year, too, whether the offset changes or not. */
export interface Segment {
  readonly start: number;
  /** Just before `start`. */
  readonly previousOffset: number;
  readonly offset: number;
  readonly end: number;
  readonly nextOffset: number;
}

/** Seconds ahead of UTC at an instant. */
export type ReadOffset = (at: number) => number;

const day = 86_400;
/**
 * Asked so often: of all zones none changed its offset and changed it back within less since 1970 (Boa Vista, 2000: seven days;
 * Gaza, 2040: the same) and before (Freetown, 1939: four days).
 */
const stepOf = (year: number): number => (year < 1970 ? 3 : 6) * day;
/** Changes nearly always lie on a quarter of an hour: looked for there first. */
const quarter = 900;

/** Null: Intl knows no such zone. */
export function offsetReader(timeZone: string): ReadOffset | null {
  let format: Intl.DateTimeFormat;
  try {
    // No month and no year: what is asked so often is a third faster without.
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      calendar: 'gregory',
      hourCycle: 'h23',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    return null;
  }
  const utc = new Date(0);
  return (at) => {
    const [, date, hour, minute, second] = shown.exec(format.format(utc.setTime(at * 1000))) ?? [];
    const days = Number(date) - utc.getUTCDate();
    // A day on, a day back, or the turn of a month.
    const turned = days === 0 ? 0 : days === 1 || days < -1 ? day : -day;
    const local = turned + Number(hour) * 3600 + Number(minute) * 60 + Number(second);
    return local - (((at % day) + day) % day);
  };
}

/** `14, 17:13:20` */
const shown = /^(\d+), (\d+):(\d+):(\d+)$/;

export function segmentsOfYear(read: ReadOffset, year: number): readonly Segment[] {
  const [from, to, step] = [startOf(year), startOf(year + 1), stepOf(year)];
  const segments: Segment[] = [];
  let [start, previousOffset, offset] = [from, read(from - 1), read(from)];
  for (let at = from; at < to; at += step) {
    const probe = Math.min(at + step, to);
    for (let nextOffset = read(probe); nextOffset !== offset;) {
      const end = firstChange(read, start > at ? start : at, probe);
      const after = read(end);
      segments.push({ start, previousOffset, offset, end, nextOffset: after });
      [start, previousOffset, offset] = [end, offset, after];
    }
  }
  if (start < to) segments.push({ start, previousOffset, offset, end: to, nextOffset: read(to) });
  return segments;
}

function startOf(year: number): number {
  return new Date(0).setUTCFullYear(year) / 1000;
}

/** The second in (from, to] at which the offset is no longer that of `from`. */
function firstChange(read: ReadOffset, from: number, to: number): number {
  const before = read(from);
  const coarse = bisect(
    (at) => read(at * quarter) !== before,
    Math.floor(from / quarter),
    Math.ceil(to / quarter),
  );
  const at = coarse * quarter;
  if (at - 1 > from && read(at - 1) === before) return at;
  return bisect((second) => read(second) !== before, Math.max(from, at - quarter), Math.min(to, at));
}

/** The first whole number above `low` of which `isBehind` is true, as it is of `high`. */
function bisect(isBehind: (at: number) => boolean, low: number, high: number): number {
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (isBehind(middle)) high = middle;
    else low = middle;
  }
  return high;
}
