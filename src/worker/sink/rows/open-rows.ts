// Rows that were refused stay open: until a later run writes or removes their key, or a full read comes through without them.
import { readClaim } from '../../../core/record/key-claim.ts';
import { keyOrderOf, liesWithin } from '../../../core/record/key-order.ts';
import { readKey, rowsOf, sentKey } from '../../../core/record/row-key.ts';
import type { KeyPlace } from '../../../core/record/row-key.ts';
import type { KeyClaim, RefusedRow, RowBatch } from '../../../core/connector/sink-store.ts';
import { readPlanDetail } from '../plan-detail.ts';
import type { LedgerPlan, LedgerSplit } from '../../../core/ledger/ledger.ts';
import type { OpenRow, TargetTrust } from '../../../core/ledger/target-trust.ts';

/** Of one split; what is beyond is counted only, and stays open until a full read. */
const maxKept = 20;
const maxRowBytes = 2_000;

/** The refused rows of a batch, to be tried again by later runs. */
export function openedBy(
  batch: RowBatch,
  refused: readonly RefusedRow[],
  place: KeyPlace,
): readonly OpenRow[] {
  if (refused.length === 0) return [];
  const bounds = [...rowsOf(batch)];
  return refused.slice(0, maxKept).map(({ index, key }) => {
    const at = bounds[index];
    if (at === undefined) return { key, sent: null, row: null };
    const bytes = batch.bytes.subarray(at.start, at.end);
    const row = bytes.length > maxRowBytes ? null : bytes.toString('base64');
    return { key, sent: sentKey(batch.bytes, at, place), row };
  });
}

export function keepFew(rows: readonly OpenRow[]): readonly OpenRow[] {
  return rows.slice(0, maxKept);
}

/** Keys of open rows that the batch names, but for rows that were refused again. */
export function closedBy(
  batch: RowBatch,
  open: readonly OpenRow[],
  { place, refused }: { readonly place: KeyPlace; readonly refused: readonly RefusedRow[] },
): readonly string[] {
  const known = new Set(open.map(({ sent }) => sent).filter((sent) => sent !== null));
  if (known.size === 0) return [];
  const again = new Set(refused.map(({ index }) => index));
  return [...rowsOf(batch)].flatMap((bounds, index) => {
    const key = again.has(index) ? null : sentKey(batch.bytes, bounds, place);
    return key !== null && known.has(key) ? [key] : [];
  });
}

/** Keys of open rows that the source has no more, by its own list of keys: they must not be written again. */
export function goneOf(
  claim: KeyClaim,
  open: readonly OpenRow[],
  { plan, place }: { readonly plan: LedgerPlan | null; readonly place: KeyPlace },
): readonly string[] {
  if (plan === null || open.length === 0) return [];
  const order = keyOrderOf(readPlanDetail(plan).schema);
  if (order === null) return [];
  const claimed = readClaim(order, claim);
  return open.flatMap(({ sent }) => {
    const values = sent === null ? [] : readKey(sent);
    const key = order.read(order.fields.map((field) => values[place.key.indexOf(field)]));
    const isGone = key !== null && liesWithin(order, claimed, key) && !claimed.there.has(key.id);
    return isGone && sent !== null ? [sent] : [];
  });
}

/**
 * Open rows of earlier runs that the run did not meet: they are tried again at its end. Of a row that it met and refused, an earlier
 * run that failed may have written a version between the two: the older one must not go over it.
 */
export function openToTry(
  { open, mapping }: TargetTrust,
  splits: readonly LedgerSplit[],
): readonly { readonly row: string; readonly sent: string }[] {
  const refused = splits.flatMap((split) => split.refused);
  // Which rows were refused beyond those that are kept, nobody knows.
  if (splits.reduce((sum, { dirty }) => sum + dirty, 0) > refused.length) return [];
  const met = new Set(splits.flatMap((split) => [...split.refused, ...split.waiting].map(({ key }) => key)));
  const closed = new Set(splits.flatMap((split) => split.closed));
  return open.flatMap(({ key, sent, row, mapping: of }) =>
    row === null || sent === null || of !== mapping || closed.has(sent) || met.has(key)
      ? []
      : [{ row, sent }],
  );
}
