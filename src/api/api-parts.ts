// What the admin API is made of: everything it calls, given by the composition root.
import type { RefuseAddress } from '../core/network/address-guard.ts';
import type { HostGuard } from '../core/network/check-hosts.ts';
import type { CalendarSpec } from '../core/planning/calendar.ts';
import type { Interval } from '../core/planning/interval.ts';
import type { Clock } from '../core/clock.ts';
import type { ConnectorPlugin } from '../core/connector/contract.ts';
import type { SyncError } from '../core/errors.ts';
import type { Emit } from '../core/events.ts';
import type { Job, JobSpec } from '../core/job.ts';
import type { Schedule } from '../core/schedule.ts';
import type { Foreseen } from '../core/ledger/foresee.ts';
import type { WatermarkReset } from '../core/ledger/ledger.ts';
import type { AuditOf } from '../core/ports/audit.ts';
import type { CalendarStore } from '../core/ports/calendars.ts';
import type { ConnectCluster } from '../core/ports/connect-cluster.ts';
import type { ExecutorStore } from '../core/ports/executors.ts';
import type { JobStore, SettleFires } from '../core/ports/jobs.ts';
import type { LimitStore } from '../core/ports/limits.ts';
import type { RunStore } from '../core/ports/runs.ts';
import type { SqlConnections } from '../core/ports/sql-connections.ts';
import type { Position } from '../core/position.ts';
import type { Run } from '../core/run.ts';
import type { RunInputs } from '../core/template/run-inputs.ts';
import type { Text } from '../core/text.ts';

export interface ApiParts {
  readonly jobs: JobStore;
  readonly runs: RunStore;
  readonly limits: LimitStore;
  readonly calendars: CalendarStore;
  readonly executors: ExecutorStore;
  readonly plugins: readonly ConnectorPlugin[];
  /** Where the SQL of steps runs. */
  readonly sqlConnections: SqlConnections;
  readonly clusters: ReadonlyMap<string, ConnectCluster>;
  /** Where records lie between source and sink. */
  readonly logKind: 'memory' | 'kafka';
  readonly schedules: Schedules;
  readonly jobActs: JobActs;
  /** What may not be reached, by what would reach it. */
  readonly refuseAddress: { readonly webhook: RefuseAddress; readonly connector: RefuseAddress };
  /** What /readyz asks, by name. */
  readonly readiness: ReadonlyMap<string, ReadinessCheck>;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly host: string;
  readonly port: number;
  readonly version: string;
  /** Given by the configuration; null: generated at first start. */
  readonly adminToken: string | null;
  /** Called once with a token that was just generated: the only time it is shown. */
  readonly showToken: (token: string) => void;
}

export interface ReadinessCheck {
  /** Without it this process is of no use; anything else that is away is said and no more. */
  readonly required: boolean;
  /** Throws what is wrong. */
  readonly ask: () => Promise<void>;
}

/** What could not be removed, and why. */
export interface Leftover {
  readonly what: 'connectors' | 'ledger';
  readonly error: SyncError;
}

/** What says when a schedule fires. */
export type When = Pick<Schedule, 'cron' | 'timeZone' | 'gap' | 'from' | 'until'> & {
  readonly calendars?: readonly CalendarSpec[];
};

export interface ShownFire {
  readonly at: number;
  readonly utc: string;
  readonly local: string;
  readonly note: Text | null;
}

/** Each may throw BAD_INPUT naming `schedule.cron` or `schedule.timeZone`. */
export interface Schedules {
  /** Throws where it never fires after `now`, too, with the reason. */
  requireFires(when: When, now: number): void;
  preview(
    when: When,
    options: { now: number; count: number; previous: number },
  ): Promise<{
    readonly words: Text;
    readonly fires: readonly ShownFire[];
    /** Days on which it would fire, and does not. */
    readonly closed: readonly {
      readonly date: string;
      readonly calendar: string;
      readonly name: string | null;
    }[];
    /** Newest first. */
    readonly previous: readonly ShownFire[];
    readonly notes: readonly Text[];
  }>;
  /** The newest `limit` that fires in (from, to] own, newest first. */
  intervals(when: When, range: { from: number; to: number; limit: number }): readonly Interval[];
  /** What in a schedule means less than it seems to. */
  notesOn(when: Pick<When, 'cron'>): readonly Text[];
  /** Of a job that is made now; null: none. */
  firstFire(schedule: Schedule | null, now: number, calendars: readonly CalendarSpec[]): number | null;
  settle: SettleFires;
}

export interface JobActs {
  trigger(
    job: Job,
    options: {
      mode: 'full' | 'incremental' | null;
      parameters: Run['parameters'];
      cluster: string | null;
      executor: string | null;
      idempotencyKey: string | null;
      audit: AuditOf<Run>;
    },
  ): Promise<{ readonly run: Run; readonly created: boolean }>;
  /** What the templates of a run get their values from. */
  inputsOf(spec: JobSpec, run: Pick<Run, 'plannedAt' | 'parameters'>): Promise<RunInputs>;
  /** `created: false`: the run is in the way of another attempt. */
  retry(...request: Parameters<RunStore['retry']>): ReturnType<RunStore['retry']>;
  /** Asks the run's executor to end it; a queued run ends at once. */
  cancel(runId: string, audit: AuditOf<Run>): Promise<Run | null>;
  /** Removes the job's connectors and its rows in the target's ledger, as far as they can be reached. */
  removeResources(job: Job): Promise<readonly Leftover[]>;
  /**
   * What the next run of a job would meet in its target's ledger; changes nothing. null: its sink keeps none. Throws what begin would
   * refuse: DIGEST_CHANGED, TABLE_TAKEN.
   */
  foresee(job: { id: string | null; spec: JobSpec; version: number }): Promise<Foreseen | null>;
  readWatermark(spec: JobSpec, jobId: string): Promise<{ watermark: Position | null; epoch: number } | null>;
  /** Throws NOT_FOUND, CONFLICT. */
  resetWatermark(spec: JobSpec, jobId: string, reset: Omit<WatermarkReset, 'isBefore'>): Promise<void>;
}

/** For what connectors dial. */
export function hostGuard({ plugins, refuseAddress }: ApiParts): HostGuard {
  return { plugins, refuse: refuseAddress.connector };
}
