// What the templates of a run get their values from: the interval that its fire owns, and its business date. Pure.
import { textOfDay, type CalendarSpec } from '../src/core/planning/calendar.ts';
import type { JobSpec } from '../src/core/job.ts';
import type { RunInputs } from '../src/core/template/run-inputs.ts';
import { utc } from '../src/core/time-zone.ts';
import { closedBy } from './open-days.ts';
import { dayIn, firesBefore, timingOf, zoneOf } from './schedule-fires.ts';

/** A calendar that has closed more days in a row has none before. */
const maxClosedDays = 3_700;

/**
 * The interval goes from the fire before to the fire itself, over days that calendars have closed, and is the same in each attempt; a run
 * by hand has that of the newest fire up to then. `from` of the schedule cuts nothing off. Throws BAD_INPUT for a schedule that can't be read.
 */
export function inputsOf(
  { schedule }: Pick<JobSpec, 'schedule'>,
  calendars: readonly CalendarSpec[],
  run: { readonly plannedAt: number; readonly parameters: RunInputs['parameters'] },
): RunInputs {
  const { plannedAt, parameters } = run;
  const zone = schedule === null ? utc : zoneOf(schedule.timeZone);
  const businessDate = textOfDay(openBefore(calendars, dayIn(zone, plannedAt)));
  if (schedule === null || timingOf(schedule.cron).kind === 'delay')
    return { window: null, businessDate, parameters };
  const { cron, timeZone, gap } = schedule;
  const [to, from] = firesBefore({ cron, timeZone, gap, calendars }, plannedAt, 2);
  const window = to === undefined || from === undefined ? null : { from, to };
  return { window, businessDate, parameters };
}

/** The newest open day before `day`; the day before where none of many is open. */
function openBefore(calendars: readonly CalendarSpec[], day: number): number {
  for (let before = day - 1; before > day - maxClosedDays; before -= 1)
    if (closedBy(calendars, before) === null) return before;
  return day - 1;
}
