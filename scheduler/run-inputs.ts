// What the templates of a run get their values from: the interval that its fire owns, and its business date. Pure.
import { textOfDay, type CalendarSpec } from '../src/core/planning/calendar.ts';
import type { JobSpec } from '../src/core/job.ts';
import type { Interval } from '../src/core/planning/interval.ts';
import type { Run } from '../src/core/run.ts';
import type { Schedule } from '../src/core/schedule.ts';
import type { RunInputs } from '../src/core/template/run-inputs.ts';
import { utc } from '../src/core/time/time-zone.ts';
import { closedBy } from './open-days.ts';
import { intervalsIn, withoutBounds } from './fire-interval.ts';
import { dayIn, timetableOf, zoneOf } from './schedule-fires.ts';

/** A calendar that has closed more days in a row has none before. */
const maxClosedDays = 3_700;

/**
 * The interval is the run's own, the same in each attempt whatever became of the schedule; a run that owns none has that of the newest
 * fire up to then. Throws BAD_INPUT for a schedule that can't be read.
 */
export function inputsOf(
  { schedule }: Pick<JobSpec, 'schedule'>,
  calendars: readonly CalendarSpec[],
  run: Pick<Run, 'plannedAt' | 'parameters'> & Partial<Pick<Run, 'interval'>>,
): RunInputs {
  const { plannedAt, parameters } = run;
  const zone = schedule === null ? utc : zoneOf(schedule.timeZone);
  const businessDate = textOfDay(openBefore(calendars, dayIn(zone, plannedAt)));
  const { from, to } = run.interval ?? newestInterval(schedule, calendars, plannedAt);
  return { window: from === null ? null : { from, to }, businessDate, parameters };
}

function newestInterval(schedule: Schedule | null, calendars: readonly CalendarSpec[], at: number): Interval {
  const none = { from: null, to: at };
  if (schedule === null) return none;
  const when = timetableOf(schedule, calendars);
  return intervalsIn(withoutBounds(when), { from: -1, to: at, limit: 1 })[0] ?? none;
}

/** The newest open day before `day`; the day before where none of many is open. */
function openBefore(calendars: readonly CalendarSpec[], day: number): number {
  for (let before = day - 1; before > day - maxClosedDays; before -= 1)
    if (closedBy(calendars, before) === null) return before;
  return day - 1;
}
