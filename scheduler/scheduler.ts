// The scheduler: due jobs become run rows. Any number of them on one database, no leader: rows are claimed by lock.
import type { Clock } from '../src/core/clock.ts';
import type { Emit } from '../src/core/events.ts';
import { toSyncError } from '../src/core/errors.ts';
import type { JobStore } from '../src/core/ports/jobs.ts';
import type { RunQueue } from '../src/core/ports/queue.ts';
import type { Run } from '../src/core/run.ts';
import type { Service } from '../src/core/service.ts';
import { decideFire } from './decide-fire.ts';
import { createLoopService } from './loop-service.ts';
import { wakeRuns } from './wake-runs.ts';

export interface SchedulerParts {
  readonly jobs: Pick<JobStore, 'claimDue' | 'nextFireAt' | 'databaseNow'>;
  readonly queue: Pick<RunQueue, 'wake'>;
  readonly clock: Clock;
  readonly emit: Emit;
}

/** Jobs per transaction: many enough for 5,000 on one tick, few enough that others are not kept waiting. */
const batchSize = 200;
/** A job made or changed by another process is seen after this at the latest. */
const maxPauseMs = 1_000;
const REASON_LENGTH = 500;
/** While another scheduler holds the rows that are due. */
const minPauseMs = 20;

export function createScheduler(parts: SchedulerParts): Service {
  const { clock, emit } = parts;
  return createLoopService({
    name: 'scheduler',
    detail: 'claims due jobs',
    clock,
    emit,
    runOnce: rememberFailing(parts),
  });
}

/** What was missed while rounds failed is said to be missed for that; the first round that comes through may be many batches. */
function rememberFailing(parts: SchedulerParts): () => Promise<number> {
  const { clock } = parts;
  let failed: { readonly at: number; readonly why: string } | null = null;
  return async () => {
    try {
      const pauseMs = await runOnce(parts, failed);
      if (pauseMs > 0) failed = null;
      return pauseMs;
    } catch (error) {
      const { code, message } = toSyncError(error);
      failed ??= { at: clock.monotonic(), why: `${code}: ${message.slice(0, REASON_LENGTH)}` };
      throw error;
    }
  };
}

/** One batch. Resolves with the pause until the next, ms. Throws DATABASE_UNREACHABLE, DATABASE_FAILED. */
export async function runOnce(
  { jobs, queue, clock, emit }: SchedulerParts,
  failed: { readonly at: number; readonly why: string } | null = null,
): Promise<number> {
  const began = clock.now();
  const now = await jobs.databaseNow();
  const seen = new Set<string>();
  const failing = failed && { since: now - (clock.monotonic() - failed.at), why: failed.why };
  const { runs, unreadable } = await jobs.claimDue(now, batchSize, (due) => {
    seen.add(due.job.id);
    return decideFire(due, failing);
  });
  const queued = runs.filter(({ state }) => state === 'queued');
  for (const { id, name, unreadable: reason } of unreadable)
    emit({ type: 'job.unreadable', jobId: id, name, reason: reason ?? '' });
  if (runs.length > 0) emit(claimed(runs, queued, now));
  // What starts later is woken by rescue, when its time has come.
  await wakeRuns(
    { queue, emit },
    queued.filter(({ notBefore }) => notBefore <= now),
  );
  if (seen.size + unreadable.length === batchSize) return 0;
  const next = await jobs.nextFireAt();
  const databaseNow = now + (clock.now() - began);
  return next === null ? maxPauseMs : Math.min(maxPauseMs, Math.max(minPauseMs, next - databaseNow));
}

function claimed(runs: readonly Run[], queued: readonly Run[], now: number): Parameters<Emit>[0] {
  return {
    type: 'fires.claimed',
    runs: queued.length,
    skipped: runs.reduce(
      (sum, { state, instants }) => sum + (state === 'skipped' ? (instants?.count ?? 1) : 0),
      0,
    ),
    latenessMs: Math.max(0, ...queued.map(({ plannedAt }) => now - plannedAt)),
  };
}
