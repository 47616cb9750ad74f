// The connector contract: what a source and a sink must give to the worker (src/worker) and the executor.
import type { Clock } from '../clock.ts';
import type { Config } from './config.ts';
import type { ConfigDef, ConfigProblem, ConnectorConfig } from './config-def.ts';
import type { EverySink } from './every-sink.ts';
import type { EverySource } from './every-source.ts';
import type { DeleteRefusal, DeleteWay, Followed } from '../deletes.ts';
import type { ErrorCode } from '../error-codes.ts';
import type { RowSchema } from './field-type.ts';
import type { DirtyRow } from '../record/headers.ts';
import type { TargetLedger } from '../ledger/ledger.ts';
import type { Position, Positions } from '../position.ts';
import type { SharedSlots } from './shared-slots.ts';
import type { KeyClaim, SinkStore } from './sink-store.ts';
import type { SourceLook } from './source-look.ts';
import type { Predicted } from '../status.ts';
import type { Text } from '../text.ts';
import type { Window } from '../window.ts';

/** Raised with each change that a connector made for an earlier one could not stand. */
export const CONTRACT_VERSION = 1;

interface Plugin {
  /** Full class name as `connector.class` names it. */
  readonly className: string;
  /** Other names that select the same plugin: article 003's, Confluent's, the short ones. */
  readonly aliases: readonly string[];
  readonly version: string;
  /** The plugin's own keys, and those that the worker needs of every source or sink; the worker adds Connect's common ones. */
  readonly configDef: ConfigDef;
  /** Every problem of every key and between keys, without I/O. Called by the worker's validation and before a job is saved. */
  validate(config: ConnectorConfig): readonly ConfigProblem[];
  /** The connection test: steps in order (resolve, connect, log in, read or write rights, …); never throws for a failed step. */
  testConnection(config: ConnectorConfig, signal: AbortSignal): Promise<readonly CheckStep[]>;
  /** For a connector from a package: so long it may give no sign while it opens, plans or reads. Absent: ten minutes. */
  readonly answerWithinMs?: number;
  /** Hosts that the configuration names: looked up by the admin API before anything dials them. Absent: none. */
  hosts?(config: ConnectorConfig): readonly string[];
  /** Text that identifies what is read or written and the key mapping; a change demands a full run. No secrets. */
  identity(config: ConnectorConfig): string;
  /** Text of all else that decides what the values of a row are: after a change rows that are not read again keep the old ones. */
  content(config: ConnectorConfig): string;
}

export interface CheckStep {
  readonly name: string;
  readonly ok: boolean;
  /** What was found, or what failed. */
  readonly detail: string;
  /** Of a step that failed: what it is, and what to do. */
  readonly code?: ErrorCode;
  readonly hint?: Text;
  /** What keeps the next run from being proved, though it comes through; absent: nothing. */
  readonly doubts?: readonly Text[];
  readonly tookMs: number;
}

export interface SourcePlugin extends Plugin {
  readonly type: 'source';
  /** What the worker reads of its configuration for itself. */
  readonly every: Config<EverySource>;
  /** Why it has no increments, in words for the user; absent: it has. */
  readonly fullOnly?: string;
  /** How this configuration tells of rows that are gone; null: not at all. Absent: it never does. */
  deletes?(config: ConnectorConfig): DeleteWay | null;
  /** Where increments begin and end. Absent: it has none (`fullOnly`). */
  positions?(config: ConnectorConfig): Positions;
  /** In Connect too it has one task, whatever tasks.max says. Absent: no. */
  readonly singleTask?: boolean;
  /**
   * The rows that a run would send, as far as is known without planning it; for the check of a job. Changes nothing anywhere. Absent:
   * it is known in a run only. Throws what planning would.
   */
  schemaOf?(config: ConnectorConfig, signal: AbortSignal): Promise<RowSchema>;
  /** The data topic this configuration writes to. */
  topicOf(config: ConnectorConfig): string;
  /** Called by the admin API, for the wizard. Absent: there is nothing to look into. Throws BAD_INPUT naming the key. */
  openLook?(config: ConnectorConfig, signal: AbortSignal): SourceLook;
  /** Called in a lane, once per task start. Throws SyncError. */
  openTask(opening: TaskOpening<ConnectorConfig>): Promise<SourceTask>;
}

export interface TaskOpening<C> {
  readonly config: C;
  /** Aborted when the task is to stop. */
  readonly signal: AbortSignal;
  /** What all tasks of the worker share of the source's servers. */
  readonly slots: SharedSlots;
  readonly clock: Clock;
}

