// Rows that the target refused because another row stood against them. That one may change in a later transaction, or in another
// split: they wait, and are tried again when all rows of the run are there; so are refused rows of earlier runs.
//
//   refused, another row stands against it ─► waiting ─last END─► written
//                                                          └─► still refused: dirty, and open for later runs
import type { RefusedRow, RowBatch, SinkTransaction } from '../../../core/connector/sink-store.ts';
import type { DirtyEntry, LedgerSplit, WaitingRow } from '../../../core/ledger/ledger.ts';
import type { TargetTrust } from '../../../core/ledger/target-trust.ts';
import type { DirtyRow } from '../../../core/record/headers.ts';
import { rowsOf, sentKey } from '../../../core/record/row-key.ts';
import type { KeyPlace } from '../../../core/record/row-key.ts';
import { keepFew, openToTry } from './open-rows.ts';
import { writeBatch } from './write-batch.ts';
import type { Exchange } from './write-batch.ts';

/** Of one run: more of them are no chain of values that move. */
export const maxWaiting = 1_000;
const maxRowBytes = 2_000;
const LF = Buffer.of(0x0a);

/** A row that the target refused, as it is put aside. */
export function dirtyOf(
  { split, attempt }: LedgerSplit,
  { key, field, reason, bytesHex }: DirtyRow,
): DirtyEntry {
  return { key, field, reason, bytesHex, split, attempt, stage: 'target' };
}

/** Those of the refused rows that wait; at most `room`. `lost`: the others. */
export function waitingOf(
  batch: RowBatch,
  refused: readonly RefusedRow[],
  { place, room }: { readonly place: KeyPlace; readonly room: number },
): { readonly waiting: readonly WaitingRow[]; readonly lost: readonly RefusedRow[] } {
  if (!refused.some(({ conflict }) => conflict === true)) return { waiting: [], lost: refused };
  const bounds = [...rowsOf(batch)];
  const waiting: WaitingRow[] = [];
  const lost = refused.flatMap((each) => {
    const at = bounds[each.index];
    if (each.conflict !== true || at === undefined) return [each];
    if (at.end - at.start > maxRowBytes)
      return [notTriedAgain(each, `it has more than ${maxRowBytes} bytes`)];
    if (waiting.length >= room) return [notTriedAgain(each, `${maxWaiting} rows wait for that already`)];
    const { key, field, reason, bytesHex } = each;
    const row = batch.bytes.toString('base64', at.start, at.end);
    waiting.push({ key, field, reason, bytesHex, row, sent: sentKey(batch.bytes, at, place) });
    return [];
  });
  return { waiting, lost };
}

function notTriedAgain(row: RefusedRow, why: string): RefusedRow {
  return { ...row, reason: `${row.reason} (not tried again at the end of the run: ${why})` };
}

export interface Settled {
  /** As they are now: none has a waiting row. */
  readonly splits: readonly LedgerSplit[];
  /** Rows that were refused for good. */
  readonly dirty: readonly DirtyEntry[];
  /** Keys of rows open before that are written now. */
  readonly written: readonly string[];
}

/** At the end of a run. Throws ExchangeFailed. */
export async function settleWaiting(
  tx: SinkTransaction,
  run: {
    readonly splits: readonly LedgerSplit[];
    readonly trust: TargetTrust;
  } & Exchange,
): Promise<Settled> {
  const waiting = run.splits.flatMap((split) => split.waiting.map((row) => ({ ...row, split })));
  const rows = [...waiting, ...openToTry(run.trust, run.splits)];
  const parts = rows.flatMap(({ row }) => [Buffer.from(row, 'base64'), LF]);
  const batch = { bytes: Buffer.concat(parts), rows: rows.length };
  const still = rows.length === 0 ? [] : await writeBatch(tx, batch, run);
  const again = new Map(still.map((row) => [row.index, row]));
  const refused = waiting.flatMap(({ split, ...row }, index) => {
    const refusal = again.get(index);
    return refusal === undefined ? [] : [{ split, row, refusal }];
  });
  return {
    splits: run.splits.map((split) =>
      split.waiting.length === 0
        ? split
        : settle(
            split,
            refused.filter((each) => each.split === split).map(({ row }) => row),
          ),
    ),
    dirty: refused.map(({ split, row, refusal }) => dirtyOf(split, { ...refusal, key: row.key })),
    written: rows.flatMap(({ sent }, index) => (sent === null || again.has(index) ? [] : [sent])),
  };
}

function settle(split: LedgerSplit, refused: readonly WaitingRow[]): LedgerSplit {
  const open = refused.map(({ key, sent, row }) => ({ key, sent, row }));
  return {
    ...split,
    written: split.written + split.waiting.length - refused.length,
    dirty: split.dirty + refused.length,
    refused: keepFew([...split.refused, ...open]),
    waiting: [],
  };
}
