// Inserts run rows; a row whose (job, planned instant, attempt) or idempotency key exists is left out.
import type { Knex } from 'knex';
import { runTable, type RunRow } from './run-row.ts';

/** SQLite takes at most 500 rows in one INSERT. */
const rowsPerStatement = 200;

/** The rows that were inserted, in their order. */
export async function insertRuns(db: Knex, rows: readonly RunRow[]): Promise<readonly RunRow[]> {
  const inserted = new Set<string>();
  for (let at = 0; at < rows.length; at += rowsPerStatement) {
    const chunk = rows.slice(at, at + rowsPerStatement);
    await db(runTable).insert(chunk).onConflict().ignore();
    const ids = chunk.map(({ id }) => id);
    for (const id of await db(runTable).whereIn('id', ids).pluck<string[]>('id')) inserted.add(id);
  }
  return rows.filter(({ id }) => inserted.has(id));
}
