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

/** What of a document a change reads and writes. */
export type ChangedPart = 'job' | 'all';

export interface DocumentAccess<Document extends LedgerDocument> {
  /** As it stands; makes and changes nothing. null: there is none. */
  look(): Promise<Document | null>;
  /** What it says is in the target by then; makes no ledger. null: there is none. */
  read(): Promise<Document | null>;
  /** One change, of a ledger that is made where it is missing, on the newest document; `work` may run again when somebody else was faster. */
  change<T>(work: (document: Document) => T, of?: ChangedPart): Promise<T>;
  /** Absent: they are in the document. */
  readDirty?(document: Document, run: LedgerRun, limit: number): ReturnType<TargetLedger['readDirty']>;
  close(): Promise<void>;
}

export function createDocumentLedger<Document extends LedgerDocument>(
  access: DocumentAccess<Document>,
): TargetLedger {
  /** What the document holds of this job; null: it is another's, or nobody's. */
  const readOwn = async (job: string): Promise<Document | null> => {
    const document = await access.read();
    return document?.job?.job === job ? document : null;
  };
  const lookOwn = async (job: string): Promise<LedgerDocument['job']> => {
    const held = (await access.look())?.job ?? null;
    return held?.job === job ? held : null;
  };
  const isThere = async (): Promise<boolean> => (await access.look()) !== null;
  return {
    begin: (request) => access.change((document) => beginRun(document, request)),
    abort: async (request) =>
      (await isThere()) ? access.change((document) => abortRun(document, request)) : { kind: 'not-holder' },
    look: async (job) => {
      const held = (await access.look())?.job ?? null;
      if (held !== null && held.job !== job) return { held: null, takenBy: held.job };
      return { held: held === null ? null : { job: withoutTrust(held), trust: held.trust }, takenBy: null };
    },
    readJob: async (job) => {
      const held = await lookOwn(job);
      return held === null ? null : withoutTrust(held);
    },
    readTrust: async (job) => (await lookOwn(job))?.trust ?? null,
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
      if (access.readDirty !== undefined) return access.readDirty(document, showRun(job, run), limit);
      return run.dirty.toSorted((a, b) => a.split - b.split).slice(0, limit);
    },
    resetWatermark: async (job, reset) => {
      const moved =
        (await isThere()) && (await access.change((document) => resetWatermark(document, job, reset), 'job'));
      if (moved) return;
      throw new SyncError('NOT_FOUND', {
        message: `resetting the watermark: the target knows no job ${job}`,
      });
    },
    remove: async (job) => {
      if (await isThere()) await access.change((document) => removeJob(document, job));
    },
    close: () => access.close(),
  };
}
