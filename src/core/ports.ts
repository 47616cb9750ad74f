// The seams: each has an embedded and a real adapter, and one conformance suite that runs over both.
import type { ConnectorConfig } from './connector/config-def.ts';
import type { ErrorShape } from './errors.ts';
import type { Job, JobHead, JobSpec } from './job.ts';
import type { EncodedBatch } from './record/record-batch.ts';
import type { RunReport } from './run-report.ts';
import type { Run, RunReason, RunState, TerminalState, Trigger } from './run.ts';
import type { StatusMessage } from './status.ts';

// ---------------------------------------------------------------- jobs and runs (SQLite, MariaDB/MySQL, PostgreSQL)

/** All methods may throw DATABASE_UNREACHABLE and DATABASE_FAILED. Secrets in specs are encrypted at rest by the store, clear in its answers. */
export interface JobStore {
  /** `firstFire` is asked with the database's time. Throws CONFLICT when the name is taken. */
  create(spec: JobSpec, firstFire: (now: number) => number | null, audit?: AuditOf<Job>): Promise<Job>;
  /** Throws JOB_UNREADABLE when what is stored can't be opened, as whatever else opens one job does. */
  read(id: string): Promise<Job | null>;
  readHead(id: string): Promise<JobHead | null>;
  readByName(name: string): Promise<Job | null>;
  /** The spec a run is frozen to. */
  readVersion(id: string, version: number): Promise<JobSpec | null>;
  /** `unreadable`: rows of the page that can't be opened; the others are not held up by them. */
  list(page: Page): Promise<{ readonly jobs: readonly Job[]; readonly unreadable: readonly JobHead[] }>;
  /** Jobs that were due and could not be opened. */
  listUnreadable(): Promise<readonly JobHead[]>;
  /** Throws CONFLICT when `version` is not the stored one or the name is taken, NOT_FOUND. */
  update(
    change: { id: string; version: number; spec: JobSpec; settle: SettleFires },
    audit?: AuditOf<Job>,
  ): Promise<Job>;
  /** Throws NOT_FOUND. */
  setPaused(change: { id: string; paused: boolean; settle: SettleFires }, audit?: AuditOf<Job>): Promise<Job>;
  /**
   * From here on the job neither fires nor changes nor gets a run, until `remove` or `keep`. Repeating it is harmless. Throws
   * CONFLICT when `version` is not the stored one or while a run is active, NOT_FOUND.
   */
  beginRemoval(job: { id: string; version: number }): Promise<void>;
  /** Takes `beginRemoval` back: the job is as it was, what fell due meanwhile included. */
  keep(id: string): Promise<void>;
  /**
   * Removes the job, its versions, runs and log lines in small transactions between which others get their turn; how many runs.
   * Cut off, it is gone on with by calling it again. Throws CONFLICT while a run is active, NOT_FOUND.
   */
  remove(id: string, audit?: () => AuditEntry): Promise<number>;
  /** Removals that were begun before `before` (the database's time) and not ended: `decided` is gone on with by `remove`. */
  listRemovals(before: number): Promise<readonly (JobHead & { readonly decided: boolean })[]>;
  /** Due jobs, oldest first, locked for the length of the transaction so that no other scheduler sees them. */
  claimDue(now: number, limit: number, decide: (due: DueJob) => FireDecision): Promise<DueClaimed>;
  /** Earliest nextFireAt of jobs that are not paused; null: none. */
  nextFireAt(): Promise<number | null>;
  /** Audited acts: who did what to which object. */
  addAudit(entry: AuditEntry): Promise<void>;
  listAudit(page: Page): Promise<readonly (AuditEntry & { readonly id: string; readonly at: number })[]>;
  /** Small settings of the installation, e.g. the hash of the admin token. */
  readSetting(key: string): Promise<string | null>;
  writeSetting(key: string, value: string): Promise<void>;
  /** The time by which due jobs and leases are decided, ms: the same for all processes on one database, whatever their clocks say. */
  databaseNow(): Promise<number>;
  ping(): Promise<void>;
}

