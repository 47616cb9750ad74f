// A job: what to sync, when, and by which rules. `JobSpec` is what a user writes; `Job` is what is stored.
import type { ConnectorConfig } from './connector/config-def.ts';
import type { ErrorCode } from './errors.ts';
import type { JobSteps } from './steps/job-steps.ts';
import type { Schedule } from './schedule.ts';
import type { Parameter } from './template/parameter.ts';

export interface JobSpec {
  /** Unique among jobs; 1–128 characters. */
  readonly name: string;
  readonly description: string;
  /** Under which it is shown and chosen; null: none. */
  readonly group: string | null;
  /** By which it is chosen, too; each once. */
  readonly labels: readonly string[];
  /** What templates in the configurations may name, beside what every run has (see template/). */
  readonly parameters: readonly Parameter[];
  readonly source: ConnectorSpec;
  readonly sink: SinkSpec;
  /** null: only by trigger. */
  readonly schedule: Schedule | null;
  readonly mode: 'full' | 'incremental';
  /** Name of the configured Connect cluster that has the job's connectors. */
  readonly cluster: string;
  readonly policy: RunPolicy;
  /** Before and after the sync; absent: none. */
  readonly steps?: JobSteps;
  /** Where failures and recoveries are posted; null: nowhere. A secret (masked like one). */
  readonly webhook: string | null;
}

export interface ConnectorSpec {
  /** Class name or alias. */
  readonly connector: string;
  readonly config: ConnectorConfig;
}

export interface SinkSpec extends ConnectorSpec {
  /** Name of the Connect cluster that has the sink; absent: the job's. */
  readonly cluster?: string;
}

export interface RunPolicy {
  readonly timeoutMs: number;
  /** Attempts in all, the first included. */
  readonly maxAttempts: number;
  readonly retryDelayMs: number;
  /** The pause before each attempt: always the same, or doubled with each. */
  readonly retryBackoff: 'constant' | 'exponential';
  /** The longest pause; only of `exponential`. Absent: `defaultRetryMaxDelayMs`. */
  readonly retryMaxDelayMs?: number;
  /** By what share of itself a pause may be longer, 0 to 1. */
  readonly retryJitter: number;
  /** The causes that are tried again; absent: those that may pass. */
  readonly retryOn?: readonly ErrorCode[];
  /** How many attempts a day (UTC) may follow by themselves; absent: no bound. */
  readonly retriesPerDay?: number;
  /** Runs of a higher one start first where not all can, -100 to 100. */
  readonly priority: number;
  /** How far an incremental window stays behind the source's clock. */
  readonly lagMs: number;
  /** A source or sink that says nothing for so long fails the run. */
  readonly stallMs: number;
  /** No `start` for so long fails the run. */
  readonly startMs: number;
  /** Dirty rows a run may have and still succeed. */
  readonly dirtyLimit: number;
}

export const defaultRetryMaxDelayMs = 600_000;

export const defaultPolicy: RunPolicy = {
  timeoutMs: 24 * 3_600_000,
  maxAttempts: 1,
  retryDelayMs: 10_000,
  retryBackoff: 'constant',
  retryJitter: 0,
  priority: 0,
  lagMs: 60_000,
  stallMs: 300_000,
  startMs: 60_000,
  dirtyLimit: 0,
};

export interface Job {
  /** UUID made with the job: its identity in the target and the names of its connectors. */
  readonly id: string;
  /** Raised by one with each change; runs keep the version they started with. */
  readonly version: number;
  readonly spec: JobSpec;
  readonly paused: boolean;
  /** Does not fire before, ms; over once that has passed. null: nobody said so. */
  readonly pausedUntil: number | null;
  /** Why it is, or was, paused; null: nobody said. */
  readonly pauseReason: string | null;
  /** Its removal was begun: it neither fires nor changes any more. */
  readonly deleting: boolean;
  /** Planned instant of the next fire, ms; null: none. */
  readonly nextFireAt: number | null;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** By what jobs are chosen; all that is given must hold. */
export interface JobFilter {
  readonly group?: string;
  readonly label?: string;
}

/** What is known of a job without opening its specification. */
export interface JobHead extends Pick<Job, 'id' | 'version' | 'paused' | 'pausedUntil' | 'deleting'> {
  readonly name: string;
  /** Why the specification could not be opened; null: it could, or nobody tried. */
  readonly unreadable: string | null;
}

/** Name of the Connect cluster that has one of the job's connectors. */
export function clusterOf({ cluster, sink }: JobSpec, side: 'source' | 'sink'): string {
  return side === 'sink' ? (sink.cluster ?? cluster) : cluster;
}

/** Names of the job's two connectors on their Connect clusters. */
export function connectorNames(jobId: string): { readonly source: string; readonly sink: string } {
  return { source: `syncline-${jobId}-source`, sink: `syncline-${jobId}-sink` };
}
