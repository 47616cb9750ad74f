// Which rows a job remembers having written (witness-rows.ts looks for them), by their keys alone: nothing here asks the target.
import type { LedgerSplit } from '../../../core/ledger/ledger.ts';
import { RowIndex } from '../../../core/record/row-index.ts';
import { keyRows, sentKey } from '../../../core/record/row-key.ts';
import type { KeyPlace } from '../../../core/record/row-key.ts';
import type { RefusedRow, RowBatch } from '../../../core/connector/sink-store.ts';
import { maxWitnesses } from '../../../core/ledger/target-trust.ts';
import type { Witness } from '../../../core/ledger/target-trust.ts';
import { KeyFilter } from './key-filter.ts';

const LF = 0x0a;
const TAB = 0x09;
/** A longer key is none to keep. */
const maxKeyText = 4_200;
/** Of one split. */
export const maxOfSplit = 4;
/** Of one run, to be looked for by later ones; as many older ones are kept. */
export const maxOfRun = maxWitnesses / 2;
/** Of one run, to be looked for at its end. */
const maxLooked = 4 * maxOfRun;

/** The keys that a split has as witnesses after a batch: the first two and the last two rows that stood at the ends of batches. */
export function keysAfter(
  keys: readonly string[],
  { bytes, rows }: RowBatch,
  { place, refused }: { readonly place: KeyPlace; readonly refused: readonly RefusedRow[] },
): readonly string[] {
  if (rows === 0 || place.key.length === 0) return keys;
  const isRefused = (row: number): boolean => refused.some(({ index }) => index === row);
  const end = bytes.length - 1;
  const first = isRefused(0) ? null : sentKey(bytes, { start: 0, end: bytes.indexOf(LF) }, place);
  const last = isRefused(rows - 1)
    ? null
    : sentKey(bytes, { start: bytes.lastIndexOf(LF, end - 1) + 1, end }, place);
  const found = [first, last].filter((key) => key !== null && key.length <= maxKeyText) as string[];
  const all = [...new Set([...keys, ...found])];
  const half = maxOfSplit / 2;
  return all.length <= maxOfSplit ? all : [...all.slice(0, half), ...all.slice(-half)];
}

/** Those that the batch, rows with nothing but their keys, does not name. */
export function withoutGone(
  witnesses: readonly Witness[],
  { bytes }: RowBatch,
  place: KeyPlace,
): readonly Witness[] {
  return witnesses.filter(({ key }) => !bytes.includes(keyRows([key], place).bytes));
}

/** Which of the rows, by their keys, the batches write. */
export function touchedKeys(
  batches: readonly RowBatch[],
  keys: readonly string[],
  place: KeyPlace,
): readonly string[] {
  if (keys.length === 0 || place.key.length === 0) return [];
  const known = new Map(keys.map((key) => [keyText(keyRows([key], place).bytes, 0, place), key]));
  const filter = new KeyFilter([...known.keys()], place);
  const touched = new Set<string>();
  for (const batch of batches) {
    if (!filter.mayHold(batch.bytes)) continue;
    const rows = new RowIndex(batch);
    for (let row = 0; row < rows.count; row += 1) {
      const start = rows.start(row);
      if (!filter.mayBe(batch.bytes, start)) continue;
      const key = known.get(keyText(batch.bytes, start, place));
      if (key !== undefined) touched.add(key);
    }
  }
  return [...touched];
}

/** The key's fields as they stand in the row: nothing is decoded, for every row of a run is looked at. */
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
 * Rows of the run that are looked for at its end, and those of them that later runs look for. Whoever empties the target after a split
 * has ended takes the rows of the split that ended first, too: no split is read again after its END.
 */
export function chooseWitnesses(splits: readonly LedgerSplit[]): {
  readonly looked: readonly Witness[];
  readonly kept: readonly string[];
} {
  const inOrder = splits
    .filter(({ witnesses }) => witnesses.length > 0)
    .sort((a, b) => (a.endedAs ?? 0) - (b.endedAs ?? 0));
  const [first] = inOrder.flatMap(({ witnesses }) => witnesses);
  const others = inOrder.flatMap(({ witnesses }) => witnesses).slice(1);
  if (first === undefined) return { looked: [], kept: [] };
  return {
    looked: [first, ...sample(others, maxLooked - 1)],
    kept: [first, ...sample(others, maxOfRun - 1)].map(({ key }) => key),
  };
}

/** Some of all, evenly spread; `most` at the most. */
function sample<T>(all: readonly T[], most: number): readonly T[] {
  const step = Math.max(1, Math.ceil(all.length / most));
  return all.filter((_, index) => index % step === 0);
}
