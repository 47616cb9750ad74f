// Rescue: queued runs whose wake-up was lost are taken here, or woken again where there is no room; runs whose executor died are handed to somebody who ends them.
// Two queries per round for all runs; no timer per job.
import type { Clock } from '../src/core/clock.ts';
import type { Emit } from '../src/core/events.ts';
import { sayHereEveryMs, type ExecutorStore } from '../src/core/ports/executors.ts';
import type { JobStore } from '../src/core/ports/jobs.ts';
import type { RunQueue } from '../src/core/ports/queue.ts';
import type { RunStore } from '../src/core/ports/runs.ts';
import type { Run } from '../src/core/run.ts';
import type { Service } from '../src/core/service.ts';
import { createLoopService } from './loop-service.ts';
import { wakeRuns } from './wake-runs.ts';

export interface RescueParts {
  readonly jobs: Pick<JobStore, 'databaseNow'>;
  readonly runs: Pick<RunStore, 'listQueued' | 'listExpired'>;
  readonly queue: Pick<RunQueue, 'wake'>;
  readonly executors: Pick<ExecutorStore, 'sayHere'>;
  /** Of this process's executor. */
  readonly executor: string;
  /** Lets this process's executor try to take the run; false: it has no room. */
  readonly onQueued: (run: Run) => boolean;
  /** Takes the run over and ends it; must leave it alone when somebody else was faster. Not called again before it settled. */
  readonly onExpired: (run: Run) => Promise<void>;
  readonly clock: Clock;
  readonly emit: Emit;
}

const periodMs = 2_000;
/** A run that is younger may still have its wake-up on the way. */
const graceMs = 1_000;
const batchSize = 500;

export function createRescue(parts: RescueParts): Service {
  const { clock, emit } = parts;
  const runOnce = createRescueRound(parts);
  return createLoopService({ name: 'rescue', detail: 'looks for lost runs', clock, emit, runOnce });
}

/** One round per call; resolves with the pause until the next, ms. Throws DATABASE_UNREACHABLE, DATABASE_FAILED. */
export function createRescueRound({
  jobs,
  runs,
  queue,
  executors,
  executor,
  onQueued,
  onExpired,
  emit,
}: Omit<RescueParts, 'clock'>): () => Promise<number> {
  const inHand = new Set<string>();
  const hand = async (run: Run): Promise<void> => {
    inHand.add(run.id);
    try {
      await onExpired(run);
    } catch (error) {
      emit({ type: 'service.failed', service: 'rescue', error });
    } finally {
      inHand.delete(run.id);
    }
  };
  let rounds = 0;
  return async () => {
    if (rounds % (sayHereEveryMs / periodMs) === 0) await executors.sayHere(executor);
    rounds += 1;
    const now = await jobs.databaseNow();
    const queued = await runs.listQueued(now - graceMs, batchSize, executor);
    // Not through the queue first: it may be what is away, or hold the wake-up of an executor that died.
    await wakeRuns(
      { queue, emit },
      queued.filter((run) => !onQueued(run)),
    );
    for (const run of await runs.listExpired(batchSize)) {
      // Not awaited: one target that can't be reached must not keep the other runs waiting.
      if (!inHand.has(run.id)) void hand(run);
    }
    return periodMs;
  };
}
