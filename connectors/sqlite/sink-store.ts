// One writer connection to an SQLite file.
import { SyncError } from '../../src/core/errors.ts';
import { createSinkTransaction } from '../../src/core/ledger/sql-transaction.ts';
import { keyRows } from '../../src/core/record/row-key.ts';
import type { KeyClaim, RowBatch, SinkStore } from '../../src/core/connector/sink-store.ts';
import { requireMayDelete } from '../sql/target/write/may-delete.ts';
import { requireExactKeys } from '../sql/target/unclaimed-keys.ts';
import type { SqliteSinkConfig } from './config.ts';
import type { SqliteDatabase } from './database.ts';
import { countRows, deleteRows, digestRows, unclaimedKeys } from './delete-rows.ts';
import { ledgerSession } from './ledger-tables.ts';
import { readTableMark } from './table-mark.ts';
import { prepareTable, type PreparedTable } from './table-schema.ts';
import { writeRows } from './write-rows.ts';

export function openSinkStore(
  database: SqliteDatabase,
  config: SqliteSinkConfig,
  signal: AbortSignal,
): SinkStore {
  let prepared: PreparedTable | null = null;
  const require = (): PreparedTable => {
    if (prepared === null) throw new SyncError('INTERNAL', { message: 'writing rows before prepareTable' });
    signal.throwIfAborted();
    return prepared;
  };
  const own = {
    writeRows: async (batch: RowBatch) => writeRows(database, require().plan, batch),
    deleteRows: async (batch: RowBatch) => {
      requireMayDelete(config);
      await deleteRows(database, require().plan, batch);
    },
    unclaimedKeys: (claim: KeyClaim) => {
      const { plan, mergesKeys } = require();
      requireMayDelete(config);
      requireExactKeys(mergesKeys);
      return unclaimedKeys(database, plan, claim);
    },
    deleteKeys: (keys: readonly string[]) => {
      const { plan } = require();
      return deleteRows(database, plan, keyRows(keys, { key: plan.key, fields: plan.fields.length }));
    },
    markTable: () => Promise.resolve(readTableMark(database, require().plan.table)),
    digestRows: (batch: RowBatch) => Promise.resolve(digestRows(database, require().plan, batch)),
    countRows: (atMost: number) => Promise.resolve(countRows(database, require().plan, atMost)),
  };
  return {
    prepareTable: (schema) =>
      database.transaction(() => {
        prepared = prepareTable(database, config, schema);
        const { notes, doubts, plan, replaceable } = prepared;
        return Promise.resolve({ notes, doubts, key: plan.key, replaceable });
      }, signal),
    transaction: (work) =>
      database.transaction(() => work(createSinkTransaction(ledgerSession(database), own)), signal),
    close: () => {
      database.close();
      return Promise.resolve();
    },
  };
}
