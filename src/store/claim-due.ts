// Due jobs become run rows: locked, decided, inserted and moved on in one transaction.
import type { Knex } from 'knex';
import type { Job } from '../core/job.ts';
import type { FireDecision } from '../core/ports.ts';
import { activeStates, type Run } from '../core/run.ts';
import { insertRuns } from './insert-runs.ts';
import { jobTable, toJob, type JobRow } from './job-row.ts';
import { newRunRow, runTable, toRun } from './run-row.ts';
import type { StoreParts } from './store-parts.ts';

export interface DueClaim {
  readonly now: number;
  readonly limit: number;
  readonly decide: (job: Job, active: number) => FireDecision;
}

interface Decided {
  readonly job: Job;
  readonly decision: FireDecision;
}

export async function claimDue(
  { database, sealer, newId }: StoreParts,
  claim: DueClaim,
): Promise<readonly Run[]> {
  return database.transact('claiming due jobs', async (trx) => {
    const due = trx<JobRow>(jobTable)
      .where('paused', 0)
      .where('next_fire_at', '<=', claim.now)
      .orderBy('next_fire_at')
      .limit(claim.limit);
    const jobs = ((await database.dialect.lockRows(due)) as JobRow[]).map((row) => toJob(row, sealer));
    if (jobs.length === 0) return [];
    const active = await countActive(
      trx,
      jobs.map(({ id }) => id),
    );
    const decided = jobs.map((job) => ({ job, decision: claim.decide(job, active.get(job.id) ?? 0) }));
    const rows = decided.flatMap(({ job, decision }) =>
      decision.runs.map((run) =>
        newRunRow(run, { id: newId(claim.now), jobId: job.id, jobVersion: job.version, now: claim.now }),
      ),
    );
    const inserted = await insertRuns(trx, rows);
    await moveNextFires(trx, decided);
    return inserted.map(toRun);
  });
}

async function countActive(trx: Knex, jobIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const rows = await trx(runTable)
    .whereIn('job_id', jobIds)
    .whereIn('state', activeStates)
    .groupBy('job_id')
    .select<{ job_id: string; active: number | string }[]>('job_id', trx.raw('COUNT(*) AS active'));
  return new Map(rows.map((row) => [row.job_id, Number(row.active)]));
}

/** One statement for all jobs of the batch: a round trip for each would be most of the transaction's time. */
async function moveNextFires(trx: Knex, decided: readonly Decided[]): Promise<void> {
  const cases = decided.map(() => 'WHEN ? THEN ?').join(' ');
  const bindings = decided.flatMap(({ job, decision }) => [job.id, decision.nextFireAt]);
  const ids = decided.map(({ job }) => job.id);
  await trx(jobTable)
    .whereIn('id', ids)
    .update({ next_fire_at: trx.raw(`CASE id ${cases} ELSE next_fire_at END`, bindings) });
}
