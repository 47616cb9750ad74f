// A table loaded beside a target in an SQLite file, and put in its place in the transaction that completes the run: readers, who see the
// file as it was when they began, meet all of the old rows or all of the new ones.
//
//   make: the target's own statement under another name, and its unique indexes
//   swap: target dropped, with its indexes ─► loaded renamed ─► the target's indexes made, by their names ─► those of the load dropped
//
// Views, and triggers of other tables, name the target in their text. SQLite would rewrite it at a renaming, and refuse one while there is
// no such table: legacy_alter_table leaves it alone.
import { quoteIdentifier } from '../../src/core/connector/sql-identifier.ts';
import { SyncError } from '../../src/core/errors.ts';
import type { SwappedTables, TablePlace, TransactionalAside } from '../sql/target/aside/aside-ways.ts';
import { movedIndex, movedTable } from './moved-statement.ts';
import type { SqliteSession } from './session.ts';
import { referringTables } from './table-doubts.ts';

export const sqliteAside: TransactionalAside<SqliteSession> = {
  transactional: true,
  // Of the file there is one right, to write it.
  requireRights: () => Promise.resolve(),
  obstacles,
  make,
  // A transaction has the file's write lock from its beginning.
  hold: () => Promise.resolve(),
  swap,
};

interface Index {
  readonly name: string;
  readonly sql: string;
  readonly unique: boolean;
}

/** Those that were made by a statement; the others belong to the table's own. */
async function indexesOf(session: SqliteSession, table: string): Promise<readonly Index[]> {
  const rows = await session.read(
    `SELECT s.name AS name, s.sql AS sql, list."unique" AS is_unique
     FROM sqlite_schema AS s JOIN pragma_index_list(?) AS list ON list.name = s.name
     WHERE s.type = 'index' AND s.sql IS NOT NULL ORDER BY s.rowid`,
    [table],
  );
  return rows.map(({ name, sql, is_unique: unique }) => ({
    name: String(name),
    sql: String(sql),
    unique: Number(unique) === 1,
  }));
}

async function statementOf(session: SqliteSession, table: string): Promise<string | null> {
  const [found] = await session.read(
    "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ? COLLATE NOCASE",
    [table],
  );
  return found === undefined ? null : String(found['sql']);
}

async function obstacles(session: SqliteSession, { table }: TablePlace): Promise<readonly string[]> {
  const sql = await statementOf(session, table);
  if (sql === null) return [];
  const triggers = await session.read(
    "SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ? COLLATE NOCASE ORDER BY name",
    [table],
  );
  const indexes = await indexesOf(session, table);
  const strange = [
    ...(movedTable(sql, table) === null ? [table] : []),
    ...indexes
      .filter(({ sql: made }) => movedIndex(made, { name: 'x', table }) === null)
      .map(({ name }) => name),
  ];
  const named = (what: string, names: readonly string[], because: string): string[] =>
    names.length === 0 ? [] : [`${what} ${names.join(', ')} ${because}`];
  return [
    ...named(
      'trigger',
      triggers.map(({ name }) => String(name)),
      'would be gone with the table that is there now',
    ),
    ...named(
      'a foreign key of',
      referringTables(session.database, table),
      'points at it, and would be broken with the table that is there now',
    ),
    ...named(
      'the statement of',
      strange,
      'can not be read: make it anew, without a comment before its columns',
    ),
  ];
}

async function make(session: SqliteSession, { table, loaded }: SwappedTables): Promise<void> {
  const sql = await statementOf(session, table);
  const made = sql === null ? null : movedTable(sql, loaded);
  if (made === null) throw new SyncError('TARGET_SCHEMA', { message: `${table} does not exist` });
  await session.command(made);
  // Rows that stand against one another are refused when they are written, not when the tables are swapped.
  for (const [at, index] of (await indexesOf(session, table)).entries())
    if (index.unique) await session.command(moved(index, { name: `${loaded}_${at}`, table: loaded }));
}

async function swap(session: SqliteSession, { table, loaded }: SwappedTables): Promise<void> {
  const indexes = await indexesOf(session, table);
  const ofLoad = await indexesOf(session, loaded);
  const last = await lastNumberOf(session, table);
  await session.command(`DROP TABLE ${quoteIdentifier(table)}`);
  await session.command('PRAGMA legacy_alter_table = ON');
  try {
    await session.command(`ALTER TABLE ${quoteIdentifier(loaded)} RENAME TO ${quoteIdentifier(table)}`);
  } finally {
    if (session.alive) await session.command('PRAGMA legacy_alter_table = OFF');
  }
  for (const { name } of ofLoad) await session.command(`DROP INDEX ${quoteIdentifier(name)}`);
  for (const { sql } of indexes) await session.command(sql);
  if (last !== null) await continueNumbers(session, table, last);
}

function moved(index: Index, to: { readonly name: string; readonly table: string }): string {
  const sql = movedIndex(index.sql, to);
  if (sql === null)
    throw new SyncError('TARGET_SCHEMA', { message: `the statement of index ${index.name} can not be read` });
  return sql;
}

/** AUTOINCREMENT never gives a number twice; null: the table has none. */
async function lastNumberOf(session: SqliteSession, table: string): Promise<number | null> {
  const [kept] = await session.read("SELECT 1 AS there FROM sqlite_schema WHERE name = 'sqlite_sequence'");
  if (kept === undefined) return null;
  const [found] = await session.read('SELECT seq FROM sqlite_sequence WHERE name = ? COLLATE NOCASE', [
    table,
  ]);
  return found === undefined ? null : Number(found['seq']);
}

async function continueNumbers(session: SqliteSession, table: string, last: number): Promise<void> {
  const changed = await session.change(
    'UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = ? COLLATE NOCASE',
    [last, table],
  );
  if (changed === 0)
    await session.change('INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)', [table, last]);
}
