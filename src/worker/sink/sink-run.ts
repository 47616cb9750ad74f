// What the steps of a sink task share once its run is found.
import type { Wakeup } from '../../core/waiting/wakeup.ts';
import { noCounts } from '../../core/status.ts';
import type { ApplyTarget } from './apply-unit.ts';
import type { Progress, StatusSpeaker } from '../status-speaker.ts';
import type { TaskContext } from '../lanes/task-context.ts';
import type { Inboxes } from './inboxes.ts';
import type { PlanInHand } from './plan-in-hand.ts';
import type { SinkState } from './sink-state.ts';

export interface FoundRun {
  readonly context: TaskContext;
  readonly speaker: StatusSpeaker;
  readonly target: ApplyTarget;
  /** The run as the ledger has it; changed only by what was committed. */
  readonly state: SinkState;
  readonly plan: PlanInHand;
}

export interface SinkRun extends FoundRun {
  readonly inboxes: Inboxes;
  /** How long a failing unit is tried again. */
  readonly retryMs: number;
  /** Something was fetched, or a partition is free again. */
  readonly news: Wakeup;
}

export function progressOf({ target, state, plan }: FoundRun): Progress {
  const { written, dirty, deleted, removed, ended } = state.sums;
  // Rows go when the run completes.
  const counts = { written, dirty, deleted, removed: state.complete ? removed : 0 };
  return {
    epoch: target.key.epoch,
    predicted: plan.predicted,
    counts: { ...noCounts, ...counts, skipped: state.skipped },
    ...(state.plan === null
      ? {}
      : { window: state.plan.window, splits: { total: state.plan.splits, ended } }),
    notes: plan.prepared?.notes ?? [],
  };
}
