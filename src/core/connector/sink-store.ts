// The sink's side of the target: storage primitives of one writer connection. The protocol over them (who may write, what
// counts, when a run is complete) is src/worker's; an implementation has no decisions of its own.
import type { RowSchema } from './field-type.ts';
import type {
  DirtyEntry,
  LedgerJob,
  LedgerPartition,
  LedgerPlan,
  LedgerRun,
  LedgerSplit,
  RunKey,
} from '../ledger/ledger.ts';
import type { DirtyRow } from '../record/headers.ts';
import type { Position } from '../position.ts';
import type { TargetTrust } from '../ledger/target-trust.ts';
import type { Text } from '../text.ts';

/** Rows of one split attempt, in the row format, each followed by LF (which never stands inside a row). */
export interface RowBatch {
  readonly bytes: Buffer;
  readonly rows: number;
  /** Start of each row, and the end of the last: from who put the rows together, so that nobody looks for their ends again. */
  readonly starts?: Uint32Array;
  /** Of all its records, ms since the epoch; only where the sink asks for it (SinkPlugin.readsTimestamps). */
  readonly timestamp?: number;
}

/** A row the target refused (too long, out of range, NULL in NOT NULL, …), found by bisecting the batch. */
export interface RefusedRow extends DirtyRow {
  /** Index in the batch. */
  readonly index: number;
  /** Another row of the target stands against it: it may go in after that one has changed. */
  readonly conflict?: boolean;
}

/** All keys of the source in [from, until), in the order of key-order.ts. */
export interface KeyClaim {
  /** Inclusive: values of the schema's key, in its order; null: from the first. */
  readonly from: readonly Buffer[] | null;
  /** Exclusive; null: to the last. */
  readonly until: readonly Buffer[] | null;
  /** Rows of the key's fields, in the row format; with one more field `1` for those that earlier runs or this one must have written. */
  readonly keys: RowBatch;
  /** Told where some of those are not in the target. */
  readonly onLacking?: () => void;
}

export interface TableNotes {
  /** For the report: how rows are written. */
  readonly notes: readonly Text[];
  /** Why a complete run into this table proves nothing: e.g. keys may merge and the user allowed it. */
  readonly doubts: readonly Text[];
}

export interface ReadyTable extends TableNotes {
  /** Indexes of the key among the rows' fields; empty: rows have none. */
  readonly key: readonly number[];
  /** Nothing of a row is lost when it is removed and written anew. */
  readonly replaceable: boolean;
  /** The table's columns that rows go to, in the order of their fields: what `digestRows` goes over. Absent: marks of rows tell nothing of columns. */
  readonly columns?: readonly string[];
  /**
   * As `markTable` gives it, of the table that this look found: what is altered between the look and the plan is told by it. Absent: as
   * when the plan is set.
   */
  readonly mark?: string;
}

export interface SinkStore {
  /**
   * Makes the target table fit for these rows, with DDL if `auto.create`; called before the first transaction of a run.
   * A task's stores are asked one after the other: the first makes what is missing. `run`: whose rows they are; a store that loads them
   * into a table beside the target needs it. Throws TARGET_SCHEMA, TARGET_DENIED, KEYS_MAY_MERGE.
   */
  prepareTable(schema: RowSchema, run?: RunKey): Promise<ReadyTable>;
  /**
   * One transaction: COMMIT when `work` resolves, ROLLBACK (or a dropped connection) when it throws.
   * Throws TARGET_UNREACHABLE with retriable=true when the outcome of COMMIT is unknown: the caller reads the ledger again.
   * Deadlocks, lock timeouts and lost connections are retriable too; the next call uses a fresh connection.
   */
  transaction<T>(work: (tx: SinkTransaction) => Promise<T>): Promise<T>;
  /**
   * Where a server swaps tables outside of transactions only: after a transaction in which `completeRun` said true, and wherever `swapDue`
   * says so. Puts the table beside in the target's place and completes the run; goes on wherever it was broken off, and does nothing for a
   * run that is complete. Throws FENCED, TARGET_CHANGED, and as `transaction` does. Absent: rows are in the target with their transaction.
   */
  finishSwap?(run: RunKey): Promise<void>;
  close(): Promise<void>;
}

