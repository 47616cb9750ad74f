// One writer connection to an SQL target.
import type { SinkStore } from '../../../src/core/connector/sink-store.ts';
import { SyncError } from '../../../src/core/errors.ts';
import { createSinkTransaction } from '../../../src/core/ledger/sql-transaction.ts';
import { withAnotherTry } from './again.ts';
import { countRows, digestRows, unclaimedKeys } from './find-rows.ts';
import { ledgerSession } from './ledger.ts';
import type { SqlSession } from './session.ts';
import type { SqlSinkConfig, SqlTarget, TableWriter } from './sql-target.ts';
import { requireExactKeys } from './unclaimed-keys.ts';

export function openSqlStore<C extends SqlSinkConfig, S extends SqlSession>(
  target: SqlTarget<C, S>,
  config: C,
  signal: AbortSignal,
): SinkStore {
  const { dialect } = target;
  const sessions = target.connect(config, signal);
  let prepared: TableWriter<S> | null = null;
  const require = (): TableWriter<S> => {
    if (prepared === null) throw new SyncError('INTERNAL', { message: 'writing rows before prepareTable' });
    signal.throwIfAborted();
    return prepared;
  };
  const look = (session: S) => ({ session, dialect, plan: require().plan });
  return {
    prepareTable: async (schema) => {
      prepared = await withAnotherTry(() =>
        sessions.transaction((session) => target.prepareTable(session, config, schema)),
      );
      return prepared.ready;
    },
    transaction: (work) =>
      sessions.transaction((session) =>
        work(
          createSinkTransaction(ledgerSession(session, dialect, config.schema), {
            writeRows: async (batch) => require().writeRows(session, batch),
            deleteRows: async (batch) => require().deleteRows(session, batch),
            unclaimedKeys: (claim) => {
              requireExactKeys(require().mergesKeys);
              return unclaimedKeys(look(session), claim);
            },
            deleteKeys: async (keys) => require().deleteKeys(session, keys),
            markTable: () => target.markTable(session, config),
            digestRows: async (batch) => digestRows(look(session), batch),
            countRows: async (atMost) => countRows(look(session), atMost),
          }),
        ),
      ),
    close: () => {
      sessions.close();
      return Promise.resolve();
    },
  };
}
