// Rows that a job remembers having written (witnesses): a target that was emptied, made anew or restored lacks them, or holds other
// values in them. Looked for when an increment begins, when a split ends and when a run completes.
//
//   written ─► first and last rows of the split ─its END─► there? ─run complete─► some of them marked: a digest of what is there now
//                                                                                     │ a run writes the row: the mark goes
//   next increment, or the end of a run: gone → lost · another digest than the mark → overwritten · all gone → TARGET_CHANGED
import { SyncError } from '../../../core/errors.ts';
import type { LedgerPlan, LedgerSplit } from '../../../core/ledger/ledger.ts';
import { keyRows, rowsOf, sentKey } from '../../../core/record/row-key.ts';
import type { KeyPlace } from '../../../core/record/row-key.ts';
import type { RejectedRow, RowBatch, SinkTransaction } from '../../../core/connector/sink-store.ts';
import { maxWitnesses, trustAtPlan } from '../../../core/ledger/target-trust.ts';
import type { TargetTrust, Witness } from '../../../core/ledger/target-trust.ts';
import type { Unit } from '../sink-inbox.ts';
import { markedKeys } from '../sink-state.ts';

const LF = 0x0a;
const TAB = 0x09;
/** A longer key is none to keep. */
const maxKeyText = 4_200;
/** Of one split. */
const maxOfSplit = 4;
/** Of one run; as many older ones are kept. */
const maxOfRun = maxWitnesses / 2;

/** What was found of rows that were looked for. */
interface Seen {
  readonly there: readonly Witness[];
  readonly lost: number;
  readonly overwritten: number;
}

/**
 * In the transaction that sets the run's plan, before its first row: what the job believes of its target from here on. An increment
 * over a target without the rows of before would be complete and not equal to the source. Throws TARGET_CHANGED.
 */
export async function beginPlan(
  tx: SinkTransaction,
  { job, plan, place }: { readonly job: string; readonly plan: LedgerPlan; readonly place: KeyPlace },
): Promise<TargetTrust> {
  const { window } = plan;
  const trust = await tx.readTrust(job);
  const isFull = window.from === null;
  const emptyTarget = isFull || trust.deletesFrom === null ? await tx.isEmpty() : false;
  const seen = isFull ? null : await lookBefore(tx, trust, place);
  const tableMark = (await tx.markTable?.()) ?? null;
  const planned = trustAtPlan(trust, { window, emptyTarget, tableMark, seen });
  await tx.putTrust(job, planned);
  return planned;
}

async function lookBefore(
  tx: SinkTransaction,
  trust: TargetTrust,
  place: KeyPlace,
): Promise<Pick<TargetTrust, 'witnesses' | 'lost' | 'overwritten' | 'blind'>> {
  const { there, lost, overwritten } = await look(tx, trust.witnesses, place);
  if (there.length === 0 && lost > 0)
    throw targetChanged(
      `beginning an increment: none of ${lost} rows that this job wrote before is in the target: it was emptied, made anew or restored since the last run`,
    );
  if (there.length === 0 && trust.filled && (await tx.isEmpty()) === true)
    throw targetChanged(
      'beginning an increment: it is empty, and had rows when a run was complete last: the target was emptied or made anew since',
    );
  return {
    witnesses: there,
    lost: trust.lost + lost,
    overwritten: trust.overwritten + overwritten,
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
): Promise<{ readonly lost: number; readonly overwritten: number; readonly candidates: readonly string[] }> {
  const { trust, splits, place } = run;
  const candidates = chooseWitnesses(splits);
  const written = await look(
    tx,
    candidates.map((key) => ({ key, mark: null })),
    place,
  );
  // A full run puts right what an earlier one lost; an increment does not.
  const before = run.isFull ? { there: [], lost: 0, overwritten: 0 } : await look(tx, trust.witnesses, place);
  const lost = splits.reduce((sum, split) => sum + split.lost, 0) + written.lost + before.lost;
  const wrote =
    splits.some((split) => split.written > 0) && splits.every((split) => split.deleted + split.removed === 0);
  const none = written.there.length + before.there.length === 0;
  if (none && (lost > 0 || (wrote && (await tx.isEmpty()) === true)))
    throw targetChanged(
      'completing the run: nothing that this job wrote is in the target any more: it was emptied, made anew or restored during the run',
    );
  return { lost, overwritten: before.overwritten, candidates };
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
    return digest === null ? [] : [{ key, mark: digest === '' ? null : digest }];
  });
  return there.length <= maxWitnesses ? there : [...there.slice(0, maxOfRun), ...there.slice(-maxOfRun)];
}

/** How many rows that the split's attempt wrote are not there when it ends. */
export async function countLost(tx: SinkTransaction, split: LedgerSplit, place: KeyPlace): Promise<number> {
  const digests = await digestsOf(tx, split.witnesses, place);
  return digests.filter((digest) => digest === null).length;
}