/** A job as it stands under its lock, with what the rules of its fires ask for. */
export interface DueJob {
  readonly job: Job;
  readonly active: ActiveRuns;
  /** The database's time. */
  readonly now: number;
}

export interface DueClaimed {
  readonly runs: readonly Run[];
  /** Due jobs that can't be opened, told once: they are audited and no longer claimed. */
  readonly unreadable: readonly JobHead[];
}

/** The runs of a job that are not over, by what they wait for. */
export interface ActiveRuns {
  readonly going: { readonly id: string; readonly startedAt: number } | null;
  /** Waits its turn; the oldest. */
  readonly queued: { readonly id: string } | null;
  /** A retry whose time has not come; the first to come. */
  readonly waitingRetry: Pick<Run, 'id' | 'notBefore' | 'mode'> | null;
  /** When the last run ended, ms, if the schedule follows it (see followsRuns); null: none has, or nobody asks. */
  readonly lastEndedAt: number | null;
}

/** What becomes of one due job: the rows to insert and its next planned instant, all in one transaction. */
export interface FireDecision {
  readonly runs: readonly NewRun[];
  readonly nextFireAt: number | null;
  /** Why the retries that wait for their time end as superseded; null: they stay. */
  readonly supersede: RunReason | null;
}

/**
 * What a change does to the job's fires: `due.job` is the row before it, read under its lock in the same transaction, so that
 * two changes at once can't each decide from what the other is about to replace.
 */
export type SettleFires = (due: DueJob, after: Pick<Job, 'spec' | 'paused'>) => FireDecision;

export interface NewRun {
  readonly plannedAt: number;
  readonly mode: 'full' | 'incremental';
  readonly trigger: Trigger;
  readonly attempt: number;
  readonly notBefore: number;
  /** `queued`, or `skipped` with its reason. */
  readonly skipped: RunReason | null;
  /** Absent: a retry runs the version of the run it repeats. */
  readonly version?: 'newest';
  /** Throws CONFLICT when so many runs of the job wait for their turn already. */
  readonly maxQueued?: number;
}

/** What is written of an act in its own transaction: they stand or fall together. Not asked for when there was nothing to do. */
export type AuditOf<Done> = (done: Done) => AuditEntry;

export interface AuditEntry {
  readonly actor: string;
  readonly action: string;
  readonly object: string;
  readonly detail: string;
}

/** Keyset page, newest first: rows before the cursor, which is the `id` of the last row seen. */
export interface Page {
  readonly limit: number;
  readonly before: string | null;
}

