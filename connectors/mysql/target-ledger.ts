// The ledger in a MySQL or MariaDB database, beside the target table: the executor's side of it.
import { SyncError, toSyncError } from '../../src/core/errors.ts';
import type { TargetLedger } from '../../src/core/ledger.ts';
import { abortRun, beginRun, removeJob, resetWatermark } from '../../src/core/ledger-decisions.ts';
import { lockJob, readDirty, readNewestPartitions, readRunOfTask } from '../../src/core/ledger-rows.ts';
import type { LedgerSession } from '../../src/core/ledger-session.ts';
import type { MysqlSinkConfig } from './config.ts';
import { createLedgerTables, ledgerSession } from './ledger-tables.ts';
import { openSession, type MysqlSession } from './session.ts';
import { SessionHolder } from './session-holder.ts';

/** Two that begin the same job at once may deadlock; one of them then wins the second time. */
const attempts = 3;

export function openTargetLedger(config: MysqlSinkConfig): TargetLedger {
  const sessions = new SessionHolder(() => openSession(config, { localFiles: false }));
  let created = false;
  const run = async <T>(work: (ledger: LedgerSession, session: MysqlSession) => Promise<T>): Promise<T> => {
    if (!created) await sessions.use((session) => createLedgerTables(session, config.database));
    created = true;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await sessions.transaction((session) =>
          work(ledgerSession(session, config.database), session),
        );
      } catch (error) {
        const failure = toSyncError(error, 'TARGET_FAILED');
        if (attempt === attempts || failure.code !== 'TARGET_FAILED' || !failure.retriable) throw failure;
      }
    }
  };
  return {
    begin: (request) => run((ledger, session) => beginRun(ledger, request, targetName(config, session))),
    abort: (request) => run((ledger) => abortRun(ledger, request)),
    readJob: (job) => run((ledger) => lockJob(ledger, job, 'none')),
    readRun: (job, taskId) => run((ledger) => readRunOfTask(ledger, job, taskId)),
    readPartitions: (job) => run((ledger) => readNewestPartitions(ledger, job)),
    readDirty: (job, taskId, limit) =>
      run(async (ledger) => {
        const found = await readRunOfTask(ledger, job, taskId);
        return found === null ? [] : readDirty(ledger, found, limit);
      }),
    resetWatermark: (job, watermark) =>
      run(async (ledger) => {
        if (await resetWatermark(ledger, job, watermark)) return;
        throw new SyncError('NOT_FOUND', {
          message: `resetting the watermark: the target knows no job ${job}`,
        });
      }),
    remove: (job) => run((ledger) => removeJob(ledger, job)),
    close: () => {
      sessions.close();
      return Promise.resolve();
    },
  };
}

/** One table has one name in the ledger, also where the server does not tell upper from lower case. */
function targetName(config: MysqlSinkConfig, session: MysqlSession): string {
  const name = `${config.database}.${config.table}`;
  return session.server.lowerCaseTableNames === 0 ? name : name.toLowerCase();
}
