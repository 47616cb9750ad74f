// One unit into the target, however often that must be tried.
//
//   apply ─committed─► done
//     │ ─position moved, or a passing failure─► where does the ledger stand? ─behind the unit─► done
//     │                                             │ ─before it─► apply again (after a pause, until the time is up)
//     │                                             └─elsewhere─► FENCED
//     └─any other failure─► thrown
import type { Clock } from '../../core/clock.ts';
import { SyncError, toSyncError } from '../../core/errors.ts';
import type { LedgerPlan } from '../../core/ledger/ledger.ts';
import type { SinkStore } from '../../core/connector/sink-store.ts';
import { doubling, retry } from '../../core/waiting/retry.ts';
import { applyUnit } from './apply-unit.ts';
import type { ApplyTarget, TargetTable } from './apply-unit.ts';
import type { Unit } from './sink-inbox.ts';
import { loadState } from './sink-ledger.ts';
import { putSplit } from './sink-state.ts';
import type { SinkState } from './sink-state.ts';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

export interface UnitWrite {
  readonly store: SinkStore;
  readonly target: ApplyTarget;
  /** Changed once the unit is in the target. */
  readonly state: SinkState;
  readonly unit: Unit;
  readonly plan: LedgerPlan | null;
  readonly table: TargetTable;
  readonly clock: Clock;
  /** How long a failing unit is tried again. */
  readonly retryMs: number;
  readonly signal: AbortSignal;
}

/** Throws FENCED, INCOMPLETE, DIRTY_LIMIT, and what the store throws for longer than `retryMs` or at all. */
export async function writeUnit(write: UnitWrite): Promise<void> {
  const { clock, signal, retryMs: withinMs } = write;
  let unsure = false;
  const attempt = async (): Promise<void> => {
    // Asked before each repetition: what failed may have been committed.
    if (unsure && (await isApplied(write))) return;
    unsure = true;
    const outcome = await applyUnit({ ...write, planOf: () => write.plan });
    if (outcome.kind === 'position-moved' && !(await isApplied(write)))
      throw new SyncError('TARGET_FAILED', {
        message: `${describe(write)}: its position changed and changed back`,
        retriable: true,
      });
  };
  const pauseMs = doubling(FIRST_PAUSE_MS, LONGEST_PAUSE_MS);
  try {
    await retry({ clock, signal, pauseMs, withinMs, isPassing }, attempt);
  } catch (error) {
    throw toSyncError(error, 'TARGET_FAILED');
  }
}

function isPassing(error: unknown): boolean {
  const { retriable, code } = toSyncError(error, 'TARGET_FAILED');
  return retriable && code !== 'INCOMPLETE';
}

/** true when the ledger stands behind the unit; false when it stands before it; else throws FENCED. */
async function isApplied(write: UnitWrite): Promise<boolean> {
  const { store, target, state, unit } = write;
  const loaded = await loadState(store, target);
  const position = loaded.partitions.find((each) => each.partition === unit.partition);
  if (position?.next === unit.from) return false;
  if (position?.next !== unit.to) {
    throw new SyncError('FENCED', {
      message: `${describe(write)}: another task moved the position to ${position?.next ?? 'nowhere'}`,
    });
  }
  // Other partitions' splits may be newer in memory than in this reading; only this partition's are taken.
  for (const split of loaded.state.splits.values())
    if (split.partition === unit.partition) putSplit(state, split);
  state.plan = loaded.state.plan;
  state.skipped = Math.max(state.skipped, loaded.state.skipped);
  state.doubts = loaded.state.doubts;
  state.marked = loaded.state.marked;
  state.complete ||= loaded.state.complete;
  return true;
}

function describe({ target, unit }: UnitWrite): string {
  return `writing ${target.topic}-${unit.partition} from ${unit.from}`;
}
