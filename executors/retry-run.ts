// Another attempt at a run that ended badly: a new row, made before the old one ends, so that a crash between can't lose it
// (it can't be claimed while the old one goes).
import type { JobSpec } from '../src/core/job.ts';
import type { RunStore } from '../src/core/ports.ts';
import type { Run } from '../src/core/run.ts';
import type { Settlement } from './settle-run.ts';

/** The planned attempt; null: none. */
export async function retryRun(
  { runs, now }: { readonly runs: Pick<RunStore, 'create'>; readonly now: number },
  { run, spec }: { readonly run: Run; readonly spec: JobSpec },
  settlement: Settlement,
): Promise<Run | null> {
  if (!deservesRetry(settlement) || run.attempt >= spec.policy.maxAttempts) return null;
  const { run: next } = await runs.create(run.jobId, {
    plannedAt: run.plannedAt,
    mode: run.mode,
    trigger: { kind: 'retry', of: run.id },
    attempt: run.attempt + 1,
    notBefore: now + spec.policy.retryDelayMs,
    skipped: null,
  });
  return next;
}

function deservesRetry({ state, reason }: Settlement): boolean {
  if (state !== 'failed' && state !== 'timed-out' && state !== 'lost') return false;
  return reason?.retriable === true;
}
