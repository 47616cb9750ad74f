// One run by hand or as a retry; asked for twice, it is made once.
import type { Knex } from 'knex';
import { SyncError } from '../../core/errors.ts';
import type { AuditOf } from '../../core/ports/audit.ts';
import type { NewRun, RunStore } from '../../core/ports/runs.ts';
import type { Run } from '../../core/run.ts';
import { insertAudit } from '../jobs/audit-trail.ts';
import { jobTable, type JobRow } from '../jobs/job-row.ts';
import { lockJob } from '../jobs/lock-job.ts';
import { newRunRow, runTable, toRun, type RunRow } from './run-row.ts';
import type { StoreParts } from '../store-parts.ts';

const maxKeyLength = 200;

export async function createRun(
  { database, newId }: StoreParts,
  jobId: string,
  run: NewRun,
  audit?: AuditOf<Run>,
): ReturnType<RunStore['create']> {
  checkKey(run);
  return database.transact(`creating a run of job ${jobId}`, async (trx) => {
    const { row: job, now } = await lockJob(database, trx, jobId);
    const jobVersion = await chooseVersion(trx, job, run);
    const row = newRunRow(run, { id: newId(now), jobId, jobVersion, now });
    const existing = await findEqual(trx, row);
    if (existing !== undefined) return { run: toRun(existing), created: false };
    if (run.maxRetriesToday !== undefined) await spendRetry(trx, job, { max: run.maxRetriesToday, now });
    if (run.maxQueued !== undefined) await refuseCrowd(trx, job, run.maxQueued);
    await trx(runTable).insert(row);
    const made = toRun(row);
    await insertAudit(database, trx, audit?.(made));
    return { run: made, created: true };
  });
}

function checkKey({ trigger }: NewRun): void {
  if (trigger.kind !== 'manual' || trigger.idempotencyKey === null) return;
  if (trigger.idempotencyKey.length > maxKeyLength)
    throw new SyncError('BAD_INPUT', {
      message: `the idempotency key has ${trigger.idempotencyKey.length} characters, at most ${maxKeyLength} are allowed`,
      field: 'Idempotency-Key',
    });
}

/** A retry keeps the version of the run it repeats unless it asks for the newest; any other run gets the newest. */
async function chooseVersion(trx: Knex, job: JobRow, { trigger, version }: NewRun): Promise<number> {
  if (trigger.kind !== 'retry') return job.version;
  const query = trx(runTable).where({ id: trigger.of, job_id: job.id });
  const row = await query.first<{ version: number } | undefined>({ version: 'job_version' });
  if (row === undefined)
    throw new SyncError('NOT_FOUND', { message: `no run ${trigger.of} of job ${job.id}` });
  return version === 'newest' ? job.version : row.version;
}

async function refuseCrowd(trx: Knex, { id, name }: JobRow, max: number): Promise<void> {
  const queued = await trx(runTable).where({ job_id: id, state: 'queued' }).limit(max).pluck<string[]>('id');
  if (queued.length < max) return;
  const message = `job ${name} has ${max} runs that wait for their turn already; cancel some, or wait until they have run`;
  throw new SyncError('CONFLICT', { message });
}

/** Under the lock of the job's row: its attempts are counted there. */
async function spendRetry(
  trx: Knex,
  { id, name, retry_day, retry_count }: JobRow,
  { max, now }: { readonly max: number; readonly now: number },
): Promise<void> {
  const today = Math.floor(now / 86_400_000);
  const spent = retry_day === today ? retry_count : 0;
  if (spent >= max)
    throw new SyncError('CONFLICT', {
      message: `job ${name} was tried again ${spent} times today (UTC), as often as policy.retriesPerDay allows`,
      field: 'policy.retriesPerDay',
    });
  await trx<JobRow>(jobTable)
    .where({ id })
    .update({ retry_day: today, retry_count: spent + 1 });
}

async function findEqual(db: Knex, row: RunRow): Promise<RunRow | undefined> {
  const { job_id, idempotency_key, planned_at, attempt } = row;
  const byKey =
    idempotency_key === null
      ? undefined
      : await db<RunRow>(runTable).where({ job_id, idempotency_key }).first();
  return byKey ?? (await db<RunRow>(runTable).where({ job_id, planned_at, attempt }).first());
}
