// Rows that a job remembers having written (witnesses): a target that was emptied, made anew or restored lacks them, or holds other
// values in them. Looked for when an increment begins, when a split ends and when a run completes.
//
//   written ─► first and last rows of the split, marked: a digest of what is there then ─its END─► there, as marked?
//                                                         └─run complete─► there, as marked? some of them, marked anew, are the job's
//   a later run writes one of the job's ─► marked anew
//   next increment, or the end of a run: gone → lost · another digest than the mark → overwritten · all gone → TARGET_CHANGED
import { counted } from '../../../core/text.ts';
import { SyncError } from '../../../core/errors.ts';
import { addFound, foundRows, noRows } from '../../../core/ledger/found-rows.ts';
import type { LedgerPlan, LedgerSplit } from '../../../core/ledger/ledger.ts';
import { keyRows, printKey } from '../../../core/record/row-key.ts';
import type { KeyPlace } from '../../../core/record/row-key.ts';
import type { RefusedRow, RowBatch, SinkTransaction } from '../../../core/connector/sink-store.ts';
import { maxWitnesses, trustAtPlan } from '../../../core/ledger/target-trust.ts';
import type { TargetTrust, Witness } from '../../../core/ledger/target-trust.ts';
import type { CompletedRun } from '../../../core/ledger/trust-at-end.ts';
import {
  chooseWitnesses,
  keysAfter,
  maxOfRun,
  maxOfSplit,
  touchedKeys,
  withoutGone,
} from './witness-keys.ts';

/** What was found of rows that were looked for. */
interface Seen {
  /** Those that hold other values than they were marked with have no mark any more: they are told once. */
  readonly there: readonly Witness[];
  /** Printable keys. */
  readonly lost: readonly string[];
  readonly overwritten: readonly string[];
}

/**
 * In the transaction that sets the run's plan, before its first row: what the job believes of its target from here on. An increment
 * over a target without the rows of before would be complete and not equal to the source. Throws TARGET_CHANGED.
 */
export async function beginPlan(
  tx: SinkTransaction,
  {
    job,
    plan,
    table: { place, mark, columns: named },
  }: {
    readonly job: string;
    readonly plan: LedgerPlan;
    readonly table: {
      readonly place: KeyPlace;
      readonly mark?: string;
      readonly columns?: readonly string[];
    };
  },
): Promise<TargetTrust> {
  const { window } = plan;
  const columns = named ?? null;
  const trust = await tx.readTrust(job);
  const isFull = window.from === null;
  const emptyTarget = isFull || trust.deletesFrom === null ? await tx.isEmpty() : false;
  const seen = isFull ? null : await lookBefore(tx, trust, { place, columns });
  const tableMark = mark ?? (await tx.markTable?.()) ?? null;
  const planned = trustAtPlan(trust, { window, emptyTarget, tableMark, columns, seen });
  await tx.putTrust(job, planned);
  return planned;
}

async function lookBefore(
  tx: SinkTransaction,
  trust: TargetTrust,
  { place, columns }: { readonly place: KeyPlace; readonly columns: readonly string[] | null },
): Promise<Pick<TargetTrust, 'witnesses' | 'lost' | 'overwritten' | 'blind'>> {
  const over = columns === null || trust.columns === null ? undefined : trust.columns;
  const { there, lost, overwritten } = await look(tx, trust.witnesses, place, over);
  if (there.length === 0 && lost.length > 0)
    throw targetChanged(
      `beginning an increment: none of ${counted(lost.length, 'row')} that this job wrote before is in the target: it was emptied, made anew or restored since the last run`,
    );
  if (there.length === 0 && trust.filled && (await tx.isEmpty()) === true)
    throw targetChanged(
      'beginning an increment: it is empty, and had rows when a run was complete last: the target was emptied or made anew since',
    );
  return {
    witnesses: String(columns) === String(trust.columns) ? there : await markAnew(tx, there, place),
    lost: addFound(trust.lost, foundRows(lost)),
    overwritten: addFound(trust.overwritten, foundRows(overwritten)),
    blind: trust.blind || (trust.filled && there.length === 0 && place.key.length > 0),
  };
}

