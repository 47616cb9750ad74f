// A row of control_job and the Job it holds. Numbers may come as text (BIGINT on PostgreSQL).
import { SyncError } from '../../core/errors.ts';
import type { Job, JobHead, JobSpec } from '../../core/job.ts';
import type { SpecSealer } from './seal-spec.ts';

export const jobTable = 'control_job';
export const jobLabelTable = 'control_job_label';
export const jobPlaceTable = 'control_job_place';
export const jobVersionTable = 'control_job_version';

export interface JobRow {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly spec: string;
  readonly paused: number;
  readonly paused_until: number | string | null;
  readonly pause_reason: string | null;
  readonly next_fire_at: number | string | null;
  readonly group_name: string | null;
  /** Days since 1970, UTC, of the last attempt that followed by itself, and how many did on that day. */
  readonly retry_day: number | null;
  readonly retry_count: number;
  /** Why the spec can't be opened; such a job fires no more until it is changed or the process starts anew. */
  readonly unreadable: string | null;
  /** `asked`: nothing of it is gone yet, `decided`: its rows are going. */
  readonly removing: 'asked' | 'decided' | null;
  readonly created_at: number | string;
  readonly updated_at: number | string;
}

/** Throws JOB_UNREADABLE: what stands in the row can't be opened. */
export function toJob(row: JobRow, sealer: SpecSealer): Job {
  return {
    id: row.id,
    version: row.version,
    spec: openSpec(row, sealer),
    paused: row.paused === 1,
    pausedUntil: toNumber(row.paused_until),
    pauseReason: row.pause_reason,
    deleting: row.removing !== null,
    nextFireAt: toNumber(row.next_fire_at),
    createdAt: Number(row.created_at),
    updatedAt: Number(row.updated_at),
  };
}

export function toJobHead(row: JobRow): JobHead {
  const { id, name, version, unreadable } = row;
  return {
    id,
    name,
    version,
    unreadable,
    paused: row.paused === 1,
    pausedUntil: toNumber(row.paused_until),
    deleting: row.removing !== null,
  };
}

/** `name`: absent of an old version, which has none of its own. Throws JOB_UNREADABLE. */
export function openSpec(
  { id, name, spec }: { readonly id: string; readonly name?: string; readonly spec: string },
  sealer: SpecSealer,
): JobSpec {
  try {
    return sealer.open(id, spec);
  } catch (cause) {
    const why = cause instanceof SyncError ? cause.message : 'what is stored is damaged';
    const job = name === undefined ? id : `${name} (${id})`;
    throw new SyncError('JOB_UNREADABLE', {
      message: `opening the specification of job ${job}: ${why}`,
      cause,
    });
  }
}

export function toNumber(value: number | string | null): number | null {
  return value === null ? null : Number(value);
}
