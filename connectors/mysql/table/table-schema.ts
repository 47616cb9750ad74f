// What a target table looks like: columns, unique keys, and what decides how rows may be written to it.
import { SyncError } from '../../../src/core/errors.ts';
import { errnoOf } from '../session/server-errors.ts';
import { quoteIdentifier } from '../../../src/core/connector/sql-identifier.ts';
import type { MysqlSinkConfig } from '../config.ts';
import type { Column as SqlColumn, TableShape, UniqueKey } from '../../sql/target/table-shape.ts';
import type { MysqlSession, Row } from '../session/session.ts';
import { doubtTriggers } from './doubt-triggers.ts';

export interface Column extends SqlColumn {
  /** Type without length, lower case: `varchar`, `int`, … */
  readonly dataType: string;
  /** How, in lower case. */
  readonly generation: string;
  readonly autoIncrement: boolean;
  readonly numericPrecision: number;
  readonly numericScale: number;
  readonly fractionDigits: number;
  readonly length: number;
  /** null: the column holds no text. */
  readonly charset: string | null;
  readonly collation: string | null;
}

export interface MysqlShape extends TableShape<Column> {
  readonly hasTrigger: boolean;
  /** Each change leaves the row's former state in the table (MariaDB's system versioning). */
  readonly keepsHistory: boolean;
  /** A foreign key points at the table. */
  readonly isReferenced: boolean;
  /** The user has rights on the whole database: without them foreign keys of other tables may be there unseen. */
  readonly seesAll: boolean;
}

/** null: there is no such table. Throws TARGET_SCHEMA for a view, an engine without transactions, or where the database is missing. */
export async function describeTable(
  session: MysqlSession,
  { schema: database, table, insertMode }: Pick<MysqlSinkConfig, 'schema' | 'table' | 'insertMode'>,
): Promise<MysqlShape | null> {
  const read = readerOf(session, database, table);
  const [found] = await read(
    `SELECT t.table_name AS of_table, t.table_type AS type, t.engine AS engine,
       e.transactions AS transactions, e.savepoints AS savepoints
     FROM information_schema.tables t LEFT JOIN information_schema.engines e ON e.engine = t.engine
     WHERE t.table_schema = ? AND t.table_name = ?`,
  );
  if (found === undefined) {
    await requireDatabase(session, database);
    return null;
  }
  refuseUnsafe(found, { database, table });
  const columns = await read(
    `SELECT table_name AS of_table, column_name AS name, data_type AS data_type, column_type AS declared,
       is_nullable AS nullable, column_default AS standard, extra AS extra, generation_expression AS generated,
       numeric_precision AS numeric_precision, numeric_scale AS numeric_scale,
       datetime_precision AS fraction_digits, character_maximum_length AS length, character_set_name AS charset,
       collation_name AS collation
     FROM information_schema.columns WHERE table_schema = ? AND table_name = ? ORDER BY ordinal_position`,
  );
  const keyParts = await read(
    `SELECT table_name AS of_table, index_name AS name, column_name AS column_name, sub_part AS sub_part
     FROM information_schema.statistics WHERE table_schema = ? AND table_name = ? AND non_unique = 0
     ORDER BY index_name, seq_in_index`,
  );
  const triggers = await read(
    `SELECT event_object_table AS of_table, trigger_name AS name, action_timing AS timing, event_manipulation AS event
     FROM information_schema.triggers
     WHERE event_object_schema = ? AND event_object_table = ?`,
  );
  const references = await read(
    `SELECT referenced_table_name AS of_table FROM information_schema.referential_constraints
     WHERE unique_constraint_schema = ? AND referenced_table_name = ?`,
  );
  const shown = columns.map(toColumn);
  const uniqueKeys = toUniqueKeys(keyParts, shown);
  const keepsHistory = textOf(found, 'type') === versioned;
  const isReferenced = references.length > 0;
  const rights = await readRights(session, database, table);
  const changing = triggers.filter(changesRows).map((row) => ({
    name: textOf(row, 'name'),
    event: textOf(row, 'event'),
  }));
  return {
    columns: shown,
    primaryKey: uniqueKeys.find(({ name }) => name === 'PRIMARY')?.columns ?? [],
    uniqueKeys,
    doubts: doubtTriggers(changing, { seesTriggers: rights.seesTriggers, insertMode }),
    hangsOn: triggers.length > 0 || isReferenced || keepsHistory || !rights.seesAll,
    hasTrigger: triggers.length > 0,
    keepsHistory,
    isReferenced,
    seesAll: rights.seesAll,
  };
}

const unknownDatabase = 1049;

/** Throws TARGET_SCHEMA: a table can't be made in a database that is not there; TARGET_DENIED where the user has no rights there. */
export async function requireDatabase(session: MysqlSession, database: string): Promise<void> {
  const rows = await session.read(
    'SELECT schema_name AS name FROM information_schema.schemata WHERE schema_name = ?',
    [database],
  );
  const isSame = (name: string): boolean =>
    session.server.lowerCaseTableNames === 0
      ? name === database
      : name.toLowerCase() === database.toLowerCase();
  if (rows.some((row) => isSame(textOf(row, 'name')))) return;
  // The list has only databases that the user may use; this statement is refused with the reason.
  await session.read(`SHOW TABLES FROM ${quoteIdentifier(database)}`, []).catch((error: unknown) => {
    if (errnoOf(error) !== unknownDatabase) throw error;
  });
  throw new SyncError('TARGET_SCHEMA', {
    message: `the database ${database} does not exist; create it: CREATE DATABASE ${quoteIdentifier(database)};`,
  });
}

