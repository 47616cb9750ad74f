// The executor's side of a ledger kept as a document: its calls, over a target's way to read and to change one.
import { SyncError } from '../errors.ts';
import {
  abortRun,
  beginRun,
  newestRun,
  removeJob,
  resetWatermark,
  showRun,
  withoutTrust,
} from './document.ts';
import type { LedgerDocument } from './document.ts';
import type { LedgerRun, TargetLedger } from './ledger.ts';

export interface DocumentAccess<Document extends LedgerDocument> {
  read(): Promise<Document>;
  /** One change, on the newest document; `work` may run again when somebody else was faster. */
  change<T>(work: (document: Document) => T): Promise<T>;
  readDirty(document: Document, run: LedgerRun, limit: number): ReturnType<TargetLedger['readDirty']>;
  close(): Promise<void>;
}

export function createDocumentLedger<Document extends LedgerDocument>(
  access: DocumentAccess<Document>,
): TargetLedger {
  /** What the document holds of this job; null: it is another's, or nobody's. */
  const readOwn = async (job: string): Promise<Document | null> => {
    const document = await access.read();
    return document.job?.job === job ? document : null;
  };
  return {
    begin: (request) => access.change((document) => beginRun(document, request)),
    abort: (request) => access.change((document) => abortRun(document, request)),
    readJob: async (job) => {
      const held = (await readOwn(job))?.job ?? null;
      return held === null ? null : withoutTrust(held);
    },
    readTrust: async (job) => (await readOwn(job))?.job?.trust ?? null,
    readRun: async (job, taskId) => {
      const document = await readOwn(job);
      const run = document === null ? null : newestRun(document, taskId);
      return run === null ? null : showRun(job, run);
    },
    readPartitions: async (job) => (await readOwn(job))?.runs.at(-1)?.partitions ?? [],
    readDirty: async (job, taskId, limit) => {
      const document = await readOwn(job);
      const run = document === null ? null : newestRun(document, taskId);
      if (document === null || run === null) return [];
      return access.readDirty(document, showRun(job, run), limit);
    },
    resetWatermark: (job, watermark) =>
      access.change((document) => {
        if (resetWatermark(document, job, watermark)) return;
        throw new SyncError('NOT_FOUND', {
          message: `resetting the watermark: the target knows no job ${job}`,
        });
      }),
    remove: (job) => access.change((document) => removeJob(document, job)),
    close: () => access.close(),
  };
}
