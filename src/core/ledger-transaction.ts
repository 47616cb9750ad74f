// A sink's transaction over an SQL target: the ledger's statements, and the target's own way to write rows.
import {
  addDirty,
  addPartition,
  addSkipped,
  clearDirty,
  completeRun,
  countEnded,
  lockJob,
  movePartition,
  putSplit,
  readPartitions,
  readRun,
  readSplits,
  setPlan,
} from './ledger-rows.ts';
import type { LedgerSession } from './ledger-session.ts';
import type { SinkTransaction } from './sink-store.ts';

export function createSinkTransaction(
  session: LedgerSession,
  own: Pick<SinkTransaction, 'writeRows' | 'deleteRows' | 'deleteUnclaimed'>,
): SinkTransaction {
  return {
    lockJob: (job, lock) => lockJob(session, job, lock),
    readRun: (key) => readRun(session, key),
    setPlan: (key, plan) => setPlan(session, key, plan),
    readPartitions: (key) => readPartitions(session, key),
    addPartition: (key, position) => addPartition(session, key, position),
    movePartition: (key, move) => movePartition(session, key, move),
    readSplits: (key) => readSplits(session, key),
    putSplit: (key, split) => putSplit(session, key, split),
    addDirty: (key, rows) => addDirty(session, key, rows),
    clearDirty: (key, split) => clearDirty(session, key, split),
    addSkipped: (key, records) => addSkipped(session, key, records),
    ...own,
    countEnded: (key) => countEnded(session, key),
    completeRun: (key, to) => completeRun(session, key, to),
  };
}
