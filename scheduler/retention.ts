// Retention: ended runs older than the configured age go, with their log lines.
import type { Clock } from '../src/core/clock.ts';
import type { Emit } from '../src/core/events.ts';
import type { JobStore } from '../src/core/ports/jobs.ts';
import type { RunStore } from '../src/core/ports/runs.ts';

export interface RetentionParts {
  readonly jobs: Pick<JobStore, 'databaseNow'>;
  readonly runs: Pick<RunStore, 'sweep'>;
  readonly keepMs: number;
  readonly clock: Clock;
  readonly emit: Emit;
}

const batchSize = 200;

/** One batch, small so that others get at the tables; `more` tells whether to go on. Throws DATABASE_UNREACHABLE, DATABASE_FAILED. */
export async function sweepOnce({
  jobs,
  runs,
  keepMs,
  emit,
}: RetentionParts): Promise<{ readonly more: boolean }> {
  const now = await jobs.databaseNow();
  const removed = await runs.sweep(now - keepMs, batchSize);
  if (removed > 0) emit({ type: 'retention.swept', runs: removed });
  return { more: removed === batchSize };
}