/** What became of rows by the end of a run, before its comparison of keys removes any. Throws TARGET_CHANGED when none is left. */
export async function lookAtEnd(
  tx: SinkTransaction,
  run: {
    readonly trust: TargetTrust;
    readonly splits: readonly LedgerSplit[];
    readonly isFull: boolean;
    readonly place: KeyPlace;
  },
): Promise<Pick<CompletedRun, 'lost' | 'overwritten'> & { readonly candidates: readonly string[] }> {
  const { trust, splits, place } = run;
  const { looked, kept } = chooseWitnesses(splits);
  // A full run puts right what an earlier one lost; an increment does not. A row of both is looked for once, as the run left it.
  const before = run.isFull ? [] : trust.witnesses;
  const asked = new Map([...before, ...looked].map((each) => [each.key, each]));
  const seen = await look(tx, [...asked.values()], place);
  const sum = (of: 'lost' | 'overwritten') =>
    [...splits.map((split) => split[of]), seen[of]].map(foundRows).reduce(addFound, noRows);
  const [lost, overwritten] = [sum('lost'), sum('overwritten')];
  const wrote =
    splits.some((split) => split.written > 0) && splits.every((split) => split.deleted + split.removed === 0);
  if (seen.there.length === 0 && (lost.rows > 0 || (wrote && (await tx.isEmpty()) === true)))
    throw targetChanged(
      'completing the run: nothing that this job wrote is in the target any more: it was emptied, made anew or restored during the run',
    );
  return { lost, overwritten, candidates: kept };
}

/** After the last change of the run: those that are there, marked with what they hold now. The oldest are kept as long as they stay. */
export async function witnessesAtEnd(
  tx: SinkTransaction,
  candidates: readonly string[],
  { trust, place }: { readonly trust: TargetTrust; readonly place: KeyPlace },
): Promise<readonly Witness[]> {
  const keys = [...new Set([...candidates, ...trust.witnesses.map(({ key }) => key)])];
  const digests = await digestsOf(tx, keys, place);
  const there = keys.flatMap((key, index) => {
    const digest = digests[index] ?? null;
    return digest === null ? [] : [{ key, mark: markOf(digest) }];
  });
  return there.length <= maxWitnesses ? there : [...there.slice(0, maxOfRun), ...there.slice(-maxOfRun)];
}

/**
 * When the split ends: which of the rows that its attempt wrote are gone, or hold other values than it left. Rows that the same
 * transaction wrote were `marked` in it.
 */
export async function lookAtSplit(
  tx: SinkTransaction,
  split: LedgerSplit,
  { place, marked }: { readonly place: KeyPlace; readonly marked: ReadonlySet<string> },
): Promise<Pick<LedgerSplit, 'witnesses' | 'lost' | 'overwritten'>> {
  const asked = split.witnesses.filter(({ key }) => !marked.has(key));
  const { there, lost, overwritten } = await look(tx, asked, place);
  const witnesses = [...there, ...split.witnesses.filter(({ key }) => marked.has(key))];
  return { witnesses, lost: [...split.lost, ...lost], overwritten };
}

/**
 * The split after a batch was written: its witnesses as the target holds them now, and those of them that it does not. `marked`:
 * keys that were looked at.
 */
export async function withWritten(
  tx: SinkTransaction,
  split: LedgerSplit,
  written: { readonly batch: RowBatch; readonly refused: readonly RefusedRow[]; readonly place: KeyPlace },
): Promise<Pick<LedgerSplit, 'witnesses' | 'lost'> & { readonly marked: readonly string[] }> {
  const { batch, place } = written;
  const before = new Map(split.witnesses.map((each) => [each.key, each]));
  const keys = keysAfter([...before.keys()], batch, written);
  // A row that comes twice holds what came last.
  for (const key of touchedKeys([batch], [...before.keys()], place)) before.delete(key);
  const marked = keys.filter((key) => !before.has(key));
  const now = await digestsOf(tx, marked, place);
  const digests = new Map(marked.map((key, index) => [key, now[index] ?? null]));
  const gone = marked.filter((key) => digests.get(key) === null);
  const witnesses = keys.flatMap((key) => {
    const digest = digests.get(key);
    if (digest === undefined) return before.get(key) ?? [];
    return digest === null ? [] : { key, mark: markOf(digest) };
  });
  return { witnesses, lost: [...split.lost, ...gone.map(printKey)].slice(0, maxOfSplit), marked };
}

