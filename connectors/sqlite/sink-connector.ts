// The SQLite sink: what the worker and the executor see of it. `root`: the only folder in which files can be written.
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { runCheckSteps, type Finding } from '../../src/core/connector/check-steps.ts';
import type { CheckStep, SinkPlugin } from '../../src/core/connector/contract.ts';
import { defineSink } from '../../src/core/connector/define.ts';
import { SyncError } from '../../src/core/errors.ts';
import {
  resolveDatabaseFile,
  sqliteSinkConfig,
  sqliteSinkIdentity,
  type SqliteSinkConfig,
} from './config.ts';
import { SqliteDatabase } from './database.ts';
import { openSinkStore } from './sink-store.ts';
import { openTargetLedger } from './target-ledger.ts';

export function createSqliteSink(root: string): SinkPlugin {
  return defineSink({
    className: 'io.syncline.sqlite.SqliteSinkConnector',
    aliases: ['SqliteSinkConnector', 'SqliteSink'],
    version: '0.1.0',
    config: sqliteSinkConfig(root),
    testConnection: (config, signal) => checkConnection(root, config, signal),
    identity: sqliteSinkIdentity,
    openLedger: async (config) => {
      await resolveDatabaseFile(root, config.file);
      const file = {
        openToRead: () => openToRead(root, config),
        openToWrite: () => openDatabase(root, config),
      };
      return openTargetLedger(file, config.table);
    },
    openStore: async (config, signal) =>
      openSinkStore(await openDatabase(root, config, signal), config, signal),
  });
}

async function openDatabase(
  root: string,
  config: SqliteSinkConfig,
  signal?: AbortSignal,
): Promise<SqliteDatabase> {
  const path = await resolveDatabaseFile(root, config.file);
  await mkdir(dirname(path), { recursive: true });
  return SqliteDatabase.open(path, config.file, signal);
}

/** null: there is no such file. Neither it nor its folder is changed. */
async function openToRead(
  root: string,
  config: SqliteSinkConfig,
  signal?: AbortSignal,
): Promise<SqliteDatabase | null> {
  const path = await resolveDatabaseFile(root, config.file);
  return existsSync(path) ? SqliteDatabase.openToRead(path, config.file, signal) : null;
}

function checkConnection(
  root: string,
  config: SqliteSinkConfig,
  signal: AbortSignal,
): Promise<readonly CheckStep[]> {
  return runCheckSteps(async (step) => {
    await step('configuration', () =>
      Promise.resolve({ detail: `table ${config.table} in ${config.file}`, value: null }),
    );
    const database = await step('open', () => openExisting(root, config, signal));
    try {
      await step('table', async () => {
        const columns = database === null ? 0 : await countColumns(database, config.table, signal);
        return { detail: describeTable(columns, config), value: null };
      });
    } finally {
      database?.close();
    }
  });
}

/** A test makes no file, and no tables in one: what is missing is said. */
async function openExisting(
  root: string,
  config: SqliteSinkConfig,
  signal: AbortSignal,
): Promise<Finding<SqliteDatabase | null>> {
  const path = await resolveDatabaseFile(root, config.file);
  if (!existsSync(path)) return { detail: `the first run will make ${config.file}`, value: null };
  return { detail: 'the file can be opened', value: await openDatabase(root, config, signal) };
}

/** In a transaction, which tells that the file may be written. */
function countColumns(database: SqliteDatabase, table: string, signal: AbortSignal): Promise<number> {
  const count = 'SELECT COUNT(*) AS columns FROM pragma_table_xinfo(?)';
  return database.transaction(
    () => Promise.resolve(Number(database.all(count, [table])[0]?.['columns'])),
    signal,
  );
}

function describeTable(columns: number, { table, autoCreate }: SqliteSinkConfig): string {
  if (columns > 0) return `${table} has ${columns} ${columns === 1 ? 'column' : 'columns'}`;
  if (autoCreate) return `${table} will be created`;
  throw new SyncError('TARGET_SCHEMA', {
    message: `${table} does not exist; create it, or set auto.create=true`,
  });
}
