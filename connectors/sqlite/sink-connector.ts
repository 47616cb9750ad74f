// The SQLite sink: a session, a dialect, and rows written one by one. `root`: the only folder in which files can be written.
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ValueOf } from '../../src/core/connector/config.ts';
import type { SinkPlugin } from '../../src/core/connector/contract.ts';
import { defineSqlTarget } from '../sql/target/define-sql-target.ts';
import type { PreparedTable } from '../sql/target/prepare-table.ts';
import type { SqlTargetDefinition, TableWriter } from '../sql/target/sql-target.ts';
import { checkRights } from './check-connection.ts';
import { fitOf, typeOf } from './column-fit.ts';
import { resolveDatabaseFile, sqliteSinkConfig, type SqliteSinkConfig } from './config.ts';
import { SqliteDatabase } from './database.ts';
import { describeTable, type SqliteShape } from './describe-table.ts';
import { dialect, ledgerTables } from './dialect.ts';
import { comparesMade, keyColumnOf } from './key-columns.ts';
import { SqliteSession } from './session.ts';
import { sqliteAside } from './table-aside.ts';
import { readTableMark } from './table-mark.ts';
import { writeRows, type SqlitePlan } from './write-rows.ts';

type SqliteTarget = SqlTargetDefinition<
  ValueOf<ReturnType<typeof sqliteSinkConfig>>,
  SqliteSession,
  SqliteShape
>;

/** As defineSqlTarget takes it. */
export function sqliteTarget(root: string): SqliteTarget {
  return {
    className: 'io.syncline.sqlite.SqliteSinkConnector',
    aliases: ['SqliteSinkConnector', 'SqliteSink'],
    version: '0.1.0',
    config: sqliteSinkConfig(root),
    place: ({ file, table }) => [file, table],
    dialect,
    ledgerTables,
    connect: async ({ file }, signal) => new SqliteSession(await openSqlite(root, file, signal), signal),
    openToLook: (config, signal) => openToLook(root, config, signal),
    describeTable: ({ database }, { table }) => Promise.resolve(describeTable(database, table)),
    typeOf,
    comparesMade,
    fits: fitOf,
    chooseWriter,
    keyColumn: (_, ...key) => keyColumnOf(...key),
    // SQLite lets NULL into most keys.
    refusesNullKeys: true,
    tableAttributes: 'STRICT',
    // SQLite does not tell upper from lower case in names.
    nameInLedger: (_, { table }) => table.toLowerCase(),
    markTable: ({ database }, { table }) => Promise.resolve(readTableMark(database, table)),
    aside: sqliteAside,
    checks: {
      notes: ({ file }) => [{ en: `in ${file}`, zh: `位于 ${file}` }],
      rights: (_, config) => checkRights(root, config),
    },
  };
}

export function createSqliteSink(root: string): SinkPlugin {
  return defineSqlTarget(sqliteTarget(root));
}

/** To be written: folders that are missing are made. */
export async function openSqlite(root: string, file: string, signal?: AbortSignal): Promise<SqliteDatabase> {
  const path = await resolveDatabaseFile(root, file);
  await mkdir(dirname(path), { recursive: true });
  return SqliteDatabase.open(path, file, signal);
}

/** Neither the file nor its folder is changed; one that is not there looks like an empty one. */
async function openToLook(
  root: string,
  config: SqliteSinkConfig,
  signal?: AbortSignal,
): Promise<SqliteSession> {
  const path = await resolveDatabaseFile(root, config.file);
  const database = existsSync(path)
    ? await SqliteDatabase.openToRead(path, config.file, signal)
    : SqliteDatabase.openEmpty(config.file);
  return new SqliteSession(database);
}

function chooseWriter(
  _: SqliteSession,
  __: SqliteSinkConfig,
  { plan: planned, columns }: PreparedTable<SqliteShape>,
): Partial<TableWriter<SqliteSession>> {
  const plan: SqlitePlan = { ...planned, rowNumber: columns.findIndex((column) => column.isRowNumber) };
  return { plan, writeRows: ({ database }, batch) => writeRows(database, plan, batch) };
}
