// The end of a run in the target, in the transaction that ends its last split: rows put aside go, what the job may believe of its
// target is brought up to date, the watermark moves.
import { SyncError } from '../../core/errors.ts';
import type { LedgerPlan, LedgerSplit, RunKey } from '../../core/ledger/ledger.ts';
import type { SinkTransaction } from '../../core/connector/sink-store.ts';
import { trustAtEnd } from '../../core/ledger/trust-at-end.ts';
import { requireDirtyBelow } from './dirty-limit.ts';
import { readPlanDetail } from './plan-detail.ts';
import { requireRemovable } from './removal-limit.ts';
import { settleWaiting } from './rows/waiting-rows.ts';
import type { Exchange } from './rows/write-batch.ts';
import { lookAtEnd, witnessesAtEnd } from './rows/witness-rows.ts';

export interface RunLimits {
  readonly key: RunKey;
  readonly dirtyLimit: number;
  /** Percent of the target's rows that a comparison of keys may remove. */
  readonly removalLimit: number;
}

/**
 * When the last split of the plan has ended, under the exclusive lock. Gives the splits whose waiting rows were written, or refused
 * for good. Throws DIRTY_LIMIT, REMOVAL_LIMIT, TARGET_CHANGED, FENCED, ExchangeFailed.
 */
export async function completeRun(
  tx: SinkTransaction,
  limits: RunLimits,
  run: Exchange & { readonly plan: LedgerPlan },
): Promise<readonly LedgerSplit[]> {
  const { key } = limits;
  const { plan, place } = run;
  const before = await tx.readSplits(key);
  const trust = await tx.readTrust(key.job);
  const isFull = plan.window.from === null;
  const { candidates, ...seen } = await lookAtEnd(tx, { trust, splits: before, isFull, place });
  await removeGone(tx, limits, before);
  const { splits, dirty: refusedNow, written } = await settleWaiting(tx, { ...run, splits: before, trust });
  const dirty = countDirty(splits);
  requireDirtyBelow(limits.dirtyLimit, dirty, refusedNow[0]);
  requireClean(dirty, limits.dirtyLimit);
  if (refusedNow.length > 0) await tx.addDirty(key, refusedNow);
  const settled = splits.filter((split, at) => split !== before[at]);
  for (const split of settled) await tx.putSplit(key, split);
  const detail = readPlanDetail(plan);
  const { trust: after, doubts } = trustAtEnd(trust, {
    ...seen,
    window: plan.window,
    follows: detail.follows,
    sourceMark: detail.sourceMark,
    witnesses: await witnessesAtEnd(tx, candidates, { trust, place }),
    filled: (await tx.isEmpty()) === false,
    tableMark: (await tx.markTable?.()) ?? null,
    said: (await tx.readRun(key))?.doubts ?? [],
    lacks: splits.some(({ lacks }) => lacks),
    dirty,
    refused: splits.flatMap((split) => split.refused),
    closed: new Set([...splits.flatMap((split) => split.closed), ...written]),
  });
  await tx.putTrust(key.job, after);
  if (doubts.length > 0) await tx.addDoubts(key, doubts);
  if (await tx.completeRun(key, plan.window.to)) return settled;
  throw new SyncError('FENCED', {
    message: `completing ${key.job}: the watermark is not where this run began (it was moved or reset during the run)`,
  });
}

/** Two writers that commit side by side each see less than the limit. */
function requireClean(dirty: number, limit: number): void {
  if (dirty <= limit) return;
  throw new SyncError('DIRTY_LIMIT', {
    message: `completing the run: ${dirty} dirty rows, limit ${limit}`,
  });
}

function countDirty(splits: readonly LedgerSplit[]): number {
  return splits.reduce((sum, split) => sum + split.dirty, 0);
}

async function removeGone(
  tx: SinkTransaction,
  { key, removalLimit }: RunLimits,
  splits: readonly LedgerSplit[],
): Promise<void> {
  const removals = splits.reduce((sum, { removed }) => sum + removed, 0);
  if (removals === 0) return;
  await requireRemovable(tx, removals, removalLimit);
  await tx.removeSetAside(key);
}
