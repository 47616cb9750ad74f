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
import {
  completeAside,
  isSwapDue,
  noteSwap,
  putAsideTrust,
  readAsideTrust,
  refuseIncrement,
} from './sql-aside.ts';
import type { LedgerSession } from './sql-session.ts';
import { addRemovals, clearRemovals, takeRemovals } from './sql-removals.ts';
import type { RunKey } from './ledger.ts';
import type { SinkTransaction } from '../connector/sink-store.ts';
import { freshTrust } from './target-trust.ts';

/** What a target does in its own way. */
export interface OwnWay extends Pick<
  SinkTransaction,
  'writeRows' | 'deleteRows' | 'unclaimedKeys' | 'digestRows' | 'countRows'
> {
  /** Absent: it can't be told. */
  markTable?(): Promise<string>;
  deleteKeys(keys: readonly string[]): Promise<void>;
  /** Absent: rows go straight into the target. */
  readonly aside?: LoadingAside;
}

/** Rows go into a table beside the target, which takes its place when the run completes. */
export interface LoadingAside {
  /** Whose rows they are; null: the table was not made yet. */
  readonly run: RunKey | null;
  /** Swaps the tables in the open transaction, and gives the target's mark from then on; null: the server swaps outside of transactions only. */
  readonly swap: ((run: RunKey) => Promise<string>) | null;
}

export function createSinkTransaction(session: LedgerSession, own: OwnWay): SinkTransaction {
  const straight = straightTransaction(session, own);
  return own.aside === undefined ? straight : { ...straight, ...besides(session, own.aside) };
}

/** What is another where rows go into a table beside: until it takes the target's place, nothing of the job changes. */
function besides(
  session: LedgerSession,
  { run, swap }: LoadingAside,
): Pick<SinkTransaction, 'readTrust' | 'putTrust' | 'setPlan' | 'completeRun'> & Partial<SinkTransaction> {
  return {
    readTrust: async (job) =>
      (run === null ? null : await readAsideTrust(session, run)) ??
      (await readTrust(session, job)) ??
      freshTrust(''),
    putTrust: (job, trust) =>
      run === null ? putTrust(session, job, trust) : putAsideTrust(session, run, trust),
    setPlan: (key, plan) => {
      refuseIncrement(plan.window);
      return setPlan(session, key, plan);
    },
    completeRun: (key) =>
      swap === null ? noteSwap(session, key) : completeAside(session, key, () => swap(key)),
    swapDue: (key) => isSwapDue(session, key),
  };
}

function straightTransaction(session: LedgerSession, own: OwnWay): SinkTransaction {
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
    ...(own.markTable && { markTable: own.markTable.bind(own) }),
    isEmpty: async () => (await own.countRows(1)) === 0,
    countRows: own.countRows,
    addEnded: (key) => addEnded(session, key),
    completeRun: (key, to) => completeRun(session, key, to),
  };
}
