// A job spec to store; what a test is about, it changes.
import { defaultPolicy, type Job, type JobSpec } from '../../src/core/job.ts';
import { defaultMisfireGraceMs, type Schedule } from '../../src/core/schedule.ts';
import type { ActiveRuns, SettleFires } from '../../src/core/ports/jobs.ts';
import type { NewRun } from '../../src/core/ports/runs.ts';

export const everySecond: Schedule = {
  cron: '* * * * * ?',
  timeZone: 'UTC',
  gap: 'run',
  jitterMs: 0,
  overlap: 'forbid',
  misfire: 'once',
  misfireGraceMs: defaultMisfireGraceMs,
};

export function sampleJob(name: string, change: Partial<JobSpec> = {}): JobSpec {
  return {
    name,
    group: null,
    labels: [],
    parameters: [],
    description: 'orders to the warehouse, 每天',
    source: { connector: 'HBaseSource', config: { 'hbase.table': 'orders' } },
    sink: { connector: 'MySqlSink', config: { 'connection.url': 'jdbc:mysql://db:3306/shop' } },
    schedule: everySecond,
    mode: 'incremental',
    cluster: 'default',
    policy: defaultPolicy,
    webhook: null,
    ...change,
  };
}

/** As the store gives it, where nobody has paused it. */
export function storedJob(spec: JobSpec, nextFireAt: number | null): Job {
  return {
    id: 'id',
    version: 1,
    spec,
    paused: false,
    pausedUntil: null,
    pauseReason: null,
    deleting: false,
    nextFireAt,
    createdAt: 0,
    updatedAt: 0,
  };
}

export function sampleRun(plannedAt: number, change: Partial<NewRun> = {}): NewRun {
  return {
    plannedAt,
    mode: 'incremental',
    trigger: { kind: 'schedule' },
    attempt: 1,
    notBefore: 0,
    skipped: null,
    ...change,
  };
}

/** For a new job. */
export function firesAt(at: number | null): () => number | null {
  return () => at;
}

/** For a change: whatever was due is left without a row. */
export function nextFire(at: number | null): SettleFires {
  return () => ({ runs: [], nextFireAt: at, supersede: null, replace: null });
}

export const noneActive: ActiveRuns = {
  going: null,
  queued: null,
  waitingRetry: null,
  lastEndedAt: null,
};
