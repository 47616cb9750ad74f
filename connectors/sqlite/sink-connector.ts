// The SQLite sink: what the worker and the executor see of it. `root`: the only folder in which files can be written.
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { SinkPlugin } from '../../src/core/connector/contract.ts';
import { defineSink } from '../../src/core/connector/define.ts';
import { checkConnection } from './check-connection.ts';
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
    testConnection: (config, signal, rows) =>
      checkConnection({ root, openToRead: () => openToRead(root, config, signal) }, config, rows),
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
