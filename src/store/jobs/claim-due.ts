// Due jobs become run rows: locked, decided, inserted and moved on in one transaction.
import type { Knex } from 'knex';
import { toSyncError } from '../../core/errors.ts';
import type { Job, JobHead } from '../../core/job.ts';
import type { DueClaimed, DueJob, FireDecision } from '../../core/ports/jobs.ts';
import { readCalendarsOf } from '../calendars/read-calendars.ts';
import { readActiveRuns } from '../runs/active-runs.ts';
import { auditTable } from './audit-trail.ts';
import type { Database } from '../database.ts';
import { jobTable, toJob, toJobHead, type JobRow } from './job-row.ts';
import { toRun } from '../runs/run-row.ts';
import { storeDecisions, type Settled } from './settle-job.ts';
import type { StoreParts } from '../store-parts.ts';

export interface DueClaim {
  readonly now: number;
  readonly limit: number;
  readonly decide: (due: DueJob) => FireDecision;
}

export async function claimDue(
  { database, sealer, newId }: StoreParts,
  { now, limit, decide }: DueClaim,
): Promise<DueClaimed> {
  return database.transact('claiming due jobs', async (trx) => {
    const due = trx<JobRow>(jobTable)
      .where('paused', 0)
      .whereNull('unreadable')
      .whereNull('removing')
      .where('next_fire_at', '<=', now)
      .orderBy('next_fire_at')
      .limit(limit);
    const rows = (await database.dialect.lockRows(due)) as JobRow[];
    const { jobs, unreadable } = openAll(rows, (row) => toJob(row, sealer));
    await markUnreadable(database, trx, unreadable);
    if (jobs.length === 0) return { runs: [], unreadable };
    const activeOf = await readActiveRuns(trx, { jobs, now });
    const calendarsOf = await readCalendarsOf(
      trx,
      jobs.map((job) => job.spec),
    );
    const settled = jobs.map((job): Settled => {
      const decision = decide({ job, active: activeOf(job.id), calendars: calendarsOf(job.spec), now });
      return { jobId: job.id, jobVersion: job.version, decision };
    });
    const inserted = await storeDecisions(trx, settled, { newId, now });
    await moveNextFires(trx, settled);
    return { runs: inserted.map(toRun), unreadable };
  });
}

/** A row that can't be opened stops none of the others. */
export function openAll(
  rows: readonly JobRow[],
  open: (row: JobRow) => Job,
): { readonly jobs: readonly Job[]; readonly unreadable: readonly JobHead[] } {
  const jobs: Job[] = [];
  const unreadable: JobHead[] = [];
  for (const row of rows)
    try {
      jobs.push(open(row));
    } catch (error) {
      unreadable.push({ ...toJobHead(row), unreadable: toSyncError(error).message });
    }
  return { jobs, unreadable };
}

/** Its next fire stays: once it can be opened again, what it missed is settled as any other missed fire. */
async function markUnreadable(database: Database, trx: Knex, heads: readonly JobHead[]): Promise<void> {
  for (const { id, name, unreadable } of heads) {
    await trx(jobTable).where({ id }).update({ unreadable });
    const what = { actor: 'scheduler', action: 'job.unreadable', object: `job ${id} (${name})` };
    await trx(auditTable).insert({ at: database.now(trx), ...what, detail: unreadable });
  }
}

/** One statement for all jobs of the batch: a round trip for each would be most of the transaction's time. */
export async function moveNextFires(trx: Knex, settled: readonly Settled[]): Promise<void> {
  const cases = settled.map(() => 'WHEN ? THEN ?').join(' ');
  const bindings = settled.flatMap(({ jobId, decision }) => [jobId, decision.nextFireAt]);
  const ids = settled.map(({ jobId }) => jobId);
  await trx(jobTable)
    .whereIn('id', ids)
    .update({ next_fire_at: trx.raw(`CASE id ${cases} ELSE next_fire_at END`, bindings) });
}
