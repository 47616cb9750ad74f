// The executor's side of a target file's ledger.
import { SyncError } from '../../src/core/errors.ts';
import type { TargetLedger } from '../../src/core/ledger.ts';
import type { LedgerDraft } from './ledger-file.ts';
import { openLedgerFile } from './ledger-file.ts';
import type { FileLedger } from './ledger-state.ts';
import { abortRun, beginRun, newestRun, showRun } from './ledger-state.ts';

/** Another writer may be first; the decision is then taken again on what it wrote. */
const ATTEMPTS = 10;

export function openFileTargetLedger(target: string): TargetLedger {
  const file = openLedgerFile(target);
  const change = async <T>(work: (draft: LedgerDraft) => T): Promise<T> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await file.change(work);
      } catch (error) {
        if (!(error instanceof SyncError) || !error.retriable || attempt === ATTEMPTS) throw error;
      }
    }
  };
  /** What the file holds of this job; null: it is another's, or nobody's. */
  const readOwn = async (job: string): Promise<FileLedger | null> => {
    const ledger = await file.read();
    return ledger.job?.job === job ? ledger : null;
  };
  return {
    begin: (request) => change(({ ledger }) => beginRun(ledger, request)),
    abort: (request) => change(({ ledger }) => abortRun(ledger, request)),
    readJob: async (job) => (await readOwn(job))?.job ?? null,
    readRun: async (job, taskId) => {
      const ledger = await readOwn(job);
      const run = ledger === null ? null : newestRun(ledger, taskId);
      return run === null ? null : showRun(job, run);
    },
    readPartitions: async (job) => (await readOwn(job))?.runs.at(-1)?.partitions ?? [],
    readDirty: async (job, taskId, limit) => {
      const ledger = await readOwn(job);
      const dirty = ledger === null ? [] : (newestRun(ledger, taskId)?.dirty ?? []);
      return dirty.toSorted((a, b) => a.split - b.split).slice(0, limit);
    },
    resetWatermark: (job, watermark) =>
      change(({ ledger }) => {
        if (ledger.job?.job !== job)
          throw new SyncError('NOT_FOUND', {
            message: `resetting the watermark: the target knows no job ${job}`,
          });
        ledger.job = { ...ledger.job, watermark, epoch: ledger.job.epoch + 1 };
      }),
    remove: (job) =>
      change(({ ledger }) => {
        if (ledger.job?.job !== job) return;
        ledger.job = null;
        ledger.runs = [];
      }),
    close: () => Promise.resolve(),
  };
}
