// Keys that a comparison of keys puts aside: rows go only when the run completes, all in one transaction, so that one that fails, or
// finds too many, has removed nothing.
import { integer, text } from './sql-values.ts';
import type { LedgerSession } from './sql-session.ts';
import type { RunKey } from './ledger.ts';

const keysPerInsert = 200;
const keysPerPage = 1_000;

/** Keys are numbered within their split; only the writer that holds the split's partition adds to it. */
export async function addRemovals(
  session: LedgerSession,
  key: RunKey & { readonly split: number },
  keys: readonly string[],
): Promise<void> {
  const { job, epoch, split } = key;
  const table = session.table('syncline_removal');
  const [row] = await session.read(
    `SELECT COALESCE(MAX(removal_no), 0) AS last_no FROM ${table} WHERE job = ? AND epoch = ? AND split_no = ?`,
    [job, epoch, split],
  );
  let last = integer(row ?? {}, 'last_no');
  for (let at = 0; at < keys.length; at += keysPerInsert) {
    const part = keys.slice(at, at + keysPerInsert);
    await session.write(
      `INSERT INTO ${table} (job, epoch, split_no, removal_no, row_key) VALUES ${part.map(() => '(?, ?, ?, ?, ?)').join(', ')}`,
      part.flatMap((each) => [job, epoch, split, (last += 1), each]),
    );
  }
}

export async function clearRemovals(session: LedgerSession, key: RunKey, split: number): Promise<void> {
  await session.write(
    `DELETE FROM ${session.table('syncline_removal')} WHERE job = ? AND epoch = ? AND split_no = ?`,
    [key.job, key.epoch, split],
  );
}

/** Gives the keys to `remove`, page after page, and forgets them. */
export async function takeRemovals(
  session: LedgerSession,
  key: RunKey,
  remove: (keys: readonly string[]) => Promise<void>,
): Promise<void> {
  const table = session.table('syncline_removal');
  for (let [split, number] = [-1, 0]; ;) {
    const rows = await session.read(
      `SELECT split_no, removal_no, row_key FROM ${table} WHERE job = ? AND epoch = ?
         AND (split_no > ? OR (split_no = ? AND removal_no > ?))
       ORDER BY split_no, removal_no LIMIT ${keysPerPage}`,
      [key.job, key.epoch, split, split, number],
    );
    await remove(rows.map((row) => text(row, 'row_key')));
    const last = rows.at(-1);
    if (last === undefined || rows.length < keysPerPage) break;
    [split, number] = [integer(last, 'split_no'), integer(last, 'removal_no')];
  }
  await session.write(`DELETE FROM ${table} WHERE job = ? AND epoch = ?`, [key.job, key.epoch]);
}
