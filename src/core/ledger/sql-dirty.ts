// The dirty rows of a run, in the ledger's tables.
import type { DirtyEntry, RunKey } from './ledger.ts';
import { integer, text } from './sql-values.ts';
import type { LedgerSession } from './sql-session.ts';

/** Long enough to find the row and see what is wrong with it. */
const maxDirtyText = 1000;
const rowsPerInsert = 100;

/** Rows are numbered within their split; only the writer that holds the split's partition adds to it. */
export async function addDirty(
  session: LedgerSession,
  key: RunKey,
  rows: readonly DirtyEntry[],
): Promise<void> {
  for (const [split, entries] of groupBySplit(rows)) {
    let last = await lastDirtyNumber(session, key, split);
    for (let at = 0; at < entries.length; at += rowsPerInsert) {
      const part = entries.slice(at, at + rowsPerInsert);
      const values = part.flatMap((row) => [
        key.job,
        key.epoch,
        split,
        (last += 1),
        row.attempt,
        row.stage,
        ...[row.key, row.field, row.reason, row.bytesHex].map((value) => value.slice(0, maxDirtyText)),
      ]);
      await session.write(
        `INSERT INTO ${session.table('syncline_dirty')}
           (job, epoch, split_no, dirty_no, attempt, stage, row_key, field, reason, bytes_hex)
         VALUES ${part.map(() => '(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)').join(', ')}`,
        values,
      );
    }
  }
}

function groupBySplit(rows: readonly DirtyEntry[]): Map<number, DirtyEntry[]> {
  const groups = new Map<number, DirtyEntry[]>();
  for (const row of rows) {
    const group = groups.get(row.split);
    if (group === undefined) groups.set(row.split, [row]);
    else group.push(row);
  }
  return groups;
}

async function lastDirtyNumber(session: LedgerSession, key: RunKey, split: number): Promise<number> {
  const [row] = await session.read(
    `SELECT COALESCE(MAX(dirty_no), 0) AS last_no FROM ${session.table('syncline_dirty')}
     WHERE job = ? AND epoch = ? AND split_no = ?`,
    [key.job, key.epoch, split],
  );
  return integer(row ?? {}, 'last_no');
}

export async function clearDirty(session: LedgerSession, key: RunKey, split: number): Promise<void> {
  await session.write(
    `DELETE FROM ${session.table('syncline_dirty')} WHERE job = ? AND epoch = ? AND split_no = ?`,
    [key.job, key.epoch, split],
  );
}

export async function readDirty(
  session: LedgerSession,
  key: RunKey,
  limit: number,
): Promise<readonly DirtyEntry[]> {
  const rows = await session.read(
    `SELECT split_no, attempt, stage, row_key, field, reason, bytes_hex FROM ${session.table('syncline_dirty')}
     WHERE job = ? AND epoch = ? ORDER BY split_no, dirty_no LIMIT ${Math.max(0, Math.floor(limit))}`,
    [key.job, key.epoch],
  );
  return rows.map((row) => ({
    split: integer(row, 'split_no'),
    attempt: text(row, 'attempt'),
    stage: text(row, 'stage') as DirtyEntry['stage'],
    key: text(row, 'row_key'),
    field: text(row, 'field'),
    reason: text(row, 'reason'),
    bytesHex: text(row, 'bytes_hex'),
  }));
}
