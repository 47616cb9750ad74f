// The end of a run in the target, in the transaction that ends its last split: rows put aside go, what the job may believe of its
// target is brought up to date, the watermark moves.
import { SyncError } from '../../core/errors.ts';
import type { LedgerPlan, LedgerSplit } from '../../core/ledger/ledger.ts';
import type { KeyPlace } from '../../core/record/row-key.ts';
import { keyRows } from '../../core/record/row-key.ts';
import type { RunKey, SinkTransaction } from '../../core/connector/sink-store.ts';
import { trustAtEnd } from '../../core/ledger/target-trust.ts';
import type { TargetTrust } from '../../core/ledger/target-trust.ts';
import { retryOpen } from './open-rows.ts';
import { readPlanDetail } from './plan-detail.ts';
import { requireRemovable } from './removal-limit.ts';

export interface RunLimits {
  readonly key: RunKey;
  readonly dirtyLimit: number;
  /** Percent of the target's rows that a comparison of keys may remove. */
  readonly removalLimit: number;
}

/** Under the exclusive lock only: two transactions with the last two ENDs must see each other. `place` null: no table was looked at. */
export async function completeIfAllEnded(
  tx: SinkTransaction,
  limits: RunLimits,
  run: { readonly plan: LedgerPlan | null; readonly place: KeyPlace | null },
): Promise<boolean> {
  const { key } = limits;
  const { plan, place } = run;
  if (plan === null || (await tx.countEnded(key)) < plan.splits) return false;
  const splits = await tx.readSplits(key);
  requireClean(splits, limits.dirtyLimit);
  await removeGone(tx, limits, splits);
  const trust = await tx.readTrust(key.job);
  const closed = new Set(splits.flatMap((split) => split.closed));
  const refused = splits.flatMap((split) => split.refused);
  const dirty = countDirty(splits);
  for (const key of await retryOpen(tx, trust, { closed, refused, dirty, place })) closed.add(key);
  const { trust: after, doubts } = trustAtEnd(await keepThere(tx, trust, place), {
    window: plan.window,
    followsFrom: readPlanDetail(plan).followsFrom,
    written: splits.flatMap(({ witness }) => witness ?? []),
    dirty,
    refused,
    closed,
  });
  await tx.putTrust(key.job, after);
  if (doubts.length > 0) await tx.addDoubts(key, doubts);
  if (await tx.completeRun(key, plan.window.to)) return true;
  throw new SyncError('FENCED', {
    message: `completing ${key.job}: the watermark is not where this run began (it was moved or reset during the run)`,
  });
}

/** Two writers that commit side by side each see less than the limit. */
function requireClean(splits: readonly LedgerSplit[], limit: number): void {
  const dirty = countDirty(splits);
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

/** Rows that this run removed bear no witness to anything. */
async function keepThere(
  tx: SinkTransaction,
  trust: TargetTrust,
  place: KeyPlace | null,
): Promise<TargetTrust> {
  const { witnesses } = trust;
  if (place === null || place.key.length === 0 || witnesses.length === 0) return trust;
  const missing = new Set(await tx.findMissing(keyRows(witnesses, place)));
  return { ...trust, witnesses: witnesses.filter((_, index) => !missing.has(index)) };
}