export interface RunStore {
  /** One run by hand or as a retry. The same idempotency key (or job, planned instant, attempt) gives the run that exists. Throws NOT_FOUND. */
  create(
    jobId: string,
    run: NewRun,
    audit?: AuditOf<Run>,
  ): Promise<{ readonly run: Run; readonly created: boolean }>;
  /**
   * Another attempt at an instant, asked for by a person: a new run, or the run that is in its way (still going, waiting, or
   * the same instant's success). Throws NOT_FOUND.
   */
  retry(
    request: { id: string; version: 'newest' | 'same'; mode: 'full' | 'incremental' | null },
    audit?: AuditOf<Run>,
  ): Promise<{ readonly run: Run; readonly created: boolean }>;
  read(id: string): Promise<Run | null>;
  list(filter: { jobId: string | null; state: RunState | null } & Page): Promise<readonly Run[]>;
  /** Queued runs whose notBefore passed, oldest first; without those whose job has a run starting or running. */
  listQueued(now: number, limit: number): Promise<readonly Run[]>;
  /**
   * Compare-and-set queued → starting with a lease; null: somebody else has it, it is not due, or another run of the job is
   * starting or running.
   */
  claim(claim: { id: string; owner: string; leaseMs: number }): Promise<Run | null>;
  /** Extends the lease by database time; false: it is no longer the owner's. */
  renew(lease: {
    id: string;
    owner: string;
    leaseMs: number;
  }): Promise<{ readonly held: boolean; readonly leaseUntil: number }>;
  /** Ids of the owner's going runs whose cancelling was asked for. */
  listCancelRequested(owner: string): Promise<readonly string[]>;
  /** Ends the owner's lease at once: whoever comes first takes the run over. */
  release(lease: { id: string; owner: string }): Promise<void>;
  /** Compare-and-set on owner and state; false: not the owner's any more. */
  advance(step: {
    id: string;
    owner: string;
    from: RunState;
    to: RunState;
    epoch: number | null;
  }): Promise<boolean>;
  /** Stores live numbers while the run goes. */
  saveProgress(id: string, owner: string, report: RunReport): Promise<void>;
  /** Terminal states never change. `owner` null: for rows without a live lease only. */
  finish(end: {
    id: string;
    owner: string | null;
    state: TerminalState;
    reason: RunReason | null;
    report: RunReport | null;
  }): Promise<boolean>;
  /** Runs in starting/running whose lease ended by database time. */
  listExpired(limit: number): Promise<readonly Run[]>;
  /** Takes an expired lease over, to end the run in the target; null: somebody else did. */
  takeOver(claim: { id: string; owner: string; leaseMs: number }): Promise<Run | null>;
  /** A queued run is cancelled at once; a going one gets the request. */
  requestCancel(id: string, audit?: AuditOf<Run>): Promise<Run | null>;
  addLog(id: string, lines: readonly LogLine[]): Promise<void>;
  readLog(id: string, after: number, limit: number): Promise<readonly (LogLine & { readonly seq: number })[]>;
  /** The newest ended run of a job before the given one (recovery detection); skipped ones don't count. */
  readPrevious(jobId: string, before: Run): Promise<Run | null>;
  /** Deletes ended runs older than `before` in small batches; returns how many. */
  sweep(before: number, limit: number): Promise<number>;
}

export interface LogLine {
  readonly at: number;
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
}

// ---------------------------------------------------------------- queue (memory, BullMQ): a wake-up only

export interface RunQueue {
  /** Tells some executor that the run may be claimed. Losing it is harmless: rescue finds the row. May throw QUEUE_UNREACHABLE. */
  wake(runId: string): Promise<void>;
  /** Calls `onWake` for wake-ups, `concurrency` at a time, until stopped. */
  listen(listener: { concurrency: number; onWake: (runId: string) => Promise<void> }): Promise<void>;
  ping(): Promise<void>;
  close(): Promise<void>;
}

// ---------------------------------------------------------------- record log (memory, Kafka)

/** All methods may throw KAFKA_UNREACHABLE, KAFKA_FAILED, TOPIC_MISSING. */
export interface RecordLog {
  readonly kind: 'memory' | 'kafka';
  /** Creates the topic when missing; an existing one keeps its shape. */
  createTopic(topic: NewTopic): Promise<void>;
  readBatchLimit(topic: string): Promise<BatchLimit>;
  /** Start and end offset per partition, in partition order, and the log's incarnation (a deleted and recreated topic differs). */
  readOffsets(
    topic: string,
  ): Promise<{ readonly incarnation: string; readonly partitions: readonly PartitionRange[] }>;
  openProducer(): Promise<LogProducer>;
  openReader(request: {
    topic: string;
    from: readonly PartitionOffset[];
    signal: AbortSignal;
  }): Promise<LogReader>;
  ping(): Promise<void>;
  close(): Promise<void>;
}

export interface BatchLimit {
  /** The largest batch the topic takes. */
  readonly bytes: number;
  /** How a larger one is let in, as an order: `raise … of the topic, which is …`. */
  readonly wayOut: string;
}

export interface NewTopic {
  readonly name: string;
  readonly partitions: number;
  readonly retentionMs: number;
  /** The largest batch it takes; absent: the log's own default. */
  readonly maxBatchBytes?: number;
}

