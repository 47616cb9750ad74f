// Another attempt at an instant, asked for by a person. Decided under the lock of the job, so that two of them make one run.
import { SyncError } from '../../core/errors.ts';
import type { AuditOf } from '../../core/ports/audit.ts';
import type { RunStore } from '../../core/ports/runs.ts';
import { isTerminal, type Run } from '../../core/run.ts';
import { insertAudit } from '../jobs/audit-trail.ts';
import { lockJob } from '../jobs/lock-job.ts';
import { newRunRow, runTable, toRun, type RunRow } from './run-row.ts';
import type { StoreParts } from '../store-parts.ts';

export async function retryByHand(
  { database, newId }: StoreParts,
  { id, version, mode }: Parameters<RunStore['retry']>[0],
  audit?: AuditOf<Run>,
): ReturnType<RunStore['retry']> {
  return database.transact(`retrying run ${id}`, async (trx) => {
    const run = await trx<RunRow>(runTable).where({ id }).first();
    if (run === undefined) throw new SyncError('NOT_FOUND', { message: `no run ${id}` });
    const { row: job, now } = await lockJob(database, trx, run.job_id);
    const { job_id, planned_at } = run;
    const latest = await trx<RunRow>(runTable)
      .where({ job_id, planned_at })
      .orderBy('attempt', 'desc')
      .first();
    if (latest === undefined) throw new SyncError('NOT_FOUND', { message: `no run ${id}` });
    const isOver = isTerminal(latest.state) && (latest.id === id || latest.state !== 'succeeded');
    if (!isOver) return { run: toRun(latest), created: false };
    const row = newRunRow(
      {
        plannedAt: Number(planned_at),
        mode: mode ?? run.mode,
        parameters: toRun(run).parameters,
        cluster: run.cluster,
        executor: run.executor,
        trigger: { kind: 'retry', of: id },
        attempt: latest.attempt + 1,
        notBefore: now,
        priority: 0 - run.queue_rank,
        skipped: null,
        interval: toRun(run).interval,
      },
      {
        id: newId(now),
        jobId: job_id,
        jobVersion: version === 'newest' ? job.version : run.job_version,
        now,
      },
    );
    await trx(runTable).insert(row);
    const made = toRun(row);
    await insertAudit(database, trx, audit?.(made));
    return { run: made, created: true };
  });
}
