// One writer connection to an SQL target.
import type { RowBatch, SinkStore } from '../../../src/core/connector/sink-store.ts';
import { SyncError } from '../../../src/core/errors.ts';
import { createSinkTransaction } from '../../../src/core/ledger/sql-transaction.ts';
import { keyRows } from '../../../src/core/record/row-key.ts';
import { withAnotherTry } from './again.ts';
import { countRows, digestRows, unclaimedKeys } from './find-rows.ts';
import { ledgerSession } from './ledger.ts';
import { requireMayDelete } from './write/may-delete.ts';
import { prepareTable } from './prepare-table.ts';
import type { SqlSession } from './session.ts';
import type { SqlSinkConfig, SqlTarget, TableWriter } from './sql-target.ts';
import type { Column, TableShape, WritePlan } from './table-shape.ts';
import { requireExactKeys } from './unclaimed-keys.ts';

export function openSqlStore<C extends SqlSinkConfig, S extends SqlSession, T extends TableShape<Column>>(
  target: SqlTarget<C, S, T>,
  config: C,
  signal: AbortSignal,
): SinkStore {
  const { dialect } = target;
  const sessions = target.connect(config, signal);
  let ready: Ready<S> | null = null;
  const require = (): Ready<S> => {
    if (ready === null) throw new SyncError('INTERNAL', { message: 'writing rows before prepareTable' });
    signal.throwIfAborted();
    return ready;
  };
  const writer = (): TableWriter<S> => require().writer;
  const look = (session: S) => ({ session, dialect, plan: writer().plan });
  return {
    prepareTable: async (schema) => {
      const { prepared, ...found } = await withAnotherTry(() =>
        sessions.transaction(async (session) => {
          const access = { ...dialect, ...target.tableAccess(session, config) };
          const prepared = await prepareTable(access, config, schema);
          return { prepared, writer: await target.chooseWriter(session, config, prepared) };
        }),
      );
      ready = { writer: found.writer, mergesKeys: prepared.mergesKeys };
      const notes = [...found.writer.notes, ...prepared.ready.notes];
      return { ...prepared.ready, notes };
    },
    transaction: (work) =>
      sessions.transaction((session) =>
        work(
          createSinkTransaction(ledgerSession(session, dialect, config.schema), {
            writeRows: async (batch) => writer().writeRows(session, batch),
            deleteRows: async (batch) => {
              requireMayDelete(config);
              await writer().deleteRows(session, batch);
            },
            unclaimedKeys: (claim) => {
              requireMayDelete(config);
              requireExactKeys(require().mergesKeys);
              return unclaimedKeys(look(session), claim);
            },
            deleteKeys: async (keys) => writer().deleteRows(session, rowsOfKeys(writer().plan, keys)),
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

function rowsOfKeys({ key, fields }: WritePlan, keys: readonly string[]): RowBatch {
  return keyRows(keys, { key, fields: fields.length });
}

interface Ready<S extends SqlSession> {
  readonly writer: TableWriter<S>;
  readonly mergesKeys: boolean;
}