export interface SinkTransaction {
  /** `shared`: fence only. `exclusive`: must be the first statement of a transaction that may complete the run. */
  lockJob(job: string, lock: 'shared' | 'exclusive'): Promise<LedgerJob | null>;
  readRun(key: RunKey): Promise<LedgerRun | null>;
  /** Of a job that is there. Changed only under the exclusive lock. */
  readTrust(job: string): Promise<TargetTrust>;
  putTrust(job: string, trust: TargetTrust): Promise<void>;
  /** Only while the run has no plan. */
  setPlan(key: RunKey, plan: LedgerPlan): Promise<void>;
  readPartitions(key: RunKey): Promise<readonly LedgerPartition[]>;
  /** Makes the position row of a partition when the run has none. */
  addPartition(key: RunKey, position: LedgerPartition): Promise<void>;
  /** Compare-and-set of the position; false: somebody else moved it. */
  movePartition(
    key: RunKey,
    move: { topic: string; partition: number; from: number; to: number },
  ): Promise<boolean>;
  readSplits(key: RunKey): Promise<readonly LedgerSplit[]>;
  /** Inserts or replaces the split's row. */
  putSplit(key: RunKey, split: LedgerSplit): Promise<void>;
  addDirty(key: RunKey, rows: readonly DirtyEntry[]): Promise<void>;
  /** Removes the dirty rows of all attempts at the split (a new attempt begins). */
  clearDirty(key: RunKey, split: number): Promise<void>;
  addSkipped(key: RunKey, records: number): Promise<void>;
  /** Keeps why the run is not proved when it is complete; one that is there already stays once. */
  addDoubts(key: RunKey, doubts: readonly Text[]): Promise<void>;
  /** Writes rows by the fastest safe path; returns those the target refused (the others are written). */
  writeRows(batch: RowBatch): Promise<readonly RefusedRow[]>;
  /**
   * Removes rows by key: the batch has the key's fields set and all others NULL. A row that is not there is no error.
   * Throws TARGET_SCHEMA when the target can't remove rows.
   */
  deleteRows(batch: RowBatch): Promise<void>;
  /**
   * The target's keys within the claim's range that it does not name, in pages, as row-key.ts writes them. Throws TARGET_SCHEMA when
   * the target does not keep its keys in the order of key-order.ts, SOURCE_SCHEMA when the source did not name them in it.
   */
  unclaimedKeys(claim: KeyClaim): AsyncIterable<readonly string[]>;
  /** Keeps keys whose rows are to be removed when the run completes. */
  setAside(key: RunKey, split: number, keys: readonly string[]): Promise<void>;
  /** Forgets what was put aside for the split (a new attempt begins). */
  clearSetAside(key: RunKey, split: number): Promise<void>;
  /** Removes the rows whose keys were put aside. */
  removeSetAside(key: RunKey): Promise<void>;
  /**
   * What the target holds of rows, by key: of each row of the batch only the key's fields are set. A digest of the values of all mapped
   * columns, equal while they are; '' for a row that is there and can't be read back; null: no row has the key. `columns`: others, as an
   * earlier ReadyTable told them.
   */
  digestRows(batch: RowBatch, columns?: readonly string[]): Promise<readonly (string | null)[]>;
  /**
   * What tells the target table, as it is declared now, from one that is altered or put in its place later: when its server made it,
   * what it declares, which triggers change its rows. Asked for when a plan is set (unless ReadyTable tells it) and when the run completes;
   * may wait for a server that tells it in whole seconds. Absent: it can't be told.
   */
  markTable?(): Promise<string>;
  /** Whether the target has no row, those of this transaction included; null: that can't be told. */
  isEmpty(): Promise<boolean | null>;
  /** Rows of the target table; it stops counting at `atMost`. */
  countRows(atMost: number): Promise<number>;
  /** Under the exclusive lock: one more split of the run has ended; how many have. */
  addEnded(key: RunKey): Promise<number>;
  /**
   * Moves the watermark (compare-and-set from the run's base to `to`) and marks the run complete with the sums of its splits.
   * false: the watermark was not at the base any more. Rows that stand in a table beside the target take its place with it; where
   * `finishSwap` does that, the run is only noted as one that is due.
   */
  completeRun(key: RunKey, to: Position | null): Promise<boolean>;
  /** All rows of the run are in the table beside, and `finishSwap` is still to be done. Absent: never. */
  swapDue?(key: RunKey): Promise<boolean>;
}
