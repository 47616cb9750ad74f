// The executor's side of a ledger kept in SQL tables: its calls, each one transaction of the target.
import { SyncError } from '../errors.ts';
import type { TargetLedger } from './ledger.ts';
import { abortRun, beginRun, removeJob, resetWatermark } from './sql-decisions.ts';
import { lockJob, readDirty, readNewestPartitions, readRunOfTask, readTrust } from './sql-rows.ts';
import type { LedgerSession } from './sql-session.ts';

export interface LedgerAccess {
  /** One transaction, in which the ledger tables are there. `target`: the one name that the target table has in the ledger. */
  readonly run: <T>(work: (ledger: LedgerSession, target: string) => Promise<T>) => Promise<T>;
  readonly close: () => void;
}

export function createTargetLedger({ run, close }: LedgerAccess): TargetLedger {
  return {
    begin: (request) => run((ledger, target) => beginRun(ledger, request, target)),
    abort: (request) => run((ledger) => abortRun(ledger, request)),
    readJob: (job) => run((ledger) => lockJob(ledger, job, 'none')),
    readTrust: (job) => run((ledger) => readTrust(ledger, job)),
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
      close();
      return Promise.resolve();
    },
  };
}
