// Changes of a job: its row is locked first, and what becomes of its fires is decided from that row, in the same transaction.
import type { Knex } from 'knex';
import { SyncError } from '../../core/errors.ts';
import { placesOf } from '../../core/planning/limit.ts';
import type { Job, JobSpec } from '../../core/job.ts';
import type { AuditOf } from '../../core/ports/audit.ts';
import type { FirstFire, JobStore, SettleFires } from '../../core/ports/jobs.ts';
import { holdCalendars, linkCalendars, readCalendarsOf } from '../calendars/read-calendars.ts';
import { readActiveRuns } from '../runs/active-runs.ts';
import type { Database } from '../database.ts';
import { insertAudit } from './audit-trail.ts';
import { jobLabelTable, jobPlaceTable, jobTable, jobVersionTable, toJob, type JobRow } from './job-row.ts';
import { lockJob } from './lock-job.ts';
import type { SpecSealer } from './seal-spec.ts';
import { storeDecisions } from './settle-job.ts';
import type { StoreParts } from '../store-parts.ts';

export async function createJob(
  parts: StoreParts,
  spec: JobSpec,
  firstFire: FirstFire,
  audit?: AuditOf<Job>,
): Promise<Job> {
  const { database, sealer, newId } = parts;
  return database.transact(`creating job ${spec.name}`, async (trx) => {
    await holdCalendars(trx, spec);
    const now = await database.readNow(trx);
    const id = newId(now);
    const calendarsOf = await readCalendarsOf(trx, [spec]);
    const row: JobRow = {
      id,
      name: spec.name,
      version: 1,
      spec: sealer.seal(id, spec),
      paused: 0,
      paused_until: null,
      pause_reason: null,
      group_name: spec.group,
      next_fire_at: firstFire(now, calendarsOf(spec)),
      retry_day: null,
      retry_count: 0,
      unreadable: null,
      removing: null,
      created_at: now,
      updated_at: now,
    };
    await refuseTakenName(database, spec.name, () => trx(jobTable).insert(row));
    await linkCalendars(trx, id, spec);
    await writeLabels(trx, id, spec.labels);
    await addVersion(parts, trx, { row, spec, now });
    const job = toJob(row, sealer);
    await insertAudit(database, trx, audit?.(job));
    return job;
  });
}

export async function updateJob(
  parts: StoreParts,
  { id, version, spec, settle }: Parameters<JobStore['update']>[0],
  audit?: AuditOf<Job>,
): Promise<Job> {
  const { database, sealer } = parts;
  return database.transact(`changing job ${spec.name}`, async (trx) => {
    const { row, now } = await lockJob(database, trx, id);
    if (row.version !== version) {
      const message = `job ${row.name} is at version ${row.version}, the change was made to version ${version}`;
      throw new SyncError('CONFLICT', { message, field: 'version' });
    }
    const next = {
      ...row,
      name: spec.name,
      group_name: spec.group,
      version: version + 1,
      spec: sealer.seal(id, spec),
      unreadable: null,
    };
    await holdCalendars(trx, spec);
    await linkCalendars(trx, id, spec);
    const changed = await store(parts, trx, { row, next, now, settle });
    await addVersion(parts, trx, { row: next, spec, now });
    await writeLabels(trx, id, spec.labels);
    await insertAudit(database, trx, audit?.(changed));
    return changed;
  });
}

export async function setPaused(
  parts: StoreParts,
  { id, paused, until, reason, settle }: Parameters<JobStore['setPaused']>[0],
  audit?: AuditOf<Job>,
): Promise<Job> {
  const { database } = parts;
  return database.transact(paused ? 'pausing a job' : 'resuming a job', async (trx) => {
    const { row, now } = await lockJob(database, trx, id);
    if (until !== undefined && until <= now) {
      const message = `${new Date(until).toISOString()} has passed, it is ${new Date(now).toISOString()}: write a later instant`;
      throw new SyncError('BAD_INPUT', { message, field: 'until' });
    }
    // One that ends by itself is nothing but a later next fire.
    const next = {
      ...row,
      paused: paused && until === undefined ? 1 : 0,
      paused_until: until ?? null,
      pause_reason: paused ? (reason ?? null) : null,
    };
    const changed = await store(parts, trx, { row, next, now, settle });
    await insertAudit(database, trx, audit?.(changed));
    return changed;
  });
}

interface Change {
  readonly row: JobRow;
  readonly next: JobRow;
  readonly now: number;
  readonly settle: SettleFires;
}

async function store(parts: StoreParts, trx: Knex, { row, next, now, settle }: Change): Promise<Job> {
  const { database, sealer, newId } = parts;
  const { id } = row;
  const after = toJob(next, sealer);
  const before = openOr(row, sealer, after.spec);
  const activeOf = await readActiveRuns(trx, { jobs: [before], now });
  const calendarsOf = await readCalendarsOf(trx, [before.spec, after.spec]);
  const due = { job: before, active: activeOf(id), calendars: calendarsOf(before.spec), now };
  const decision = settle(due, { ...after, calendars: calendarsOf(after.spec) });
  await storeDecisions(trx, [{ jobId: id, jobVersion: next.version, decision }], { newId, now });
  const { name, group_name, version, spec, paused, paused_until, pause_reason, unreadable } = next;
  const columns = {
    name,
    group_name,
    paused_until,
    pause_reason,
    version,
    spec,
    paused,
    unreadable,
    next_fire_at: decision.nextFireAt,
    updated_at: now,
  };
  await refuseTakenName(database, name, () => trx<JobRow>(jobTable).where({ id }).update(columns));
  return { ...after, nextFireAt: decision.nextFireAt, updatedAt: now };
}

/** What can't be opened any more is replaced whole; its fires go on as they were planned. */
function openOr(row: JobRow, sealer: SpecSealer, spec: JobSpec): Job {
  try {
    return toJob(row, sealer);
  } catch {
    return toJob(row, { ...sealer, open: () => spec });
  }
}

interface NewVersion {
  readonly row: JobRow;
  readonly spec: JobSpec;
  readonly now: number;
}

async function addVersion(parts: StoreParts, trx: Knex, { row, spec, now }: NewVersion): Promise<void> {
  const { id, version } = row;
  await trx(jobVersionTable).insert({ job_id: id, version, spec: row.spec, created_at: now });
  const places = placesOf(spec, parts.hostsOf);
  await trx(jobPlaceTable).insert(places.map(({ kind, name }) => ({ job_id: id, version, kind, name })));
}

async function writeLabels(trx: Knex, id: string, labels: readonly string[]): Promise<void> {
  await trx(jobLabelTable).where({ job_id: id }).delete();
  if (labels.length > 0) await trx(jobLabelTable).insert(labels.map((label) => ({ label, job_id: id })));
}

async function refuseTakenName(
  database: Database,
  name: string,
  write: () => PromiseLike<unknown>,
): Promise<void> {
  try {
    await write();
  } catch (cause) {
    if (!database.isDuplicate(cause)) throw cause;
    throw new SyncError('CONFLICT', { message: `a job named ${name} exists`, field: 'name', cause });
  }
}