/** information_schema compares names without regard to case, the server perhaps does not. */
export function readerOf(
  session: MysqlSession,
  database: string,
  table: string,
): (sql: string) => Promise<readonly Row[]> {
  const fold = (name: string): string =>
    session.server.lowerCaseTableNames === 0 ? name : name.toLowerCase();
  return async (sql) => {
    const rows = await session.read(sql, [database, table]);
    return rows.filter((row) => fold(textOf(row, 'of_table')) === fold(table));
  };
}

const versioned = 'SYSTEM VERSIONED';

function refuseUnsafe(
  found: Row,
  { database, table }: { readonly database: string; readonly table: string },
): void {
  const name = `${database}.${table}`;
  const type = textOf(found, 'type');
  if (type !== 'BASE TABLE' && type !== versioned)
    throw new SyncError('TARGET_SCHEMA', { message: `${name} is a ${type.toLowerCase()}, not a table` });
  for (const ability of ['transactions', 'savepoints'])
    if (textOf(found, ability) !== 'YES')
      throw new SyncError('TARGET_SCHEMA', {
        message: `${name}: its engine ${textOf(found, 'engine')} has no ${ability}; change it: ALTER TABLE ${quoteIdentifier(database)}.${quoteIdentifier(table)} ENGINE=InnoDB;`,
      });
}

/** An AFTER trigger can't change the row that fired it, nor another one of its table. */
function changesRows(row: Row): boolean {
  return textOf(row, 'timing') === 'BEFORE' && textOf(row, 'event') !== 'DELETE';
}

function toColumn(row: Row): Column {
  const extra = textOf(row, 'extra').toLowerCase();
  const generation = textOf(row, 'generated').toLowerCase();
  const generated = generation !== '';
  const nullable = textOf(row, 'nullable') === 'YES';
  return {
    name: textOf(row, 'name'),
    dataType: textOf(row, 'data_type').toLowerCase(),
    declared: textOf(row, 'declared'),
    nullable,
    optional: nullable || generated || row['standard'] !== null || extra.includes('auto_increment'),
    generated,
    generation,
    autoIncrement: extra.includes('auto_increment'),
    numericPrecision: Number(row['numeric_precision'] ?? 0),
    numericScale: Number(row['numeric_scale'] ?? 0),
    fractionDigits: Number(row['fraction_digits'] ?? 0),
    length: Number(row['length'] ?? 0),
    charset: row['charset'] === null ? null : textOf(row, 'charset').toLowerCase(),
    collation: row['collation'] === null ? null : textOf(row, 'collation').toLowerCase(),
  };
}

/** The end of a row's validity, which MariaDB's versioned tables have in their keys, is the same for all current rows. */
function toUniqueKeys(parts: readonly Row[], columns: readonly Column[]): UniqueKey[] {
  const rowEnd = columns.find((column) => column.generation === 'row end')?.name;
  const keys = new Map<string, { whole: boolean; columns: string[] }>();
  for (const part of parts) {
    const name = textOf(part, 'name');
    const key = keys.get(name) ?? { whole: true, columns: [] };
    keys.set(name, key);
    if (rowEnd !== undefined && part['column_name'] === rowEnd) continue;
    if (part['column_name'] === null || part['sub_part'] !== null) key.whole = false;
    else key.columns.push(textOf(part, 'column_name'));
  }
  return [...keys].map(([name, key]) => ({ name, columns: key.whole ? key.columns : [] }));
}

/** `seesTriggers`: without that right triggers may be there unseen. Rights come with the session's own account only; those of roles are not looked at. */
async function readRights(
  session: MysqlSession,
  database: string,
  table: string,
): Promise<{ readonly seesTriggers: boolean; readonly seesAll: boolean }> {
  const { account } = session.server;
  const at = account.lastIndexOf('@');
  const grantee = `'${account.slice(0, at)}'@'${account.slice(at + 1)}'`;
  const rows = await session.read(
    `SELECT 'database' AS of FROM information_schema.user_privileges WHERE grantee = ? AND privilege_type = 'TRIGGER'
     UNION SELECT 'database' FROM information_schema.schema_privileges
     WHERE grantee = ? AND privilege_type = 'TRIGGER' AND ? LIKE table_schema
     UNION SELECT 'table' FROM information_schema.table_privileges
     WHERE grantee = ? AND privilege_type = 'TRIGGER' AND table_schema = ? AND table_name = ?`,
    [grantee, grantee, database, grantee, database, table],
  );
  return { seesTriggers: rows.length > 0, seesAll: rows.some((row) => textOf(row, 'of') === 'database') };
}

function textOf(row: Row, column: string): string {
  const value = row[column];
  return typeof value === 'string' ? value : '';
}
