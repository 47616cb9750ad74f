// The ledger in an SQL target, beside the target table: its tables, its statements, and the executor's side of it.
import { toSyncError } from '../../../src/core/errors.ts';
import type { TargetLedger } from '../../../src/core/ledger/ledger.ts';
import { createTargetLedger } from '../../../src/core/ledger/sql-access.ts';
import { declareLedgerTables, ledgerTables } from '../../../src/core/ledger/sql-session.ts';
import type { LedgerSession, LedgerTable } from '../../../src/core/ledger/sql-session.ts';
import { withAnotherTry } from './again.ts';
import { guardLedger } from './aside/guard-ledger.ts';
import { qualified } from './dialect.ts';
import { ledgerSession } from './ledger-session.ts';
import { lookOnly, type SqlSession } from './session.ts';
import type { SqlSinkConfig, SqlTarget } from './sql-target.ts';
import type { Column, TableShape } from './table-shape.ts';

export async function missingLedgerTables<
  C extends SqlSinkConfig,
  S extends SqlSession,
  T extends TableShape<Column>,
>(target: SqlTarget<C, S, T>, session: S, config: C): Promise<readonly LedgerTable[]> {
  const present = await target.ledgerTables.present(session, config);
  return ledgerTables.filter((table) => !present.includes(table));
}

export function openSqlLedger<C extends SqlSinkConfig, S extends SqlSession, T extends TableShape<Column>>(
  target: SqlTarget<C, S, T>,
  config: C,
): TargetLedger {
  const sessions = target.connect(config);
  let created = false;
  const create = async (): Promise<void> => {
    await withAnotherTry(() => sessions.transaction((session) => createTables(target, session, config)));
    created = true;
  };
  const on = <R>(session: S, work: (ledger: LedgerSession, name: string) => Promise<R>): Promise<R> =>
    work(ledgerSession(session, target.dialect, config.schema), target.nameInLedger(session, config));
  const look = async <R>(work: (session: S) => Promise<R>): Promise<R> => {
    if (target.openToLook === undefined) return sessions.transaction(work);
    return lookOnly(await target.openToLook(config), work);
  };
  const ledger = createTargetLedger({
    look: (work) =>
      look(async (session) => {
        const missing = created ? [] : await missingLedgerTables(target, session, config);
        return missing.includes('syncline_job') ? null : on(session, work);
      }),
    change: async (work) => {
      const change = () => withAnotherTry(() => sessions.transaction((session) => on(session, work)));
      const createdBefore = created;
      if (!created) await create();
      try {
        return await change();
      } catch (error) {
        // Somebody has dropped them since, or put another database in the place of theirs.
        if (!createdBefore || toSyncError(error).code !== 'TARGET_SCHEMA') throw error;
        await create();
        return await change();
      }
    },
    close: () => {
      sessions.close();
      return Promise.resolve();
    },
  });
  return guardLedger(ledger, { target, config, sessions });
}

/** Looks first: CREATE … IF NOT EXISTS needs the right even when nothing is missing. */
async function createTables<C extends SqlSinkConfig, S extends SqlSession, T extends TableShape<Column>>(
  target: SqlTarget<C, S, T>,
  session: S,
  config: C,
): Promise<void> {
  const missing = await missingLedgerTables(target, session, config);
  if (missing.length === 0) return;
  const { dialect, ledgerTables: how } = target;
  const declared = declareLedgerTables(await how.columns(session));
  for (const table of missing)
    await session.command(
      `CREATE TABLE IF NOT EXISTS ${qualified(dialect, config.schema, table)} (${declared[table]}) ${how.attributes}`,
    );
}
