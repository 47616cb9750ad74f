// The SQLite sink: what the worker and the executor see of it. `root`: the only folder in which files can be written.
import { runCheckSteps } from '../../src/core/check-steps.ts';
import type { ConnectorConfig } from '../../src/core/connector/config-def.ts';
import type { CheckStep, SinkPlugin } from '../../src/core/connector/contract.ts';
import { SyncError } from '../../src/core/errors.ts';
import {
  findSqliteSinkProblems,
  readSqliteSinkConfig,
  resolveDatabaseFile,
  sqliteSinkIdentity,
  sqliteSinkKeys,
  type SqliteSinkConfig,
} from './config.ts';
import { SqliteDatabase } from './database.ts';
import { createLedgerTables } from './ledger-tables.ts';
import { openSinkStore } from './sink-store.ts';
import { openTargetLedger } from './target-ledger.ts';

export function createSqliteSink(root: string): SinkPlugin {
  return {
    type: 'sink',
    className: 'io.syncline.sqlite.SqliteSinkConnector',
    aliases: ['SqliteSinkConnector', 'SqliteSink'],
    version: '0.1.0',
    configDef: sqliteSinkKeys,
    validate: (config) => findSqliteSinkProblems(root, config),
    testConnection: (config, signal) => checkConnection(root, config, signal),
    identity: (config) => sqliteSinkIdentity(root, config),
    openLedger: async (config) => {
      const read = readSqliteSinkConfig(root, config);
      return openTargetLedger(await openDatabase(root, read), read.table);
    },
    openStore: async (config, signal) => {
      const read = readSqliteSinkConfig(root, config);
      return openSinkStore(await openDatabase(root, read, signal), read, signal);
    },
  };
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
  config: ConnectorConfig,
  signal: AbortSignal,
): Promise<readonly CheckStep[]> {
  return runCheckSteps(async (step) => {
    const read = await step('configuration', () => {
      const value = readSqliteSinkConfig(root, config);
      return Promise.resolve({ detail: `table ${value.table} in ${value.file}`, value });
    });
    const database = await step('open', async () => ({
      detail: 'the file can be opened',
      value: await openDatabase(root, read, signal),
    }));
    try {
      const find = (): Promise<string> => Promise.resolve(findTable(database, read));
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
