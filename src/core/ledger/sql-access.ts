// The executor's side of a ledger kept in SQL tables: its calls, each one transaction of the target.
import { SyncError } from '../errors.ts';
import type { LedgerLook, TargetLedger } from './ledger.ts';
import { readDirty } from './sql-dirty.ts';
import { abortRun, beginRun, readOwner, removeJob, resetWatermark } from './sql-decisions.ts';
import { lockJob, readNewestPartitions, readRunOfTask, readTrust } from './sql-rows.ts';
import type { LedgerSession } from './sql-session.ts';

export interface LedgerAccess {
  /** One transaction, in which the ledger tables are there: they are made where they are missing. `target`: the one name that the target table has in the ledger. */
  readonly change: <T>(work: (ledger: LedgerSession, target: string) => Promise<T>) => Promise<T>;
  /** Reads in one transaction, and makes and changes nothing; null: there are no ledger tables. */
  readonly look: <T>(work: (ledger: LedgerSession, target: string) => Promise<T>) => Promise<T | null>;
  readonly close: () => Promise<void>;
}

export function createTargetLedger({ change, look, close }: LedgerAccess): TargetLedger {
  const isThere = async (): Promise<boolean> => (await look(() => Promise.resolve(true))) ?? false;
  return {
    begin: (request) => change((ledger, target) => beginRun(ledger, request, target)),
    abort: async (request) =>
      (await isThere()) ? change((ledger) => abortRun(ledger, request)) : { kind: 'not-holder' },
    look: async (job) =>
      (await look((ledger, target) => lookAt(ledger, job, target))) ?? { held: null, takenBy: null },
    readJob: (job) => look((ledger) => lockJob(ledger, job, 'none')),
    readTrust: (job) => look((ledger) => readTrust(ledger, job)),
    readRun: (job, taskId) => look((ledger) => readRunOfTask(ledger, job, taskId)),
    readPartitions: async (job) => (await look((ledger) => readNewestPartitions(ledger, job))) ?? [],
    readDirty: async (job, taskId, limit) => {
      const rows = await look(async (ledger) => {
        const found = await readRunOfTask(ledger, job, taskId);
        return found === null ? [] : readDirty(ledger, found, limit);
      });
      return rows ?? [];
    },
    resetWatermark: async (job, reset) => {
      if ((await isThere()) && (await change((ledger) => resetWatermark(ledger, job, reset)))) return;
      throw new SyncError('NOT_FOUND', {
        message: `resetting the watermark: the target knows no job ${job}`,
      });
    },
    remove: async (job) => {
      if (await isThere()) await change((ledger) => removeJob(ledger, job));
    },
    close,
  };
}

async function lookAt(ledger: LedgerSession, id: string, target: string): Promise<LedgerLook> {
  const job = await lockJob(ledger, id, 'none');
  const trust = await readTrust(ledger, id);
  const owner = await readOwner(ledger, target);
  return {
    held: job === null || trust === null ? null : { job, trust },
    takenBy: owner === id ? null : owner,
  };
}
