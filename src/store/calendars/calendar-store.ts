// CalendarStore over knex.
import type { Knex } from 'knex';
import type { Calendar, CalendarSpec } from '../../core/planning/calendar.ts';
import { SyncError } from '../../core/errors.ts';
import type { CalendarStore } from '../../core/ports/calendars.ts';
import type { Database } from '../database.ts';
import { insertAudit } from '../jobs/audit-trail.ts';
import { moveNextFires, openAll } from '../jobs/claim-due.ts';
import { jobTable, toJob, type JobRow } from '../jobs/job-row.ts';
import { storeDecisions, type Settled } from '../jobs/settle-job.ts';
import { readActiveRuns } from '../runs/active-runs.ts';
import type { StoreParts } from '../store-parts.ts';
import {
  calendarTable,
  jobCalendarTable,
  readCalendarsOf,
  toCalendar,
  type CalendarRow,
} from './read-calendars.ts';

/** Users of a calendar that are named where it can't be removed. */
const maxNamed = 20;

export function createCalendarStore(parts: StoreParts): CalendarStore {
  const { database } = parts;
  return {
    create: (spec, audit) => create(database, spec, audit),
    read: async (name) => {
      const row = await database.run('reading a calendar', (db) =>
        db<CalendarRow>(calendarTable).where({ name }).first(),
      );
      return row === undefined ? null : toCalendar(row);
    },
    list: async (limit) => {
      const rows = await database.run('listing calendars', (db) =>
        db<CalendarRow>(calendarTable).orderBy('name').limit(limit),
      );
      return rows.map(toCalendar);
    },
    readSpecs: async (names) => {
      const rows = await database.run('reading calendars', (db) =>
        db<CalendarRow>(calendarTable).whereIn('name', names).orderBy('name'),
      );
      return rows.map((row) => toCalendar(row).spec);
    },
    update: (change, audit) => update(parts, change, audit),
    remove: (calendar, audit) => remove(database, calendar, audit),
    listUsers: (name, limit) =>
      database.run('listing the jobs of a calendar', (db) => listUsers(db, name, limit)),
  };
}

async function create(
  database: Database,
  spec: CalendarSpec,
  audit: Parameters<CalendarStore['create']>[1],
): Promise<Calendar> {
  return database.transact(`creating calendar ${spec.name}`, async (trx) => {
    const now = await database.readNow(trx);
    const row = { ...columnsOf(spec, 1), name: spec.name, created_at: now, updated_at: now };
    try {
      await trx<CalendarRow>(calendarTable).insert(row);
    } catch (cause) {
      if (!database.isDuplicate(cause)) throw cause;
      const message = `a calendar named ${spec.name} exists`;
      throw new SyncError('CONFLICT', { message, field: 'name', cause });
    }
    await insertAudit(database, trx, audit);
    return toCalendar(row);
  });
}

/** First the calendar is held, then the jobs: who saves a job that names it waits, and finds it changed. */
async function update(
  { database, sealer, newId }: StoreParts,
  { version, spec, settle }: Parameters<CalendarStore['update']>[0],
  audit: Parameters<CalendarStore['update']>[1],
): ReturnType<CalendarStore['update']> {
  return database.transact(`changing calendar ${spec.name}`, async (trx) => {
    const row = await lock(trx, { name: spec.name, version });
    const users = trx(jobCalendarTable).where({ calendar: spec.name }).select('job_id');
    const jobRows = await trx<JobRow>(jobTable).whereIn('id', users).orderBy('id').forUpdate();
    const now = await database.readNow(trx);
    const { jobs } = openAll(jobRows, (each) => toJob(each, sealer));
    const before = await readCalendarsOf(
      trx,
      jobs.map((job) => job.spec),
    );
    const next = { ...row, ...columnsOf(spec, version + 1), updated_at: now };
    await trx<CalendarRow>(calendarTable)
      .where({ name: spec.name })
      .update({ ...columnsOf(spec, version + 1), updated_at: now });
    const after = await readCalendarsOf(
      trx,
      jobs.map((job) => job.spec),
    );
    const activeOf = await readActiveRuns(trx, { jobs, now });
    const settled = jobs.map((job): Settled => {
      const due = { job, active: activeOf(job.id), calendars: before(job.spec), now };
      const decision = settle(due, { ...job, calendars: after(job.spec) });
      return { jobId: job.id, jobVersion: job.version, decision };
    });
    await storeDecisions(trx, settled, { newId, now });
    if (settled.length > 0) await moveNextFires(trx, settled);
    await insertAudit(database, trx, audit);
    return { calendar: toCalendar(next), jobs: jobRows.length };
  });
}

async function remove(
  database: Database,
  calendar: Parameters<CalendarStore['remove']>[0],
  audit: Parameters<CalendarStore['remove']>[1],
): Promise<void> {
  const { name } = calendar;
  await database.transact(`removing calendar ${name}`, async (trx) => {
    await lock(trx, calendar);
    const users = await listUsers(trx, name, maxNamed + 1);
    if (users.length > 0) {
      const named = users.slice(0, maxNamed).map((user) => user.name);
      const more = users.length > maxNamed ? ' and others' : '';
      const message = `deleting calendar ${name}: it is used by ${named.join(', ')}${more}; take it out of their schedules first`;
      throw new SyncError('CONFLICT', { message });
    }
    await trx(calendarTable).where({ name }).delete();
    await insertAudit(database, trx, audit);
  });
}

async function lock(
  trx: Knex,
  { name, version }: { readonly name: string; readonly version: number },
): Promise<CalendarRow> {
  const row = await trx<CalendarRow>(calendarTable).where({ name }).forUpdate().first();
  if (row === undefined) throw new SyncError('NOT_FOUND', { message: `no calendar ${name}`, field: 'name' });
  if (row.version === version) return row;
  const message = `calendar ${name} is at version ${row.version}, the change was made to version ${version}`;
  throw new SyncError('CONFLICT', { message, field: 'version' });
}

async function listUsers(
  db: Knex,
  name: string,
  limit: number,
): Promise<readonly { readonly id: string; readonly name: string }[]> {
  const users = db(jobCalendarTable).where({ calendar: name }).select('job_id');
  return db<JobRow>(jobTable).whereIn('id', users).orderBy('name').limit(limit).select('id', 'name');
}

function columnsOf(spec: CalendarSpec, version: number): Pick<CalendarRow, 'version' | 'spec'> {
  return { version, spec: JSON.stringify(spec) };
}
