// What tells a table from one that is altered, or put in its place, between two runs: its statement and those of its triggers, and its
// number in the file's list of tables. A table that is dropped and made anew gets the number behind the last one; so that this is never its old one, a table of
// ours always stands behind it.
import type { SqliteDatabase } from './database.ts';

const behind = 'syncline_behind';

/** In a transaction. */
export function readTableMark(database: SqliteDatabase, table: string): string {
  const mark = find(database, table);
  if (Number(find(database, behind)['number'] ?? 0) < Number(mark['number'])) {
    database.run(`DROP TABLE IF EXISTS ${behind}`);
    database.run(`CREATE TABLE ${behind} (id INTEGER PRIMARY KEY) STRICT`);
  }
  const triggers = database.all(
    `SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ? COLLATE NOCASE ORDER BY name`,
    [table],
  );
  return [mark['number'], mark['sql'], ...triggers.map(({ sql }) => sql)].map(String).join(' ');
}

function find(database: SqliteDatabase, table: string): Readonly<Record<string, unknown>> {
  const sql = `SELECT rowid AS number, sql FROM sqlite_master WHERE type = 'table' AND name = ? COLLATE NOCASE`;
  return database.all(sql, [table])[0] ?? {};
}
