// A row of control_run and the Run it holds. Numbers may come as text (BIGINT on PostgreSQL).
import { shapeOf } from '../../core/errors.ts';
import type { Interval } from '../../core/planning/interval.ts';
import type { NewRun } from '../../core/ports/runs.ts';
import type { RunReport } from '../../core/run-report.ts';
import type { Instants, Run, RunReason, RunState, Trigger } from '../../core/run.ts';
import { toNumber } from '../jobs/job-row.ts';

export const runTable = 'control_run';
export const runLogTable = 'control_run_log';

export interface RunRow {
  readonly id: string;
  readonly job_id: string;
  readonly job_version: number;
  readonly planned_at: number | string;
  /** Of a skipped row that stands for several instants. */
  readonly last_planned_at: number | string | null;
  readonly planned_count: number | string | null;
  /** NULL: it owns no interval. */
  readonly interval_to: number | string | null;
  readonly interval_from: number | string | null;
  readonly attempt: number;
  readonly trigger_kind: Trigger['kind'];
  readonly idempotency_key: string | null;
  readonly retry_of: string | null;
  readonly mode: Run['mode'];
  /** JSON; null: nothing was given. */
  readonly parameters: string | null;
  readonly cluster: string | null;
  readonly executor: string | null;
  readonly state: RunState;
  /** Minus its priority. */
  readonly queue_rank: number;
  readonly not_before: number | string;
  readonly created_at: number | string;
  readonly started_at: number | string | null;
  readonly ended_at: number | string | null;
  readonly owner: string | null;
  readonly lease_until: number | string | null;
  readonly cancel_requested: number;
  /** JSON of the RunReason: a newer fire takes its place. */
  readonly replaced_by: string | null;
  readonly epoch: number | string | null;
  /** JSON of the RunReason. */
  readonly reason: string | null;
  readonly report: string | null;
  /** job_id while starting or running, else NULL; unique. */
  readonly busy_job_id: string | null;
}

interface NewRow {
  readonly id: string;
  readonly jobId: string;
  readonly jobVersion: number;
  readonly now: number;
}

/** A run as it is inserted: queued, or ended at once when skipped. */
export function newRunRow(run: NewRun, { id, jobId, jobVersion, now }: NewRow): RunRow {
  const { trigger, skipped } = run;
  return {
    id,
    job_id: jobId,
    job_version: jobVersion,
    planned_at: run.plannedAt,
    last_planned_at: run.instants?.last ?? null,
    planned_count: run.instants?.count ?? null,
    interval_from: run.interval?.from ?? null,
    interval_to: run.interval?.to ?? null,
    attempt: run.attempt,
    trigger_kind: trigger.kind,
    idempotency_key: trigger.kind === 'manual' ? trigger.idempotencyKey : null,
    retry_of: trigger.kind === 'retry' ? trigger.of : null,
    mode: run.mode,
    ...parametersColumn(run.parameters),
    cluster: run.cluster ?? null,
    executor: run.executor ?? null,
    state: skipped === null ? 'queued' : 'skipped',
    queue_rank: -(run.priority ?? 0),
    not_before: run.notBefore,
    created_at: now,
    started_at: null,
    ended_at: skipped === null ? null : now,
    owner: null,
    lease_until: null,
    cancel_requested: 0,
    replaced_by: null,
    epoch: null,
    ...reasonColumn(skipped),
    report: null,
    busy_job_id: null,
  };
}

export function reasonColumn(reason: RunReason | null): Pick<RunRow, 'reason'> {
  return { reason: reason === null ? null : JSON.stringify(reason) };
}

export function toRun(row: RunRow): Run {
  return {
    id: row.id,
    jobId: row.job_id,
    jobVersion: row.job_version,
    plannedAt: Number(row.planned_at),
    instants: toInstants(row),
    interval: toInterval(row),
    attempt: row.attempt,
    trigger: toTrigger(row),
    mode: row.mode,
    parameters: row.parameters === null ? {} : readParameters(row.parameters),
    cluster: row.cluster,
    executor: row.executor,
    state: row.state,
    notBefore: Number(row.not_before),
    // Not minus zero.
    priority: 0 - row.queue_rank,
    createdAt: Number(row.created_at),
    startedAt: toNumber(row.started_at),
    endedAt: toNumber(row.ended_at),
    owner: row.owner,
    leaseUntil: toNumber(row.lease_until),
    cancelRequested: row.cancel_requested === 1,
    epoch: toNumber(row.epoch),
    reason: row.reason === null ? null : readReason(row.reason),
    report: row.report === null ? null : readReport(row.report),
  };
}

function parametersColumn(parameters: NewRun['parameters'] = {}): Pick<RunRow, 'parameters'> {
  return { parameters: Object.keys(parameters).length === 0 ? null : JSON.stringify(parameters) };
}

function readParameters(text: string): Run['parameters'] {
  try {
    return JSON.parse(text) as Run['parameters'];
  } catch {
    return {};
  }
}

function toInstants({ planned_at, last_planned_at, planned_count }: RunRow): Instants | null {
  if (last_planned_at === null) return null;
  return { first: Number(planned_at), last: Number(last_planned_at), count: Number(planned_count) };
}

function toInterval({ interval_from, interval_to }: RunRow): Interval | null {
  return interval_to === null ? null : { from: toNumber(interval_from), to: Number(interval_to) };
}

/** Text that is damaged must not keep the run, or a list that it stands in, from being read. */
export function readReason(text: string): RunReason {
  try {
    return JSON.parse(text) as RunReason;
  } catch {
    return shapeOf('DATABASE_FAILED', 'the reason of this run can not be read: what is stored is damaged');
  }
}

function readReport(text: string): RunReport | null {
  try {
    return JSON.parse(text) as RunReport;
  } catch {
    return null;
  }
}

function toTrigger(row: RunRow): Trigger {
  switch (row.trigger_kind) {
    case 'schedule':
      return { kind: 'schedule' };
    case 'manual':
      return { kind: 'manual', idempotencyKey: row.idempotency_key };
    case 'retry':
      return { kind: 'retry', of: row.retry_of ?? '' };
  }
}
