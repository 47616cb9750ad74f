// The runs of jobs that are not over, as the rules of fires ask for them.
import type { Knex } from 'knex';
import type { Job } from '../../core/job.ts';
import { followsRuns } from '../../core/schedule.ts';
import type { ActiveRuns, FireDecision } from '../../core/ports/jobs.ts';
import type { Run } from '../../core/run.ts';
import { goingStates } from './run-leases.ts';
import { reasonColumn, runTable, type RunRow } from './run-row.ts';

interface Waiting {
  readonly now: number;
  readonly jobIds: readonly string[];
}

const none: ActiveRuns = { going: null, queued: null, waitingRetry: null, lastEndedAt: null };
/** A job's runs are made and end nearly in the same order. */
const maxLooked = 20;

/** For each of the jobs; called in the transaction that decides on them. */
export async function readActiveRuns(
  trx: Knex,
  { jobs, now }: { readonly jobs: readonly Pick<Job, 'id' | 'spec'>[]; readonly now: number },
): Promise<(jobId: string) => ActiveRuns> {
  const jobIds = jobs.map(({ id }) => id);
  const found = new Map<string, ActiveRuns>();
  const note = (jobId: string, part: Partial<ActiveRuns>): void =>
    void found.set(jobId, { ...(found.get(jobId) ?? none), ...part });
  const going = trx<RunRow>(runTable).whereIn('job_id', jobIds).whereIn('state', goingStates);
  for (const { id, job_id, started_at } of await going.select('id', 'job_id', 'started_at'))
    note(job_id, { going: { id, startedAt: Number(started_at) } });
  const queued = trx(runTable)
    .whereIn('job_id', jobIds)
    .where('state', 'queued')
    .whereNot((retry) => void whereWaiting(retry, now));
  const oldest = queued.groupBy('job_id').select({ jobId: 'job_id' }).min({ id: 'id' }).count({ count: '*' });
  for (const { id, jobId, count } of (await oldest) as {
    id: string;
    jobId: string;
    count: number | string;
  }[])
    note(jobId, { queued: { id, count: Number(count) } });
  const waiting = whereWaiting(trx<RunRow>(runTable).whereIn('job_id', jobIds), now);
  const rows = (await waiting.orderBy('not_before', 'desc')) as RunRow[];
  for (const { id, job_id, not_before, mode } of rows)
    note(job_id, { waitingRetry: { id, notBefore: Number(not_before), mode } });
  for (const { id, spec } of jobs)
    if (followsRuns(spec.schedule)) note(id, { lastEndedAt: await readLastEnd(trx, id) });
  return (jobId) => found.get(jobId) ?? none;
}

/** Rows that were skipped never ran. */
async function readLastEnd(trx: Knex, jobId: string): Promise<number | null> {
  const rows = await trx(runTable)
    .where('job_id', jobId)
    .orderBy('id', 'desc')
    .limit(maxLooked)
    .select<Pick<RunRow, 'state' | 'ended_at'>[]>('state', 'ended_at');
  const ends = rows.flatMap(({ state, ended_at }) =>
    state === 'skipped' || ended_at === null ? [] : [Number(ended_at)],
  );
  return ends.length === 0 ? null : Math.max(...ends);
}

/** Ends the retries that `decision` replaces. */
export async function supersedeRetries(
  trx: Knex,
  { jobIds, now }: Waiting,
  reason: NonNullable<FireDecision['supersede']>,
): Promise<void> {
  const state: Run['state'] = 'superseded';
  await whereWaiting(trx(runTable).whereIn('job_id', jobIds), now).update({
    state,
    ended_at: now,
    ...reasonColumn(reason),
  });
}

/** What goes is asked to end, what waits ends at once: a newer fire takes their place. */
export async function replaceRuns(
  trx: Knex,
  { jobIds, now }: Waiting,
  reason: NonNullable<FireDecision['replace']>,
): Promise<void> {
  const state: Run['state'] = 'superseded';
  await trx(runTable)
    .whereIn('job_id', jobIds)
    .where('state', 'queued')
    .whereNot((retry) => void whereWaiting(retry, now))
    .update({ state, ended_at: now, ...reasonColumn(reason) });
  await trx(runTable)
    .whereIn('job_id', jobIds)
    .whereIn('state', goingStates)
    .where('cancel_requested', 0)
    .update({ cancel_requested: 1, replaced_by: JSON.stringify(reason) });
}

/** Retries whose time has not come. */
function whereWaiting(query: Knex.QueryBuilder, now: number): Knex.QueryBuilder {
  return query.where('state', 'queued').where('trigger_kind', 'retry').where('not_before', '>', now);
}
