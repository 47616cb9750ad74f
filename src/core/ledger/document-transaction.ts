// A sink's transaction over a ledger kept as a document: what it changes in the draft, its target commits as one change.
import { completeRun, runOf, showRun, withoutTrust } from './document.ts';
import type { DocumentRun, LedgerDocument } from './document.ts';
import { SyncError } from '../errors.ts';
import type { SinkTransaction } from '../connector/sink-store.ts';
import type { RunKey } from './ledger.ts';
import { distinctTexts } from '../text.ts';

type Own = 'writeRows' | 'digestRows' | 'isEmpty';

/** `own`: what the target does in its own way. */
export function createDocumentTransaction(
  ledger: LedgerDocument,
  own: Pick<SinkTransaction, Own> &
    Partial<Pick<SinkTransaction, 'deleteRows' | 'markTable' | 'addDirty' | 'clearDirty'>>,
): SinkTransaction {
  const run = (key: RunKey): DocumentRun => requireRun(ledger, key);
  return {
    deleteRows: refuseDeletes,
    unclaimedKeys: () => {
      throw deletesRefused();
    },
    setAside: refuseDeletes,
    clearSetAside: refuseDeletes,
    removeSetAside: refuseDeletes,
    countRows: refuseDeletes,
    addDirty: done((key, entries) => void run(key).dirty.push(...entries)),
    clearDirty: done((key, split) => {
      const found = run(key);
      found.dirty = found.dirty.filter((each) => each.split !== split);
    }),
    ...own,
    lockJob: (job) => Promise.resolve(ledger.job?.job === job ? withoutTrust(ledger.job) : null),
    readTrust: (job) => Promise.resolve(requireJob(ledger, job).trust),
    putTrust: (job, trust) => {
      ledger.job = { ...requireJob(ledger, job), trust };
      return Promise.resolve();
    },
    readRun: (key) => {
      const found = findRun(ledger, key);
      return Promise.resolve(found === null ? null : showRun(key.job, found));
    },
    setPlan: done((key, plan) => void (run(key).plan ??= plan)),
    readPartitions: (key) => Promise.resolve(findRun(ledger, key)?.partitions ?? []),
    addPartition: done((key, position) => {
      const { partitions } = run(key);
      if (!partitions.some((each) => samePlace(each, position))) partitions.push(position);
    }),
    movePartition: (key, { topic, partition, from, to }) => {
      const partitions = findRun(ledger, key)?.partitions ?? [];
      const at = partitions.findIndex((each) => samePlace(each, { topic, partition }) && each.next === from);
      const old = partitions[at];
      if (old !== undefined) partitions[at] = { ...old, next: to };
      return Promise.resolve(old !== undefined);
    },
    readSplits: (key) => Promise.resolve(findRun(ledger, key)?.splits ?? []),
    putSplit: done((key, split) => {
      const { splits } = run(key);
      const at = splits.findIndex((each) => each.split >= split.split);
      const isKnown = splits[at]?.split === split.split;
      splits.splice(at < 0 ? splits.length : at, isKnown ? 1 : 0, split);
    }),
    addSkipped: done((key, records) => void (run(key).skipped += records)),
    addDoubts: done((key, doubts) => {
      const found = run(key);
      found.doubts = distinctTexts([...found.doubts, ...doubts]);
    }),
    addEnded: (key) => Promise.resolve((run(key).ended += 1)),
    completeRun: (key, to) => Promise.resolve(completeRun(ledger, key.epoch, to)),
  };
}

function findRun(ledger: LedgerDocument, { job, epoch }: RunKey): DocumentRun | null {
  return ledger.job?.job === job ? runOf(ledger, epoch) : null;
}

/** Throws FENCED. */
function requireJob(ledger: LedgerDocument, job: string): NonNullable<LedgerDocument['job']> {
  if (ledger.job?.job === job) return ledger.job;
  throw new SyncError('FENCED', { message: `writing to the ledger of ${job}: it is gone` });
}

/** Throws FENCED. */
export function requireRun(ledger: LedgerDocument, key: RunKey): DocumentRun {
  const found = findRun(ledger, key);
  if (found !== null) return found;
  throw new SyncError('FENCED', {
    message: `writing to the ledger of ${key.job}: it has no epoch ${key.epoch}`,
  });
}

function refuseDeletes(): Promise<never> {
  return Promise.reject(deletesRefused());
}

function deletesRefused(): SyncError {
  return new SyncError('TARGET_SCHEMA', {
    message:
      'removing rows that are gone in the source: this target can not; set the source to ignore deletes',
  });
}

/** The methods are promised, the work is not. */
export function done<T>(work: (key: RunKey, value: T) => void): (key: RunKey, value: T) => Promise<void> {
  return (key, value) => {
    work(key, value);
    return Promise.resolve();
  };
}

interface Place {
  readonly topic: string;
  readonly partition: number;
}

function samePlace(a: Place, b: Place): boolean {
  return a.topic === b.topic && a.partition === b.partition;
}
