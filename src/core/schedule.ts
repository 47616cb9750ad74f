// When a job fires, and what becomes of a fire that meets a run that still goes, or that nobody took in time.

export interface Schedule {
  /** Cron of Quartz (6 or 7 fields) or Unix (5), `@daily` and its like, `@every 90s`, `@delay 90s`, `@at 2027-01-31T02:00`. */
  readonly cron: string;
  /** IANA zone. */
  readonly timeZone: string;
  /** What becomes of a fixed time that a clock put forward leaves out: `run` at the first instant after, or `skip`. */
  readonly gap: 'run' | 'skip';
  /** No fire before and after: a day or a local time of the zone, `2027-01-31` or `2027-01-31T02:00`. Absent: no bound. */
  readonly from?: string;
  readonly until?: string;
  /** Names of calendars: no fire on a day that one of them has closed. Absent: every day. */
  readonly calendars?: readonly string[];
  /** A fire may start so much later, each by another share of it: so that many jobs don't start at one instant. */
  readonly jitterMs: number;
  /**
   * A fire that is due while the last run of the job is still going, on whatever machine: it is not made (`forbid`), waits for its
   * turn (`queue`), or ends that run and takes its place (`replace`).
   */
  readonly overlap: 'forbid' | 'queue' | 'replace';
  /** How many fires may wait for their turn; only of `queue`. Absent: `defaultQueueLimit`. */
  readonly queueLimit?: number;
  /**
   * Of the instants that nobody took in time: none runs (`skip`), the newest runs unless one is on time (`once`), or all of them,
   * up to `misfireLimit` and no older than `misfireWindowMs` (`all`).
   */
  readonly misfire: 'skip' | 'once' | 'all';
  /** Only of `all`. Absent: `defaultMisfireLimit`. */
  readonly misfireLimit?: number;
  /** Only of `all`. Absent: `defaultMisfireWindowMs`. */
  readonly misfireWindowMs?: number;
  /** An instant that is taken later than this counts as missed. */
  readonly misfireGraceMs: number;
}

export const defaultQueueLimit = 20;
export const defaultMisfireLimit = 10;
export const defaultMisfireWindowMs = 24 * 3_600_000;
/** A process may die and another take over in this time. */
export const defaultMisfireGraceMs = 20_000;

/** Does the schedule count from the end of the job's last run? */
export function followsRuns(schedule: Schedule | null): boolean {
  return schedule !== null && /^\s*@delay\b/i.test(schedule.cron);
}
