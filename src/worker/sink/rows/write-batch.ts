// Writing rows of which some may be in each other's way: a value of a unique key moves from row to row, or two rows exchange theirs.
//
//   written ─some stand against another row─► those again, as long as one more of them goes in
//                                               └─none does─► their own rows removed, and all written anew (exchange)
//                                                               └─some still refused─► ExchangeFailed: the unit is begun again, and
//                                                                   the others are exchanged without them
import type { KeyPlace } from '../../../core/record/row-key.ts';
import { keyRows, rowsOf, sentKey } from '../../../core/record/row-key.ts';
import type { RefusedRow, RowBatch, SinkTransaction } from '../../../core/connector/sink-store.ts';

/** The transaction has removed rows that it could not write again: it must not be committed. */
export class ExchangeFailed extends Error {
  /** Those rows, as sentKey gives their keys. */
  readonly keys: readonly string[];

  constructor(keys: readonly string[]) {
    super(`exchanging the values of a unique key: ${keys.length} rows were refused`);
    this.keys = keys;
  }
}

type Indexed = Pick<RefusedRow, 'index'>;

export interface Exchange {
  readonly place: KeyPlace;
  readonly mayExchange: boolean;
  /** Keys of rows that an exchange has met as refused: they stay as they are in the next. */
  readonly staying: ReadonlySet<string>;
}

/** Throws ExchangeFailed. */
export async function writeBatch(
  tx: Pick<SinkTransaction, 'writeRows' | 'deleteRows'>,
  batch: RowBatch,
  how: Exchange,
): Promise<readonly RefusedRow[]> {
  // A try before this one has seen that they are in each other's way: asked one by one again, each would be refused again.
  const known =
    how.mayExchange && how.staying.size > 0 ? await exchange(tx, batch, { how, rows: null }) : null;
  if (known !== null) return known;
  const all = await tx.writeRows(batch);
  const lost = all.filter(({ conflict }) => conflict !== true);
  let waiting = all.filter(({ conflict }) => conflict === true);
  waiting = await writeWhileSome(tx, batch, waiting);
  if (waiting.length > 1 && how.mayExchange)
    waiting = (await exchange(tx, batch, { how, rows: waiting })) ?? waiting;
  return [...lost, ...waiting].sort((a, b) => a.index - b.index);
}

/** Those that are refused still, once no more of them goes in. */
async function writeWhileSome(
  tx: Pick<SinkTransaction, 'writeRows'>,
  batch: RowBatch,
  rows: RefusedRow[],
): Promise<RefusedRow[]> {
  for (let waiting = rows; ;) {
    const left = waiting.length === 0 ? [] : await writeAgain(tx, batch, waiting);
    if (left.length === waiting.length) return waiting;
    waiting = left;
  }
}

async function writeAgain(
  tx: Pick<SinkTransaction, 'writeRows'>,
  batch: RowBatch,
  rows: readonly Indexed[],
): Promise<RefusedRow[]> {
  const refused = await tx.writeRows(pick(batch, rows));
  return refused.map((row) => ({ ...row, index: rows[row.index]?.index ?? row.index }));
}

/**
 * Of those `rows` (null: of all), and what is refused of those that stay; null: there is nothing to exchange, and nothing was done.
 * Throws ExchangeFailed.
 */
async function exchange(
  tx: Pick<SinkTransaction, 'writeRows' | 'deleteRows'>,
  batch: RowBatch,
  { how, rows }: { readonly how: Exchange; readonly rows: readonly Indexed[] | null },
): Promise<RefusedRow[] | null> {
  const { place, staying } = how;
  const all = rows ?? Array.from({ length: batch.rows }, (_, index) => ({ index }));
  const keyed = keysOf(batch, all, place);
  if (keyed === null) return null;
  const leaving = all.filter((row) => !staying.has(keyed.get(row.index) ?? ''));
  if (leaving.length < 2) return null;
  const keys = leaving.flatMap(({ index }) => keyed.get(index) ?? []);
  await tx.deleteRows(keyRows(keys, place));
  const refused = await writeAgain(tx, batch, leaving);
  if (refused.length > 0) throw new ExchangeFailed(refused.flatMap(({ index }) => keyed.get(index) ?? []));
  const left = new Set(leaving.map(({ index }) => index));
  const others = all.filter(({ index }) => !left.has(index));
  return writeWhileSome(tx, batch, others.length === 0 ? [] : await writeAgain(tx, batch, others));
}

/** By their index in the batch; null: one of the rows has none. */
function keysOf(
  batch: RowBatch,
  rows: readonly Indexed[],
  place: KeyPlace,
): ReadonlyMap<number, string> | null {
  const bounds = [...rowsOf(batch)];
  const keys = new Map<number, string>();
  for (const { index } of rows) {
    const at = bounds[index];
    const key = at === undefined ? null : sentKey(batch.bytes, at, place);
    if (key === null) return null;
    keys.set(index, key);
  }
  return keys;
}

function pick(batch: RowBatch, rows: readonly Indexed[]): RowBatch {
  const wanted = new Set(rows.map(({ index }) => index));
  const parts = [...rowsOf(batch)]
    .filter((_, index) => wanted.has(index))
    .map(({ start, end }) => batch.bytes.subarray(start, end + 1));
  const picked = { bytes: Buffer.concat(parts), rows: parts.length };
  return batch.timestamp === undefined ? picked : { ...picked, timestamp: batch.timestamp };
}
