// One writer connection to a MySQL or MariaDB target.
import { SyncError } from '../../src/core/errors.ts';
import { createSinkTransaction } from '../../src/core/ledger/sql-transaction.ts';
import type { SinkStore } from '../../src/core/connector/sink-store.ts';
import { requireExactKeys } from '../sql/target/unclaimed-keys.ts';
import type { MysqlSinkConfig } from './config.ts';
import { countRows, deleteKeyBytes, deleteRows, digestRows, unclaimedKeys } from './write/delete-rows.ts';
import { ledgerSession } from './ledger-tables.ts';
import { readTableMark } from './table/table-mark.ts';
import { prepareTable, type PreparedTable } from './table/prepare-table.ts';
import { openSession } from './session/session.ts';
import { SessionHolder } from './session/session-holder.ts';
import { writeRows } from './write/write-rows.ts';

export function openSinkStore(config: MysqlSinkConfig, signal: AbortSignal): SinkStore {
  const sessions = new SessionHolder(() => openSession(config, { localFiles: true, signal }));
  let prepared: PreparedTable | null = null;
  const require = (): PreparedTable => {
    if (prepared === null) throw new SyncError('INTERNAL', { message: 'writing rows before prepareTable' });
    return prepared;
  };
  return {
    prepareTable: async (schema) => {
      prepared = await sessions.use((session) => prepareTable(session, config, schema));
      const { notes, doubts, plan, replaceable } = prepared;
      return { notes, doubts, key: plan.key, replaceable };
    },
    transaction: (work) =>
      sessions.transaction((session) =>
        work(
          createSinkTransaction(ledgerSession(session, config.database), {
            writeRows: async (batch) => writeRows(session, require().plan, batch),
            deleteRows: async (batch) => deleteRows(session, require().plan, batch),
            unclaimedKeys: (claim) => {
              const { plan, mergesKeys } = require();
              requireExactKeys(mergesKeys);
              return unclaimedKeys(session, plan, claim);
            },
            deleteKeys: (keys) => deleteKeyBytes(session, require().plan, keys),
            markTable: () => readTableMark(session, config),
            digestRows: (batch) => digestRows(session, require().plan, batch),
            countRows: (atMost) => countRows(session, require().plan, atMost),
          }),
        ),
      ),
    close: () => {
      sessions.close();
      return Promise.resolve();
    },
  };
}
