// One run by hand or as a retry; asked for twice, it is made once.
import type { Knex } from 'knex';
import { SyncError } from '../core/errors.ts';
import type { NewRun, RunStore } from '../core/ports.ts';
import { insertRuns } from './insert-runs.ts';
import { jobTable } from './job-row.ts';
import { newRunRow, runTable, toRun, type RunRow } from './run-row.ts';
import type { StoreParts } from './store-parts.ts';

const maxKeyLength = 200;

export async function createRun(
  { database, newId }: StoreParts,
  jobId: string,
  run: NewRun,
): ReturnType<RunStore['create']> {
  checkKey(run);
  return database.run(`creating a run of job ${jobId}`, async (db) => {
    const jobVersion = await readJobVersion(db, jobId, run);
    const now = database.clock.now();
    const row = newRunRow(run, { id: newId(now), jobId, jobVersion, now });
    const inserted = await insertRuns(db, [row]);
    if (inserted.length === 1) return { run: toRun(row), created: true };
    const existing = await findEqual(db, row);
    // Neither inserted nor there: the job was removed meanwhile, or the run that stood in the way was.
    if (existing === undefined) throw new SyncError('NOT_FOUND', { message: `no job ${jobId}` });
    return { run: toRun(existing), created: false };
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

/** A retry keeps the version of the run it repeats; any other run gets the current one. */
async function readJobVersion(db: Knex, jobId: string, { trigger }: NewRun): Promise<number> {
  const query =
    trigger.kind === 'retry'
      ? db(runTable).where({ id: trigger.of, job_id: jobId }).first({ version: 'job_version' })
      : db(jobTable).where({ id: jobId }).first('version');
  const row = (await query) as { version: number } | undefined;
  if (row !== undefined) return row.version;
  const message = trigger.kind === 'retry' ? `no run ${trigger.of} of job ${jobId}` : `no job ${jobId}`;
  throw new SyncError('NOT_FOUND', { message });
}

async function findEqual(db: Knex, row: RunRow): Promise<RunRow | undefined> {
  const { job_id, idempotency_key, planned_at, attempt } = row;
  const byKey =
    idempotency_key === null
      ? undefined
      : await db<RunRow>(runTable).where({ job_id, idempotency_key }).first();
  return byKey ?? (await db<RunRow>(runTable).where({ job_id, planned_at, attempt }).first());
}
