// Port: where jobs, their schedules, settings and audited acts are kept (SQLite, MariaDB/MySQL, PostgreSQL).
import type { CalendarSpec } from '../planning/calendar.ts';
import type { Job, JobFilter, JobHead, JobSpec } from '../job.ts';
import type { Run, RunReason } from '../run.ts';
import type { AuditEntry, AuditOf } from './audit.ts';
import type { Page } from './page.ts';
import type { NewRun } from './runs.ts';

/** All methods may throw DATABASE_UNREACHABLE and DATABASE_FAILED. Secrets in specs are encrypted at rest by the store, clear in its answers. */
export interface JobStore {
  /** Throws CONFLICT when the name is taken, BAD_INPUT naming a calendar that there is not. */
  create(spec: JobSpec, firstFire: FirstFire, audit?: AuditOf<Job>): Promise<Job>;
  /** Throws JOB_UNREADABLE when what is stored can't be opened, as whatever else opens one job does. */
  read(id: string): Promise<Job | null>;
  readHead(id: string): Promise<JobHead | null>;
  readByName(name: string): Promise<Job | null>;
  /** The spec a run is frozen to. */
  readVersion(id: string, version: number): Promise<JobSpec | null>;
  /** `unreadable`: rows of the page that can't be opened; the others are not held up by them. */
  list(
    page: Page & JobFilter,
  ): Promise<{ readonly jobs: readonly Job[]; readonly unreadable: readonly JobHead[] }>;
  /** By name, without opening them; all that is given must hold. */
  listHeads(filter: JobFilter & { ids?: readonly string[]; limit: number }): Promise<readonly JobHead[]>;
  /** Jobs that were due and could not be opened. */
  listUnreadable(): Promise<readonly JobHead[]>;
  /** Throws CONFLICT when `version` is not the stored one or the name is taken, NOT_FOUND. */
  update(
    change: { id: string; version: number; spec: JobSpec; settle: SettleFires },
    audit?: AuditOf<Job>,
  ): Promise<Job>;
  /** `until`: it fires again from then on by itself. Throws NOT_FOUND, and BAD_INPUT naming `until` when that has passed. */
  setPaused(
    change: { id: string; paused: boolean; until?: number; reason?: string; settle: SettleFires },
    audit?: AuditOf<Job>,
  ): Promise<Job>;
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
  /** The value that stands after this: the first writer's. */
  settleSetting(key: string, value: string): Promise<string>;
  /** The time by which due jobs and leases are decided, ms: the same for all processes on one database, whatever their clocks say. */
  databaseNow(): Promise<number>;
  /** Writes, too: a database on a full disk reads on, and takes no run. */
  ping(): Promise<void>;
}

/** The first fire of a new job, asked for with the database's time and the calendars that its schedule names; null: none. */
export type FirstFire = (now: number, calendars: readonly CalendarSpec[]) => number | null;

/** A job as it stands under its lock, with what the rules of its fires ask for. */
export interface DueJob {
  readonly job: Job;
  /** Those that its schedule names. */
  readonly calendars: readonly CalendarSpec[];
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
  /** Wait for their turn: the oldest, and how many. */
  readonly queued: { readonly id: string; readonly count: number } | null;
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
  /** Why the runs that go or wait for their turn end as superseded; null: they go on. */
  readonly replace: RunReason | null;
}

/**
 * What a change does to the job's fires: `due.job` is the row before it, read under its lock in the same transaction, so that
 * two changes at once can't each decide from what the other is about to replace.
 */
export type SettleFires = (
  due: DueJob,
  after: Pick<Job, 'spec' | 'paused' | 'pausedUntil'> & Pick<DueJob, 'calendars'>,
) => FireDecision;
