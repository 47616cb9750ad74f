// One writer connection to an SQLite file.
import { SyncError } from '../../src/core/errors.ts';
import { createSinkTransaction } from '../../src/core/ledger-transaction.ts';
import type { SinkStore } from '../../src/core/sink-store.ts';
import type { SqliteSinkConfig } from './config.ts';
import type { SqliteDatabase } from './database.ts';
import { ledgerSession } from './ledger-tables.ts';
import { prepareTable, type WritePlan } from './table-schema.ts';
import { writeRows } from './write-rows.ts';

export function openSinkStore(
  database: SqliteDatabase,
  config: SqliteSinkConfig,
  signal: AbortSignal,
): SinkStore {
  let plan: WritePlan | null = null;
  return {
    prepareTable: (schema) =>
      database.transaction(() => {
        const prepared = prepareTable(database, config, schema);
        plan = prepared.plan;
        return Promise.resolve({ provable: prepared.provable, notes: prepared.notes });
      }, signal),
    transaction: (work) =>
      database.transaction(
        () =>
          work(
            createSinkTransaction(ledgerSession(database), (batch) => {
              if (plan === null)
                throw new SyncError('INTERNAL', { message: 'writing rows before prepareTable' });
              signal.throwIfAborted();
              return writeRows(database, plan, batch);
            }),
          ),
        signal,
      ),
    close: () => {
      database.close();
      return Promise.resolve();
    },
  };
}
