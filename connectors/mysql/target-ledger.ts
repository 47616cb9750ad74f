// The ledger in a MySQL or MariaDB database, beside the target table: the executor's side of it.
import { toSyncError } from '../../src/core/errors.ts';
import { createTargetLedger } from '../../src/core/ledger/sql-access.ts';
import type { TargetLedger } from '../../src/core/ledger/ledger.ts';
import type { MysqlSinkConfig } from './config.ts';
import { createLedgerTables, ledgerSession, missingLedgerTables } from './ledger-tables.ts';
import { openSession, type MysqlSession } from './session/session.ts';
import { SessionHolder } from './session/session-holder.ts';

/** Two that begin the same job at once may deadlock; one of them then wins the second time. */
const attempts = 3;

export function openTargetLedger(config: MysqlSinkConfig): TargetLedger {
  const sessions = new SessionHolder(() => openSession(config, { localFiles: false }));
  let created = false;
  return createTargetLedger({
    look: (work) =>
      sessions.transaction(async (session) => {
        const missing = created ? [] : await missingLedgerTables(session, config.database);
        if (missing.includes('syncline_job')) return null;
        return work(ledgerSession(session, config.database), targetName(config, session));
      }),
    change: async (work) => {
      if (!created) await sessions.use((session) => createLedgerTables(session, config.database));
      created = true;
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await sessions.transaction((session) =>
            work(ledgerSession(session, config.database), targetName(config, session)),
          );
        } catch (error) {
          const failure = toSyncError(error, 'TARGET_FAILED');
          if (attempt === attempts || failure.code !== 'TARGET_FAILED' || !failure.retriable) throw failure;
        }
      }
    },
    close: () => {
      sessions.close();
      return Promise.resolve();
    },
  });
}

/** One table has one name in the ledger, also where the server does not tell upper from lower case. */
function targetName(config: MysqlSinkConfig, session: MysqlSession): string {
  const name = `${config.database}.${config.table}`;
  return session.server.lowerCaseTableNames === 0 ? name : name.toLowerCase();
}
