// The days that calendars leave open, together: a day is open where each of them has it open. Pure.
import { dayOf, weekdays, type CalendarSpec, type DayRange } from '../src/core/planning/calendar.ts';
import { weekdayOfDay } from '../src/core/time/civil-date.ts';

export interface ClosedDay {
  /** Name of the calendar that has it closed. */
  readonly calendar: string;
  /** What the calendar calls the day; null: nothing. */
  readonly name: string | null;
}

/** Of several calendars the first that has it closed, `day` in days since 1970; null: it is open. */
export function closedBy(calendars: readonly CalendarSpec[], day: number): ClosedDay | null {
  for (const spec of calendars) {
    const { include, exclude, open } = compiled(spec);
    if (find(include, day) !== null) continue;
    const excluded = find(exclude, day);
    if (excluded === null && open[weekdayOfDay(day)] === true) continue;
    return { calendar: spec.name, name: excluded?.name ?? null };
  }
  return null;
}

/** The first open day after `day`; null: there is none any more. */
export function nextOpenDay(calendars: readonly CalendarSpec[], day: number): number | null {
  const listed = Math.max(day, ...calendars.map((spec) => compiled(spec).last));
  // Behind the last listed day only weekdays count.
  for (let next = day + 1; next <= listed + 7; next += 1) if (closedBy(calendars, next) === null) return next;
  return null;
}

interface Days {
  readonly first: number;
  readonly last: number;
  readonly name: string | null;
}

interface Compiled {
  /** By their first days; without overlaps. */
  readonly include: readonly Days[];
  readonly exclude: readonly Days[];
  /** By weekday, Sunday first. */
  readonly open: readonly boolean[];
  /** The last day that is listed; before 1970 where none is. */
  readonly last: number;
}

const known = new WeakMap<CalendarSpec, Compiled>();

function compiled(spec: CalendarSpec): Compiled {
  const found = known.get(spec);
  if (found !== undefined) return found;
  const [include, exclude] = [sorted(spec.include), sorted(spec.exclude)];
  const made = {
    include,
    exclude,
    open: weekdays.map((day) => spec.weekdays.includes(day)),
    last: Math.max(-1, ...[...include, ...exclude].map(({ last }) => last)),
  };
  known.set(spec, made);
  return made;
}

/** Of ranges that overlap the later one begins behind the earlier one. */
function sorted(ranges: readonly DayRange[]): readonly Days[] {
  const days = ranges
    .map(({ from, to, name }): Days => {
      const first = dayOf(from) ?? 0;
      return { first, last: dayOf(to ?? from) ?? first, name: name ?? null };
    })
    .sort((a, b) => a.first - b.first);
  const kept: Days[] = [];
  for (const range of days) {
    const first = Math.max(range.first, (kept.at(-1)?.last ?? -1) + 1);
    if (first <= range.last) kept.push({ ...range, first });
  }
  return kept;
}

function find(ranges: readonly Days[], day: number): Days | null {
  let [low, high] = [0, ranges.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const range = ranges[middle];
    if (range === undefined || range.first > day) high = middle;
    else if (range.last < day) low = middle + 1;
    else return range;
  }
  return null;
}
