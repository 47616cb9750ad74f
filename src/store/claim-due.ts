// Due jobs become run rows: locked, decided, inserted and moved on in one transaction.
import type { Knex } from 'knex';
import type { DueJob, FireDecision } from '../core/ports.ts';
import type { Run } from '../core/run.ts';
import { readActiveRuns } from './active-runs.ts';
import { jobTable, toJob, type JobRow } from './job-row.ts';
import { toRun } from './run-row.ts';
import { storeDecisions, type Settled } from './settle-job.ts';
import type { StoreParts } from './store-parts.ts';

export interface DueClaim {
  readonly now: number;
  readonly limit: number;
  readonly decide: (due: DueJob) => FireDecision;
}

export async function claimDue(
  { database, sealer, newId }: StoreParts,
  { now, limit, decide }: DueClaim,
): Promise<readonly Run[]> {
  return database.transact('claiming due jobs', async (trx) => {
    const due = trx<JobRow>(jobTable)
      .where('paused', 0)
      .where('next_fire_at', '<=', now)
      .orderBy('next_fire_at')
      .limit(limit);
    const jobs = ((await database.dialect.lockRows(due)) as JobRow[]).map((row) => toJob(row, sealer));
    if (jobs.length === 0) return [];
    const activeOf = await readActiveRuns(trx, { jobIds: jobs.map(({ id }) => id), now });
    const settled = jobs.map((job): Settled => {
      const decision = decide({ job, active: activeOf(job.id), now });
      return { jobId: job.id, jobVersion: job.version, decision };
    });
    const inserted = await storeDecisions(trx, settled, { newId, now });
    await moveNextFires(trx, settled);
    return inserted.map(toRun);
  });
}

/** One statement for all jobs of the batch: a round trip for each would be most of the transaction's time. */
async function moveNextFires(trx: Knex, settled: readonly Settled[]): Promise<void> {
  const cases = settled.map(() => 'WHEN ? THEN ?').join(' ');
  const bindings = settled.flatMap(({ jobId, decision }) => [jobId, decision.nextFireAt]);
  const ids = settled.map(({ jobId }) => jobId);
  await trx(jobTable)
    .whereIn('id', ids)
    .update({ next_fire_at: trx.raw(`CASE id ${cases} ELSE next_fire_at END`, bindings) });
}
