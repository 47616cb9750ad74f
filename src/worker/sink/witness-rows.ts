// Rows whose keys a job keeps as witnesses: a target that was emptied, made anew or restored since the last run lacks them.
import { SyncError } from '../../core/errors.ts';
import type { LedgerPlan } from '../../core/ledger/ledger.ts';
import { keyRows, sentKey } from '../../core/record/row-key.ts';
import type { KeyPlace } from '../../core/record/row-key.ts';
import type { RejectedRow, RowBatch, SinkTransaction } from '../../core/connector/sink-store.ts';
import { trustAtPlan } from '../../core/ledger/target-trust.ts';
import type { TargetTrust } from '../../core/ledger/target-trust.ts';

const LF = 0x0a;
/** A longer key is none to keep. */
const maxKeyText = 2_000;

/** What a plan has to know of the target's table. */
export interface PlannedTable {
  readonly place: KeyPlace;
  /** As ReadyTable has it. */
  readonly changedAt?: string | null;
}

/**
 * In the transaction that sets the run's plan, before its first row. An increment over a target without the witnesses would be
 * complete and not equal to the source. Throws TARGET_CHANGED.
 */
export async function beginPlan(
  tx: SinkTransaction,
  { job, plan, table }: { readonly job: string; readonly plan: LedgerPlan; readonly table: PlannedTable },
): Promise<void> {
  const { window } = plan;
  const { place, changedAt = null } = table;
  const trust = await tx.readTrust(job);
  const isFull = window.from === null;
  const emptyTarget = isFull && trust.deletesFrom !== null && (await tx.isEmpty());
  const known = isFull ? trust : await requireWitnesses(tx, trust, place);
  await tx.putTrust(job, trustAtPlan(known, { window, emptyTarget, changedAt }));
}

async function requireWitnesses(
  tx: SinkTransaction,
  trust: TargetTrust,
  place: KeyPlace,
): Promise<TargetTrust> {
  const { witnesses } = trust;
  if (witnesses.length === 0 || place.key.length === 0) return trust;
  const missing = new Set(await tx.findMissing(keyRows(witnesses, place)));
  if (missing.size === 0) return trust;
  const there = witnesses.filter((_, index) => !missing.has(index));
  if (there.length > 0) return { ...trust, lost: trust.lost + missing.size, witnesses: there };
  throw new SyncError('TARGET_CHANGED', {
    message: `beginning an increment: none of ${missing.size} rows that this job wrote before is in the target: it was emptied, made anew or restored since the last run`,
  });
}

/** Key of the last row that was written; null: there is none to keep. */
export function lastWritten(
  { bytes, rows }: RowBatch,
  rejected: readonly RejectedRow[],
  place: KeyPlace,
): string | null {
  if (rows === 0 || rejected.some(({ index }) => index === rows - 1)) return null;
  const end = bytes.length - 1;
  const key = sentKey(bytes, { start: bytes.lastIndexOf(LF, end - 1) + 1, end }, place);
  return key === null || key.length > maxKeyText ? null : key;
}

/** A key that the source says is gone is no witness any more. */
export async function forgetWitnesses(
  tx: SinkTransaction,
  { job, gone, place }: { readonly job: string; readonly gone: RowBatch; readonly place: KeyPlace },
): Promise<void> {
  const trust = await tx.readTrust(job);
  const witnesses = trust.witnesses.filter((key) => !isAmong(key, gone, place));
  if (witnesses.length < trust.witnesses.length) await tx.putTrust(job, { ...trust, witnesses });
}

/** Does the batch, rows with nothing but their keys, name this one? */
export function isAmong(key: string | null, { bytes }: RowBatch, place: KeyPlace): boolean {
  return key !== null && bytes.includes(keyRows([key], place).bytes);
}
