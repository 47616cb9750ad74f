// Rows of an SQLite file as another program reads them.
import Database from 'libsql';

/** Each row's values in the order of the statement's columns. */
export function openSqlite(path: string, sql: string): unknown[][] {
  const database = new Database(path, { readonly: true });
  try {
    return database.prepare(sql).raw().all() as unknown[][];
  } finally {
    database.close();
  }
}
