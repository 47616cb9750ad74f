// One writer connection to a MySQL or MariaDB target.
import { SyncError } from '../../src/core/errors.ts';
import { createSinkTransaction } from '../../src/core/ledger-transaction.ts';
import type { SinkStore } from '../../src/core/sink-store.ts';
import type { MysqlSinkConfig } from './config.ts';
import { ledgerSession } from './ledger-tables.ts';
import { prepareTable, type WritePlan } from './prepare-table.ts';
import { openSession } from './session.ts';
import { SessionHolder } from './session-holder.ts';
import { writeRows } from './write-rows.ts';

export function openSinkStore(config: MysqlSinkConfig, signal: AbortSignal): SinkStore {
  const sessions = new SessionHolder(() => openSession(config, { localFiles: true, signal }));
  let plan: WritePlan | null = null;
  return {
    prepareTable: async (schema) => {
      const prepared = await sessions.use((session) => prepareTable(session, config, schema));
      plan = prepared.plan;
      return { provable: prepared.provable, notes: prepared.notes };
    },
    transaction: (work) =>
      sessions.transaction((session) =>
        work(
          createSinkTransaction(ledgerSession(session, config.database), (batch) => {
            if (plan === null)
              throw new SyncError('INTERNAL', { message: 'writing rows before prepareTable' });
            return writeRows(session, plan, batch);
          }),
        ),
      ),
    close: () => {
      sessions.close();
      return Promise.resolve();
    },
  };
}
