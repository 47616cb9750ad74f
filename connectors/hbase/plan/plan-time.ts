// The time that a whole plan may take. A run that says nothing counts as not started (policy `startMs`), and nothing is said before
// the plan is made: so all its steps share one limit. What a plan can do without (cuts, a count, the end of a growing column)
// gives up in time; what it can't ends the plan, naming the step.
import type { Clock } from '../../../src/core/clock.ts';
import { SyncError } from '../../../src/core/errors.ts';
import { inTime } from './in-time.ts';

/** Below the default of `startMs` by what comes before and after: starting the task, making the topic, saying `start`. */
export const planLimitMs = 45_000;
/** Of what is left, so much is kept for the steps to come. */
const reserveMs = 2_000;

export interface PlanTime {
  readonly signal: AbortSignal;
  /** What is being done, for the error when the time is up. */
  step(what: string): void;
  /** As much of `mostMs` as is left. */
  limit(mostMs: number): number;
}

/** @throws SyncError SOURCE_UNREACHABLE when the time is up */
export async function withinPlan<T>(
  { clock, signal, table }: { readonly clock: Clock; readonly signal: AbortSignal; readonly table: string },
  plan: (time: PlanTime) => Promise<T>,
): Promise<T> {
  const deadline = clock.now() + planLimitMs;
  let doing = '';
  const made = await inTime({ clock, limitMs: planLimitMs, signal }, async (within) => ({
    plan: await plan({
      signal: within,
      step: (what) => void (doing = what),
      limit: (mostMs) => Math.max(0, Math.min(mostMs, deadline - clock.now() - reserveMs)),
    }),
  }));
  if (made !== undefined) return made.plan;
  throw new SyncError('SOURCE_UNREACHABLE', {
    message: `planning the read of ${table}: after ${planLimitMs / 1000} s, ${doing} was not over`,
  });
}