export interface SinkPlugin extends Plugin {
  readonly type: 'sink';
  /** What the worker reads of its configuration for itself. */
  readonly every: Config<EverySink>;
  /** `rows`: what a run would write, to be compared with the target; absent: it is not known. Changes nothing anywhere. */
  testConnection(
    config: ConnectorConfig,
    signal: AbortSignal,
    rows?: RowSchema,
  ): Promise<readonly CheckStep[]>;
  /** Called by the executor and by the sink's own task. Throws TARGET_UNREACHABLE, TARGET_LOGIN, TARGET_DENIED (with the GRANT). */
  openLedger(config: ConnectorConfig): Promise<TargetLedger>;
  /** Why this configuration takes no increments, in words for the user; null: it does. Absent: it always does. */
  fullOnly?(config: ConnectorConfig): string | null;
  /** Why rows are not removed in that way; null: they are. Absent: they always are. */
  refuseDeletes?(config: ConnectorConfig, way: DeleteWay): DeleteRefusal | null;
  /** Does it want batches of one timestamp each? Absent: no. */
  readsTimestamps?(config: ConnectorConfig): boolean;
  /** Called in a lane, once per writer connection. */
  openStore(config: ConnectorConfig, signal: AbortSignal): Promise<SinkStore>;
}

export type ConnectorPlugin = SourcePlugin | SinkPlugin;

export interface PlanRequest {
  /** The job's watermark at begin; null: none yet. */
  readonly base: Position | null;
  readonly mode: 'full' | 'incremental';
  /** How far the window stays behind the source's clock. */
  readonly lagMs: number;
  /** Rows deleted since may still be in the target, whatever the base is; BEGINNING: since ever; absent: no row was ever written, or nobody knows. */
  readonly deletesFrom?: Position;
  /** The connector's last plan for an earlier run, if the worker still has it: names must not come to mean something else. */
  readonly previous?: SourcePlan;
}

/** Made once per task id, stored before the first record, never made again for the same task id. */
export interface SourcePlan {
  readonly window: Window;
  readonly schema: RowSchema;
  readonly predicted: Predicted;
  /** What all splits have in common, as the source's own text of one line; may be ''. */
  readonly shared: string;
  /** Each split as the source's own short text of one line, small enough that reading one again is cheap; at least one. */
  readonly splits: readonly string[];
  /** How far deletes are followed; absent: not at all. */
  readonly follows?: Followed;
  /** Tells what is read from another one put in its place under its name, and stays as long as it is the same; absent: it can't be told. */
  readonly sourceMark?: string;
  /** For the run report, e.g. which increments path was chosen, and what is done about deleted rows: nobody else knows it. */
  readonly notes: readonly Text[];
  /** What planning found that keeps the complete run from being proved: kept in the ledger with the plan. */
  readonly doubts: readonly Text[];
}

export interface SourceTask {
  /** How many splits may be read at a time. */
  readonly concurrency: number;
  plan(request: PlanRequest): Promise<SourcePlan>;
  /** Reads one split from its start and gives every row to `out`. Resolves only when the whole split was read without error. */
  readSplit(request: SplitRequest): Promise<void>;
  /** For the report, about the read as a whole; asked for only when this task read every split, `read` rows in all. */
  closingNotes?(read: number): readonly Text[];
  close(): Promise<void>;
}

export interface SplitRequest {
  readonly plan: SourcePlan;
  readonly split: string;
  readonly out: RowOutput;
  readonly signal: AbortSignal;
  /** Other splits of the plan were read by a task before this one, from the source as it was then. */
  readonly resumed?: boolean;
}

/** Where a source puts the rows of one split attempt. The sync methods copy what they need before they return. */
export interface RowOutput {
  /** One row: `bytes[0, keyEnd)` is the record key, `bytes[keyEnd, end)` the row in the row format (row-format.ts). */
  row(bytes: Uint8Array, keyEnd: number, end: number): void;
  /** A row that could not be converted: sent with a dirty marker, stored by the sink, counted. */
  dirty(key: Uint8Array, row: DirtyRow): void;
  /** A row that is gone in the source, where the plan's policy follows deletes: laid out like `row`, but only its key's fields are set, all others NULL. */
  deleted?(bytes: Uint8Array, keyEnd: number, end: number): void;
  /** What a comparison of keys needs; after the rows of the same range. */
  claimed?(claim: KeyClaim): void;
  /** A source row that is rightly not sent; the reason is counted and reported. */
  filtered(reason: Text): void;
  /** The row just given has cells that did not fit, sent as NULL by the policy of their field (its target name), which is counted. */
  nulled(field: string): void;
  /** A fact about the row just read that the report should count, e.g. that it holds none of the mapped columns. Changes no count. */
  remarked?(remark: Text): void;
  /** Something in this split keeps the complete run from being proved; it goes to the ledger with the split's end. */
  doubted?(doubt: Text): void;
  /** Await once per batch of rows: resolves when the log takes more; rejects when a send failed for good. */
  drained(): Promise<void>;
}
