// The SQLite sink: what the worker and the executor see of it. `root`: the only folder in which files can be written.
import { runCheckSteps } from '../../src/core/check-steps.ts';
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
import { createLedgerTables } from './ledger-tables.ts';
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
    openLedger: async (config) => openTargetLedger(await openDatabase(root, config), config.table),
    openStore: async (config, signal) =>
      openSinkStore(await openDatabase(root, config, signal), config, signal),
  });
}

async function openDatabase(
  root: string,
  config: SqliteSinkConfig,
  signal?: AbortSignal,
): Promise<SqliteDatabase> {
  return SqliteDatabase.open(await resolveDatabaseFile(root, config.file), config.file, signal);
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
    const database = await step('open', async () => ({
      detail: 'the file can be opened',
      value: await openDatabase(root, config, signal),
    }));
    try {
      const find = (): Promise<string> => Promise.resolve(findTable(database, config));
      await step('ledger and table', async () => ({
        detail: await database.transaction(find, signal),
        value: null,
      }));
    } finally {
      database.close();
    }
  });
}

function findTable(database: SqliteDatabase, { table, autoCreate }: SqliteSinkConfig): string {
  createLedgerTables(database);
  const [found] = database.all('SELECT COUNT(*) AS columns FROM pragma_table_xinfo(?)', [table]);
  const columns = Number(found?.['columns']);
  if (columns > 0) return `the ledger is there, ${table} has ${columns} columns`;
  if (autoCreate) return `the ledger is there, ${table} will be created`;
  throw new SyncError('TARGET_SCHEMA', {
    message: `${table} does not exist; create it, or set auto.create=true`,
  });
}