/** The split's witnesses after a batch: the first two and the last two rows that stood at the ends of batches. */
export function withWritten(
  witnesses: readonly string[],
  { bytes, rows }: RowBatch,
  { place, rejected }: { readonly place: KeyPlace; readonly rejected: readonly RejectedRow[] },
): readonly string[] {
  if (rows === 0 || place.key.length === 0) return witnesses;
  const isRefused = (row: number): boolean => rejected.some(({ index }) => index === row);
  const end = bytes.length - 1;
  const first = isRefused(0) ? null : sentKey(bytes, { start: 0, end: bytes.indexOf(LF) }, place);
  const last = isRefused(rows - 1)
    ? null
    : sentKey(bytes, { start: bytes.lastIndexOf(LF, end - 1) + 1, end }, place);
  const found = [first, last].filter((key) => key !== null && key.length <= maxKeyText) as string[];
  const all = [...new Set([...witnesses, ...found])];
  const half = maxOfSplit / 2;
  return all.length <= maxOfSplit ? all : [...all.slice(0, half), ...all.slice(-half)];
}

/** Those that the batch, rows with nothing but their keys, does not name. */
export function withoutGone(
  keys: readonly string[],
  { bytes }: RowBatch,
  place: KeyPlace,
): readonly string[] {
  return keys.filter((key) => !bytes.includes(keyRows([key], place).bytes));
}

/** A key that the source says is gone is no witness any more. */
export async function forgetWitnesses(
  tx: SinkTransaction,
  { job, gone, place }: { readonly job: string; readonly gone: RowBatch; readonly place: KeyPlace },
): Promise<void> {
  const trust = await tx.readTrust(job);
  const keys = new Set(
    withoutGone(
      trust.witnesses.map(({ key }) => key),
      gone,
      place,
    ),
  );
  const witnesses = trust.witnesses.filter(({ key }) => keys.has(key));
  if (witnesses.length === trust.witnesses.length) return;
  // Emptied by the job itself, by a run that may never be complete.
  const filled = trust.filled && (witnesses.length > 0 || (await tx.isEmpty()) === false);
  await tx.putTrust(job, { ...trust, witnesses, filled });
}

/** Which of the marked rows the unit writes. */
export function touchedKeys(
  { segments }: Unit,
  marked: readonly string[],
  place: KeyPlace,
): readonly string[] {
  if (marked.length === 0 || place.key.length === 0) return [];
  const known = new Map(marked.map((key) => [keyText(keyRows([key], place).bytes, 0, place), key]));
  const touched = new Set<string>();
  for (const segment of segments) {
    if (segment.kind !== 'rows') continue;
    for (const { start } of rowsOf(segment.batch)) {
      const key = known.get(keyText(segment.batch.bytes, start, place));
      if (key !== undefined) touched.add(key);
    }
  }
  return [...touched];
}

/** Rows that a run writes hold other values from then on, whether the run is complete one day or not; gives the keys still marked. */
export async function unmark(
  tx: SinkTransaction,
  job: string,
  touched: readonly string[],
): Promise<readonly string[]> {
  const trust = await tx.readTrust(job);
  const witnesses = trust.witnesses.map((each) =>
    touched.includes(each.key) ? { ...each, mark: null } : each,
  );
  await tx.putTrust(job, { ...trust, witnesses });
  return markedKeys({ ...trust, witnesses });
}

/** The key's fields as they stand in the row: nothing is decoded, for every row of an increment is looked at. */
function keyText(bytes: Buffer, start: number, { key, fields }: KeyPlace): string {
  const last = Math.max(...key);
  const parts: string[] = [];
  for (let [field, at] = [0, start]; field <= last; field += 1) {
    const end = bytes.indexOf(field === fields - 1 ? LF : TAB, at);
    if (key.includes(field)) parts.push(bytes.toString('latin1', at, end));
    at = end + 1;
  }
  return parts.join('\t');
}

/**
 * Rows of the run that are looked for at its end. Whoever empties the target after a split has ended takes the rows of the split that
 * ended first, too: no split is read again after its END.
 */
function chooseWitnesses(splits: readonly LedgerSplit[]): readonly string[] {
  const inOrder = splits
    .filter(({ witnesses }) => witnesses.length > 0)
    .sort((a, b) => (a.endedAs ?? 0) - (b.endedAs ?? 0));
  const [first] = inOrder;
  const others = inOrder.flatMap(({ witnesses }) => witnesses);
  return [...new Set([...(first?.witnesses.slice(0, 1) ?? []), ...sample(others, maxOfRun - 1)])];
}

/** Some of all, evenly spread; `most` at the most. */
function sample<T>(all: readonly T[], most: number): readonly T[] {
  const step = Math.max(1, Math.ceil(all.length / most));
  return all.filter((_, index) => index % step === 0);
}

async function look(tx: SinkTransaction, witnesses: readonly Witness[], place: KeyPlace): Promise<Seen> {
  const digests = await digestsOf(
    tx,
    witnesses.map(({ key }) => key),
    place,
  );
  const there = witnesses.filter((_, index) => (digests[index] ?? null) !== null);
  const overwritten = witnesses.filter(({ mark }, index) => {
    const digest = digests[index] ?? '';
    return mark !== null && digest !== '' && digest !== mark;
  });
  return { there, lost: witnesses.length - there.length, overwritten: overwritten.length };
}

async function digestsOf(
  tx: SinkTransaction,
  keys: readonly string[],
  place: KeyPlace,
): Promise<readonly (string | null)[]> {
  return keys.length === 0 || place.key.length === 0 ? [] : tx.digestRows(keyRows(keys, place));
}

function targetChanged(what: string): SyncError {
  return new SyncError('TARGET_CHANGED', { message: what });
}