export interface PartitionRange {
  readonly partition: number;
  readonly start: number;
  readonly end: number;
}

export interface PartitionOffset {
  readonly partition: number;
  readonly offset: number;
}

/**
 * Idempotent, acks=all, order per partition kept; a batch is retried for 60 s, then append rejects. A partition whose append
 * rejected takes no further batch of this producer (it would stand behind a gap): open another.
 */
export interface LogProducer {
  /** Resolves when acknowledged. `batch.bytes` may be reused by the caller after that; the log writes into its header. */
  append(topic: string, partition: number, batch: EncodedBatch): Promise<void>;
  /** What is on the way rejects with CANCELLED, stored or not. */
  close(): Promise<void>;
}

export interface LogReader {
  /**
   * Next batches of any of its partitions, at most `maxWaitMs` later; [] when none came. Prefetches at most one answer.
   * Throws LOG_RETENTION when a position lies outside the log, TOPIC_MISSING when the topic went or was made anew, and the
   * reason of the signal once that is aborted. One poll at a time.
   */
  poll(maxWaitMs: number): Promise<readonly FetchedBatches[]>;
  /** Stops fetching these partitions (the writer is behind) until resumed; replaces the last list. */
  setPaused(partitions: readonly number[]): void;
  /** Must be called, also after an abort: what poll gave is no longer read. */
  close(): Promise<void>;
}

/** Whole record batches of one partition, back to back, CRC checked; valid until the reader's next-but-one poll. */
export interface FetchedBatches {
  readonly partition: number;
  readonly bytes: Buffer;
  /** First offset wanted: records before it in the first batch are to be skipped. */
  readonly from: number;
  /** Offset after the last record. */
  readonly next: number;
}

// ---------------------------------------------------------------- statuses (memory, Kafka topic pkuse_status)

export interface StatusChannel {
  publish(status: StatusMessage): Promise<void>;
  /**
   * Every message from the topic's end on, without a consumer group, until `signal`; resolves when it follows. Interruptions
   * are overcome from the last message seen. `onStatus` must not throw.
   */
  follow(onStatus: (status: StatusMessage) => void, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

// ---------------------------------------------------------------- Connect cluster (REST only)

export interface ConnectorStatus {
  readonly state: string;
  readonly trace: string | null;
  readonly tasks: readonly { readonly id: number; readonly state: string; readonly trace: string | null }[];
  /** Why it failed, in parts, as our own worker says it beside the trace; null: it did not, or the worker is not ours. */
  readonly error: ErrorShape | null;
}

/** One Connect cluster. Retriable answers (409, 503, 500 "rebalance is expected") are retried inside, within `deadlineMs`. */
export interface CheckedKey {
  readonly key: string;
  readonly errors: readonly string[];
  /** Of a key that nobody knows: the known one most like it; null: the key is known. */
  readonly nearest: string | null;
}

export interface ConnectCluster {
  readonly name: string;
  /** Id of the worker process when it is ours (its memory log dies with it); null for other Connect workers. */
  readIncarnation(): Promise<string | null>;
  /** Creates the connector stopped, or replaces its config; the connector's name is in the config. */
  putConfig(name: string, config: ConnectorConfig): Promise<void>;
  readConfig(name: string): Promise<ConnectorConfig | null>;
  readStatus(name: string): Promise<ConnectorStatus | null>;
  resume(name: string): Promise<void>;
  stop(name: string): Promise<void>;
  remove(name: string): Promise<void>;
  /** What a sink committed of a topic, by partition; null: there is no such connector. A partition it never committed is absent. */
  readOffsets(name: string, topic: string): Promise<ReadonlyMap<number, number> | null>;
  /** Where a stopped sink goes on in a topic, in partition order. */
  setOffsets(name: string, topic: string, offsets: readonly number[]): Promise<void>;
  /** The keys that are wrong, and those that nobody knows. */
  validate(connectorClass: string, config: ConnectorConfig): Promise<readonly CheckedKey[]>;
  ping(): Promise<void>;
}
