// A run by hand: its row, then the wake-up.
import type { Job } from '../src/core/job.ts';
import type { AuditOf } from '../src/core/ports/audit.ts';
import type { JobStore } from '../src/core/ports/jobs.ts';
import type { RunQueue } from '../src/core/ports/queue.ts';
import type { NewRun, RunStore } from '../src/core/ports/runs.ts';
import type { Emit } from '../src/core/events.ts';
import type { Run } from '../src/core/run.ts';
import { wakeRuns } from './wake-runs.ts';

/** Runs of one job that may wait for their turn when one more is asked for by hand. */
const maxQueued = 20;

export interface TriggerParts {
  readonly jobs: Pick<JobStore, 'databaseNow'>;
  readonly runs: Pick<RunStore, 'create'>;
  readonly queue: Pick<RunQueue, 'wake'>;
  readonly emit: Emit;
}

export interface TriggerOptions {
  /** null: the job's own. */
  readonly mode: 'full' | 'incremental' | null;
  /** Checked against what the job declares. */
  readonly parameters: Run['parameters'];
  /** null: the job's, and any. */
  readonly cluster: string | null;
  readonly executor: string | null;
  /** The same key for the same job gives the same run. */
  readonly idempotencyKey: string | null;
  readonly audit?: AuditOf<Run>;
}

/**
 * Called by the API. The run waits its turn when another one of the job is going. A queue that can't be reached does not fail it:
 * rescue finds the row. Throws NOT_FOUND when the job is gone, CONFLICT when too many
 * of its runs wait already, BAD_INPUT for an endless key, DATABASE_UNREACHABLE.
 */
export async function triggerRun(
  { jobs, runs, queue, emit }: TriggerParts,
  job: Job,
  { mode, parameters, cluster, executor, idempotencyKey, audit }: TriggerOptions,
): Promise<{ readonly run: Run; readonly created: boolean }> {
  const now = await jobs.databaseNow();
  // Fires are planned for whole seconds: a run by hand must not take the row of one.
  for (let plannedAt = now + (now % 1000 === 0 ? 1 : 0); ; plannedAt += plannedAt % 1000 === 999 ? 2 : 1) {
    const newRun: NewRun = {
      plannedAt,
      mode: mode ?? job.spec.mode,
      parameters,
      cluster,
      executor,
      trigger: { kind: 'manual', idempotencyKey },
      attempt: 1,
      notBefore: now,
      priority: job.spec.policy.priority,
      skipped: null,
      maxQueued,
    };
    const result = await runs.create(job.id, newRun, audit);
    if (result.created) await wakeRuns({ queue, emit }, [result.run]);
    if (result.created || isSame(result.run, idempotencyKey)) return result;
    // Another run by hand in the same millisecond.
  }
}

function isSame({ trigger }: Run, idempotencyKey: string | null): boolean {
  return idempotencyKey !== null && trigger.kind === 'manual' && trigger.idempotencyKey === idempotencyKey;
}
