// The ledger in the target: who may write, how far a job is, and whether a run is complete. Implemented by each sink.
// Tables: syncline_job · syncline_run · syncline_partition · syncline_split · syncline_doubt · syncline_dirty · syncline_removal (created at first use).
import type { DirtyRow } from '../record/headers.ts';
import type { IsBefore, Position } from '../position.ts';
import type { RunCounts } from '../status.ts';
import type { MappingVersion, OpenRow, TargetTrust, Witness } from './target-trust.ts';
import type { Text } from '../text.ts';
import type { Window } from '../window.ts';

export interface BeginRequest {
  /** The job's UUID, or `connect:<sink connector name>` for a run by hand. */
  readonly job: string;
  readonly taskId: string;
  /** Digest of source, target and key mapping (identity of both plugins). */
  readonly digest: string;
  readonly mode: 'full' | 'incremental';
  /** By hand an id already finished is a new run under that id, and digests are not compared. */
  readonly byHand: boolean;
  /** Absent by hand. */
  readonly mapping?: MappingVersion;
}

export type BeginOutcome =
  /** Epoch raised, run row made, `base` = watermark to compare-and-set against. */
  | { readonly kind: 'begun'; readonly epoch: number; readonly base: Position | null }
  /** This task id already holds the job (a restart): nothing was changed. */
  | {
      readonly kind: 'current';
      readonly epoch: number;
      readonly base: Position | null;
      readonly complete: boolean;
    }
  /** The task id ran before and another holds the job now. */
  | { readonly kind: 'zombie'; readonly holder: string }
  | { readonly kind: 'digest-changed'; readonly stored: string }
  | { readonly kind: 'table-taken'; readonly by: string };

export type AbortOutcome =
  | { readonly kind: 'aborted'; readonly counts: RunCounts }
  /** The sink had finished it: the run is succeeded. */
  | { readonly kind: 'complete'; readonly run: LedgerRun }
  /** Another task id holds the job, or the job is unknown: nothing to abort. */
  | { readonly kind: 'not-holder' };

/** Address of a run in the ledger. */
export interface RunKey {
  readonly job: string;
  readonly epoch: number;
}

export interface LedgerJob {
  readonly job: string;
  readonly epoch: number;
  readonly taskId: string;
  readonly watermark: Position | null;
  readonly digest: string;
}

export interface LedgerRun {
  readonly job: string;
  readonly epoch: number;
  readonly taskId: string;
  readonly state: 'running' | 'complete' | 'aborted';
  readonly base: Position | null;
  /** null until the first BEGIN was seen. */
  readonly plan: LedgerPlan | null;
  readonly counts: RunCounts;
  /** Why the run, once complete, is delivered and not proved; none: it is proved. */
  readonly doubts: readonly Text[];
}

export interface LedgerPlan {
  readonly id: string;
  readonly splits: number;
  readonly window: Window;
  /** Value format and row schema of the plan as JSON, stored as given: a sink that restarts inside a split reads it back. */
  readonly detail: string;
}

export interface LedgerSplit {
  readonly split: number;
  readonly partition: number;
  readonly attempt: string;
  /** Rows handed to committed statements, and rows in the dirty store, of this attempt. */
  readonly written: number;
  readonly dirty: number;
  /** Rows removed because the source said that they are gone. */
  readonly deleted: number;
  /** Rows that a comparison of keys did not find in the source: they are removed when the run completes. */
  readonly removed: number;
  /** From the END; null before it. */
  readonly read: number | null;
  readonly filtered: number | null;
  readonly nulled: number | null;
  /** Rows that this attempt wrote first and last, with what the target held of them then. */
  readonly witnesses: readonly Witness[];
  /** Printable keys of those that were not there, or held other values, when the split ended. */
  readonly lost: readonly string[];
  readonly overwritten: readonly string[];
  /** Rows that this attempt was refused, few of them, and keys of rows open before that it wrote or removed. */
  readonly refused: readonly OpenRow[];
  readonly closed: readonly string[];
  /** Refused because other rows stand against them: they are tried again when the run completes. */
  readonly waiting: readonly WaitingRow[];
  /** A comparison of keys met some that must be in the target and are not. */
  readonly lacks: boolean;
  /** Which of the run's splits it was to end, the first is 1; null: it did not. */
  readonly endedAs: number | null;
}

/** Of an attempt of which nothing has come yet. */
export function newSplit(begun: Pick<LedgerSplit, 'split' | 'partition' | 'attempt'>): LedgerSplit {
  return {
    ...begun,
    written: 0,
    dirty: 0,
    deleted: 0,
    removed: 0,
    read: null,
    filtered: null,
    nulled: null,
    witnesses: [],
    lost: [],
    overwritten: [],
    refused: [],
    closed: [],
    waiting: [],
    lacks: false,
    endedAs: null,
  };
}

export interface DirtyEntry extends DirtyRow {
  readonly split: number;
  readonly attempt: string;
  /** `source`: could not be converted; `target`: refused by the target. */
  readonly stage: 'source' | 'target';
}

export interface WaitingRow extends DirtyRow {
  /** Key as sentKey gives it; null: it has none. */
  readonly sent: string | null;
  /** The row in the row format, base64. */
  readonly row: string;
}

export interface LedgerPartition {
  readonly topic: string;
  readonly partition: number;
  /** Offset of the next record to apply. */
  readonly next: number;
  readonly logIncarnation: string;
}

/** What the next run of a job would meet. */
export interface LedgerLook {
  /** null: no run of it began there yet. */
  readonly held: { readonly job: LedgerJob; readonly trust: TargetTrust } | null;
  /** The other job that has the target table; null: nobody has. */
  readonly takenBy: string | null;
}

export interface WatermarkReset {
  readonly watermark: Position | null;
  /** The job's epoch when its watermark was read: if it is another one, a run began meanwhile, or somebody else moved it: CONFLICT. */
  readonly epoch: number;
  /** Orders positions as the source does: changes that the watermark is moved over are kept in mind. */
  readonly isBefore: IsBefore;
}

/** The executor's side of the ledger: only `begin` makes its tables. Each call is one transaction. All may throw TARGET_UNREACHABLE, TARGET_LOGIN or TARGET_DENIED. */
export interface TargetLedger {
  /** Makes the ledger tables where they are missing. Rows of finished epochs of the job go here too. */
  begin(request: BeginRequest): Promise<BeginOutcome>;
  /** For every ending that the sink did not write itself: raises the epoch, so that old tasks write nothing more. */
  abort(request: { job: string; taskId: string }): Promise<AbortOutcome>;
  /** `job`: '' of one that is not saved yet. Changes nothing anywhere. */
  look(job: string): Promise<LedgerLook>;
  /** Changes nothing anywhere. */
  readJob(job: string): Promise<LedgerJob | null>;
  /** What the job may believe of its target; null: it is not known. */
  readTrust(job: string): Promise<TargetTrust | null>;
  readRun(job: string, taskId: string): Promise<LedgerRun | null>;
  /** Positions of the newest epoch. */
  readPartitions(job: string): Promise<readonly LedgerPartition[]>;
  /** Dirty rows of the task's newest run, in the order of its splits; gone when the next run but one begins. */
  readDirty(job: string, taskId: string, limit: number): Promise<readonly DirtyEntry[]>;
  /** Sets the watermark and raises the epoch by one; the caller keeps the audit entry. Throws NOT_FOUND, CONFLICT. */
  resetWatermark(job: string, reset: WatermarkReset): Promise<void>;
  /** Removes every row of the job. */
  remove(job: string): Promise<void>;
  close(): Promise<void>;
}
