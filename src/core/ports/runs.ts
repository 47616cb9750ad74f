// Port: where runs are kept, and the right to act for one (SQLite, MariaDB/MySQL, PostgreSQL).
import type { RunReport } from '../run-report.ts';
import type { Instants, Run, RunReason, RunState, TerminalState, Trigger } from '../run.ts';
import type { AuditOf } from './audit.ts';
import type { Interval } from '../planning/interval.ts';
import type { WaitsFor } from '../planning/waits-for.ts';
import type { Page } from './page.ts';

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
  /** Rows of a job that own an interval and were planned in [from, to], newest first, and the one before, which may reach in. */
  listPlanned(range: { jobId: string; from: number; to: number; limit: number }): Promise<readonly Run[]>;
  /**
   * Queued runs whose notBefore passed, of a higher priority first, then oldest first; without those whose job has a run starting or
   * running, and no more than the limits let start. `executor`: without those for which another one was chosen.
   */
  listQueued(now: number, limit: number, executor?: string): Promise<readonly Run[]>;
  /** Of `listQueued` what the end of `ended` lets start, one run of each job: of its own, and of those that wait for a place it took up. */
  listFreed(ended: Pick<Run, 'jobId' | 'jobVersion'>, now: number): Promise<readonly Run[]>;
  /** What each of the runs that are queued waits for, by its id. */
  readWaiting(runs: readonly Run[]): Promise<ReadonlyMap<string, WaitsFor>>;
  /**
   * Compare-and-set queued → starting with a lease; null: somebody else has it, it is not due, another run of the job is
   * starting or running, a limit is full, or another executor than the one of that name was chosen. What goes never exceeds a limit, however many claim at once.
   */
  claim(claim: { id: string; owner: string; executor?: string; leaseMs: number }): Promise<Run | null>;
  /** Extends the lease by database time; false: it is no longer the owner's. */
  renew(lease: {
    id: string;
    owner: string;
    leaseMs: number;
  }): Promise<{ readonly held: boolean; readonly leaseUntil: number }>;
  /** The owner's going runs that are asked to end; `replaced`: because a newer fire takes their place, as it says; null: a person asked. */
  listCancelRequested(
    owner: string,
  ): Promise<readonly { readonly id: string; readonly replaced: RunReason | null }[]>;
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

export interface NewRun {
  readonly plannedAt: number;
  readonly mode: 'full' | 'incremental';
  readonly trigger: Trigger;
  readonly attempt: number;
  readonly notBefore: number;
  /** Absent: none. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Absent: the job's. */
  readonly cluster?: string | null;
  /** Name of the only one that may claim it; absent: any may. */
  readonly executor?: string | null;
  /** Absent: 0. */
  readonly priority?: number;
  /** Throws CONFLICT naming `policy.retriesPerDay` when so many attempts followed by themselves today (UTC) already. */
  readonly maxRetriesToday?: number;
  /** `queued`, or `skipped` with its reason. */
  readonly skipped: RunReason | null;
  /** Of a skipped row that stands for several instants; `first` is `plannedAt`. */
  readonly instants?: Instants;
  /** Absent or null: it owns none. */
  readonly interval?: Interval | null;
  /** Absent: a retry runs the version of the run it repeats. */
  readonly version?: 'newest';
  /** Throws CONFLICT when so many runs of the job wait for their turn already. */
  readonly maxQueued?: number;
}
