// What the rows of a unit do to the split whose current attempt sent them: written or stored as dirty, removed, or their keys compared.
import type { DirtyEntry, LedgerPlan, LedgerSplit } from '../../core/ledger/ledger.ts';
import type { OpenRow } from '../../core/ledger/target-trust.ts';
import type { KeyClaim, RefusedRow, RowBatch, SinkTransaction } from '../../core/connector/sink-store.ts';
import type { RunLimits } from './complete-run.ts';
import { requireDirtyBelow } from './dirty-limit.ts';
import { firstLookAt, requireRemovable } from './removal-limit.ts';
import { closedBy, goneOf, keepFew, openedBy } from './rows/open-rows.ts';
import { dirtyOf, maxWaiting, waitingOf } from './rows/waiting-rows.ts';
import { withoutGone } from './rows/witness-keys.ts';
import { forgetWitnesses, withWritten } from './rows/witness-rows.ts';
import { writeBatch } from './rows/write-batch.ts';
import type { Exchange } from './rows/write-batch.ts';
import type { Segment } from './sink-inbox.ts';
import type { UnitSplits } from './unit-splits.ts';

export interface RowsWork extends Exchange {
  readonly target: RunLimits;
  readonly splits: UnitSplits;
  /** The run's, which a BEGIN of the unit may bring. */
  readonly plan: () => LedgerPlan | null;
  /** Rows open before the run. */
  readonly open: readonly OpenRow[];
  /** What the transaction wrote, and keys of rows that were looked at when they were written. */
  readonly written: RowBatch[];
  readonly marked: Set<string>;
  /** Keys of rows open before the run that the transaction wrote or removed. */
  readonly closed: Set<string>;
  /** How many removals there were when the limit was last looked at. */
  removalsSeen: number;
}

export type RowsSegment = Exclude<Segment, { kind: 'begin' | 'end' }>;

/** Throws DIRTY_LIMIT, REMOVAL_LIMIT, ExchangeFailed. */
export async function applyRows(
  tx: SinkTransaction,
  work: RowsWork,
  { split, segment }: { readonly split: LedgerSplit; readonly segment: RowsSegment },
): Promise<void> {
  switch (segment.kind) {
    case 'rows':
      return writeRows(tx, work, { split, batch: segment.batch });
    case 'deletes':
      return deleteRows(tx, work, { split, batch: segment.batch });
    case 'keys':
      return setAside(tx, work, { split, claim: segment.claim });
    case 'dirty': {
      const refused = keepFew([...split.refused, { key: segment.row.key, sent: null, row: null }]);
      await addDirty(tx, work, {
        split: { ...split, refused },
        rows: [{ ...segment.row, split: split.split, attempt: split.attempt, stage: 'source' }],
      });
    }
  }
}

async function writeRows(
  tx: SinkTransaction,
  work: RowsWork,
  { split, batch }: { readonly split: LedgerSplit; readonly batch: RowBatch },
): Promise<void> {
  const { place, splits } = work;
  const refused = await writeBatch(tx, batch, work);
  work.written.push(batch);
  const { marked, ...witnessed } = await withWritten(tx, split, { batch, refused, place });
  for (const key of marked) work.marked.add(key);
  const closed = closedOf(work, split, { batch, refused });
  const room = maxWaiting - splits.sum('waiting');
  const { waiting, lost } = waitingOf(batch, refused, { place, room });
  const after = {
    ...split,
    ...witnessed,
    closed,
    refused: keepFew([...split.refused, ...openedBy(batch, lost, place)]),
    waiting: [...split.waiting, ...waiting],
    written: split.written + batch.rows - refused.length,
  };
  splits.put(after);
  if (lost.length === 0) return;
  await addDirty(tx, work, { split: after, rows: lost.map((row) => dirtyOf(split, row)) });
}

async function deleteRows(
  tx: SinkTransaction,
  work: RowsWork,
  { split, batch }: { readonly split: LedgerSplit; readonly batch: RowBatch },
): Promise<void> {
  const { place, splits, target } = work;
  await tx.deleteRows(batch);
  await forgetWitnesses(tx, { job: target.key.job, gone: batch, place });
  const witnesses = withoutGone(split.witnesses, batch, place);
  const closed = closedOf(work, split, { batch, refused: [] });
  splits.put({ ...split, witnesses, closed, deleted: split.deleted + batch.rows });
}

async function addDirty(
  tx: SinkTransaction,
  { splits, target }: RowsWork,
  { split, rows }: { readonly split: LedgerSplit; readonly rows: readonly DirtyEntry[] },
): Promise<void> {
  splits.put({ ...split, dirty: split.dirty + rows.length });
  requireDirtyBelow(target.dirtyLimit, splits.sum('dirty'), rows[0]);
  await tx.addDirty(target.key, rows);
}

async function setAside(
  tx: SinkTransaction,
  work: RowsWork,
  { split, claim }: { readonly split: LedgerSplit; readonly claim: KeyClaim },
): Promise<void> {
  const { splits, target, open, plan, place } = work;
  const closed = [...new Set([...split.closed, ...goneOf(claim, open, { plan: plan(), place })])];
  let { removed, lacks } = split;
  const onLacking = (): void => void (lacks = true);
  for await (const keys of tx.unclaimedKeys({ ...claim, onLacking })) {
    await tx.setAside(target.key, split.split, keys);
    removed += keys.length;
    splits.put({ ...split, closed, removed, lacks });
    const all = splits.sum('removed');
    if (all < Math.max(firstLookAt, work.removalsSeen * 2)) continue;
    await requireRemovable(tx, all, target.removalLimit);
    work.removalsSeen = all;
  }
  splits.put({ ...split, closed, removed, lacks });
}

function closedOf(
  { open, place, closed }: RowsWork,
  split: LedgerSplit,
  { batch, refused }: { readonly batch: RowBatch; readonly refused: readonly RefusedRow[] },
): readonly string[] {
  const keys = closedBy(batch, open, { place, refused });
  for (const key of keys) closed.add(key);
  return [...new Set([...split.closed, ...keys])];
}
