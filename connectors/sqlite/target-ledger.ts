// The ledger in an SQLite file, beside the target table: the executor's side of it.
import { SyncError } from '../../src/core/errors.ts';
import type { TargetLedger } from '../../src/core/ledger.ts';
import { abortRun, beginRun, removeJob, resetWatermark } from '../../src/core/ledger-decisions.ts';
import { lockJob, readDirty, readNewestPartitions, readRunOfTask } from '../../src/core/ledger-rows.ts';
import type { LedgerSession } from '../../src/core/ledger-session.ts';
import type { SqliteDatabase } from './database.ts';
import { createLedgerTables, ledgerSession } from './ledger-tables.ts';

export function openTargetLedger(database: SqliteDatabase, table: string): TargetLedger {
  let created = false;
  const run = <T>(work: (ledger: LedgerSession) => Promise<T>): Promise<T> =>
    database.transaction(async () => {
      if (!created) createLedgerTables(database);
      const result = await work(ledgerSession(database));
      created = true;
      return result;
    });
  return {
    // SQLite does not tell upper from lower case in names.
    begin: (request) => run((ledger) => beginRun(ledger, request, table.toLowerCase())),
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
      database.close();
      return Promise.resolve();
    },
  };
}