/** A key that the source says is gone is no witness any more. */
export async function forgetWitnesses(
  tx: SinkTransaction,
  { job, gone, place }: { readonly job: string; readonly gone: RowBatch; readonly place: KeyPlace },
): Promise<void> {
  const trust = await tx.readTrust(job);
  const witnesses = withoutGone(trust.witnesses, gone, place);
  if (witnesses.length === trust.witnesses.length) return;
  // Emptied by the job itself, by a run that may never be complete.
  const filled = trust.filled && (witnesses.length > 0 || (await tx.isEmpty()) === false);
  await tx.putTrust(job, { ...trust, witnesses, filled });
}

/**
 * Rows of before that the transaction wrote, whether its run is complete one day or not: they hold other values from now on, and one
 * that was refused before and is written now (`closed`) must not be tried again, for it would go over the newer one.
 */
export async function noteWritten(
  tx: SinkTransaction,
  written: {
    readonly job: string;
    readonly touched: readonly string[];
    readonly closed: ReadonlySet<string>;
    readonly place: KeyPlace;
  },
): Promise<TargetTrust> {
  const { job, touched, closed, place } = written;
  const trust = await tx.readTrust(job);
  const digests = await digestsOf(tx, touched, place);
  const marks = new Map(touched.map((key, index) => [key, markOf(digests[index] ?? '')]));
  const witnesses = trust.witnesses.map((each) =>
    marks.has(each.key) ? { key: each.key, mark: marks.get(each.key) ?? null } : each,
  );
  const open = trust.open.filter(({ sent }) => sent === null || !closed.has(sent));
  const after = { ...trust, witnesses, open };
  await tx.putTrust(job, after);
  return after;
}

/** Over the columns that rows have from now on. */
async function markAnew(
  tx: SinkTransaction,
  witnesses: readonly Witness[],
  place: KeyPlace,
): Promise<readonly Witness[]> {
  const keys = witnesses.map(({ key }) => key);
  const digests = await digestsOf(tx, keys, place);
  return keys.map((key, index) => ({ key, mark: markOf(digests[index] ?? '') }));
}

/** `columns`: what the marks go over; absent: over the rows' own. */
async function look(
  tx: SinkTransaction,
  witnesses: readonly Witness[],
  place: KeyPlace,
  columns?: readonly string[],
): Promise<Seen> {
  const keys = witnesses.map(({ key }) => key);
  const digests = await digestsOf(tx, keys, place, columns);
  const [there, lost, overwritten]: [Witness[], string[], string[]] = [[], [], []];
  for (const [index, witness] of witnesses.entries()) {
    const { key, mark } = witness;
    const digest = digests[index] ?? null;
    const isOther = mark !== null && digest !== null && digest !== '' && digest !== mark;
    if (digest === null) lost.push(printKey(key));
    else there.push(isOther ? { key, mark: null } : witness);
    if (isOther) overwritten.push(printKey(key));
  }
  return { there, lost, overwritten };
}

/** null: the row is there and can't be read back. */
function markOf(digest: string): string | null {
  return digest === '' ? null : digest;
}

async function digestsOf(
  tx: SinkTransaction,
  keys: readonly string[],
  place: KeyPlace,
  columns?: readonly string[],
): Promise<readonly (string | null)[]> {
  return keys.length === 0 || place.key.length === 0 ? [] : tx.digestRows(keyRows(keys, place), columns);
}

function targetChanged(what: string): SyncError {
  return new SyncError('TARGET_CHANGED', { message: what });
}
