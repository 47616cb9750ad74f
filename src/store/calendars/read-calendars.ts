// The calendars that jobs name, as the rules of fires ask for them.
import type { Knex } from 'knex';
import type { Calendar, CalendarSpec } from '../../core/planning/calendar.ts';
import { SyncError } from '../../core/errors.ts';
import type { JobSpec } from '../../core/job.ts';
import { nearestName } from '../../core/nearest-name.ts';

export const calendarTable = 'control_calendar';
export const jobCalendarTable = 'control_job_calendar';

export interface CalendarRow {
  readonly name: string;
  readonly version: number;
  /** JSON of the CalendarSpec. */
  readonly spec: string;
  readonly created_at: number | string;
  readonly updated_at: number | string;
}

export function toCalendar({ spec, version, created_at, updated_at }: CalendarRow): Calendar {
  return {
    spec: JSON.parse(spec) as CalendarSpec,
    version,
    createdAt: Number(created_at),
    updatedAt: Number(updated_at),
  };
}

/** Of each of the jobs, in the order in which it names them: one object for each calendar, however many name it. */
export async function readCalendarsOf(
  db: Knex,
  specs: readonly JobSpec[],
): Promise<(spec: JobSpec) => readonly CalendarSpec[]> {
  const names = [...new Set(specs.flatMap(namesIn))];
  const rows = names.length === 0 ? [] : await db<CalendarRow>(calendarTable).whereIn('name', names);
  const found = new Map(rows.map((row) => [row.name, toCalendar(row).spec]));
  return (spec) =>
    namesIn(spec).flatMap((name) => {
      const calendar = found.get(name);
      return calendar === undefined ? [] : [calendar];
    });
}

/** Their rows are held until the transaction ends: none goes or changes beneath the job. Throws BAD_INPUT naming one that there is not. */
export async function holdCalendars(trx: Knex, spec: JobSpec): Promise<void> {
  const names = namesIn(spec);
  if (names.length === 0) return;
  const held = trx<CalendarRow>(calendarTable).whereIn('name', names).orderBy('name').forUpdate();
  const found = await held.pluck<string[]>('name');
  const at = names.findIndex((name) => !found.includes(name));
  if (at >= 0) throw noSuchCalendar(names[at] ?? '', at, await trx(calendarTable).pluck<string[]>('name'));
}

export async function linkCalendars(trx: Knex, jobId: string, spec: JobSpec): Promise<void> {
  await trx(jobCalendarTable).where({ job_id: jobId }).delete();
  const rows = namesIn(spec).map((calendar) => ({ calendar, job_id: jobId }));
  if (rows.length > 0) await trx(jobCalendarTable).insert(rows);
}

function noSuchCalendar(name: string, at: number, known: readonly string[]): SyncError {
  const nearest = nearestName(name, known);
  const like = nearest === null ? 'there is none yet' : `the most like it is ${JSON.stringify(nearest)}`;
  const message = `there is no calendar ${JSON.stringify(name)}; ${like}`;
  return new SyncError('BAD_INPUT', { message, field: `schedule.calendars.${at}` });
}

function namesIn({ schedule }: JobSpec): readonly string[] {
  return schedule?.calendars ?? [];
}
