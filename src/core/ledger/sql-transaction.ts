// A sink's transaction over an SQL target: the ledger's statements, and the target's own way to write rows.
import {
  addEnded,
  addPartition,
  addSkipped,
  completeRun,
  lockJob,
  movePartition,
  putSplit,
  putTrust,
  readPartitions,
  readRun,
  readSplits,
  readTrust,
  setPlan,
} from './sql-rows.ts';
import { addDirty, clearDirty } from './sql-dirty.ts';
import { addDoubts } from './sql-doubts.ts';
import type { LedgerSession } from './sql-session.ts';
import { addRemovals, clearRemovals, takeRemovals } from './sql-removals.ts';
import type { SinkTransaction } from '../connector/sink-store.ts';
import { freshTrust } from './target-trust.ts';

/** What a target does in its own way. */
export interface OwnWay extends Pick<
  SinkTransaction,
  'writeRows' | 'deleteRows' | 'unclaimedKeys' | 'digestRows' | 'countRows'
> {
  markTable(): Promise<string>;
  deleteKeys(keys: readonly string[]): Promise<void>;
}

export function createSinkTransaction(session: LedgerSession, own: OwnWay): SinkTransaction {
  return {
    lockJob: (job, lock) => lockJob(session, job, lock),
    readRun: (key) => readRun(session, key),
    readTrust: async (job) => (await readTrust(session, job)) ?? freshTrust(''),
    putTrust: (job, trust) => putTrust(session, job, trust),
    setPlan: (key, plan) => setPlan(session, key, plan),
    readPartitions: (key) => readPartitions(session, key),
    addPartition: (key, position) => addPartition(session, key, position),
    movePartition: (key, move) => movePartition(session, key, move),
    readSplits: (key) => readSplits(session, key),
    putSplit: (key, split) => putSplit(session, key, split),
    addDirty: (key, rows) => addDirty(session, key, rows),
    clearDirty: (key, split) => clearDirty(session, key, split),
    addSkipped: (key, records) => addSkipped(session, key, records),
    addDoubts: (key, doubts) => addDoubts(session, key, doubts),
    writeRows: own.writeRows,
    deleteRows: own.deleteRows,
    unclaimedKeys: own.unclaimedKeys,
    setAside: (key, split, keys) => addRemovals(session, { ...key, split }, keys),
    clearSetAside: (key, split) => clearRemovals(session, key, split),
    removeSetAside: (key) => takeRemovals(session, key, (keys) => own.deleteKeys(keys)),
    digestRows: own.digestRows,
    markTable: () => own.markTable(),
    isEmpty: async () => (await own.countRows(1)) === 0,
    countRows: own.countRows,
    addEnded: (key) => addEnded(session, key),
    completeRun: (key, to) => completeRun(session, key, to),
  };
}
