// Writing rows of which some may be in each other's way: a value of a unique key moves from row to row, or two rows exchange theirs.
//
//   written ─some stand against another row─► those again, as long as one more of them goes in
//                                               └─none does─► their own rows removed, and all written anew (exchange)
//                                                               └─still refused─► ExchangeFailed: the unit is begun again without
import type { KeyPlace } from '../../../core/record/row-key.ts';
import { keyRows, rowsOf, sentKey } from '../../../core/record/row-key.ts';
import type { RejectedRow, RowBatch, SinkTransaction } from '../../../core/connector/sink-store.ts';

/** The transaction has removed rows that it could not write again: it must not be committed. */
export class ExchangeFailed extends Error {}

export async function writeBatch(
  tx: Pick<SinkTransaction, 'writeRows' | 'deleteRows'>,
  batch: RowBatch,
  { place, mayExchange }: { readonly place: KeyPlace; readonly mayExchange: boolean },
): Promise<readonly RejectedRow[]> {
  const all = await tx.writeRows(batch);
  const lost = all.filter(({ conflict }) => conflict !== true);
  let waiting = all.filter(({ conflict }) => conflict === true);
  while (waiting.length > 0) {
    const left = await writeAgain(tx, batch, waiting);
    if (left.length === waiting.length) break;
    waiting = left;
  }
  if (waiting.length > 1 && mayExchange) waiting = await exchange(tx, { batch, waiting, place });
  return [...lost, ...waiting].sort((a, b) => a.index - b.index);
}

async function writeAgain(
  tx: Pick<SinkTransaction, 'writeRows'>,
  batch: RowBatch,
  rows: readonly RejectedRow[],
): Promise<RejectedRow[]> {
  const refused = await tx.writeRows(pick(batch, rows));
  return refused.map((row) => ({ ...row, index: rows[row.index]?.index ?? row.index }));
}

/** Throws ExchangeFailed. */
async function exchange(
  tx: Pick<SinkTransaction, 'writeRows' | 'deleteRows'>,
  work: { readonly batch: RowBatch; readonly waiting: RejectedRow[]; readonly place: KeyPlace },
): Promise<RejectedRow[]> {
  const { batch, waiting, place } = work;
  const rows = pick(batch, waiting);
  const keys = [...rowsOf(rows)].map((bounds) => sentKey(rows.bytes, bounds, place));
  if (keys.includes(null)) return waiting;
  await tx.deleteRows(
    keyRows(
      keys.filter((key) => key !== null),
      place,
    ),
  );
  if ((await writeAgain(tx, batch, waiting)).length > 0) throw new ExchangeFailed();
  return [];
}

function pick(batch: RowBatch, rows: readonly RejectedRow[]): RowBatch {
  const wanted = new Set(rows.map(({ index }) => index));
  const parts = [...rowsOf(batch)]
    .filter((_, index) => wanted.has(index))
    .map(({ start, end }) => batch.bytes.subarray(start, end + 1));
  return { ...batch, bytes: Buffer.concat(parts), rows: parts.length };
}
