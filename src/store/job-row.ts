// A row of control_job and the Job it holds. Numbers may come as text (BIGINT on PostgreSQL).
import type { Job } from '../core/job.ts';
import type { SpecSealer } from './seal-spec.ts';

export const jobTable = 'control_job';
export const jobVersionTable = 'control_job_version';

export interface JobRow {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly spec: string;
  readonly paused: number;
  readonly next_fire_at: number | string | null;
  readonly created_at: number | string;
  readonly updated_at: number | string;
}

export function toJob(row: JobRow, sealer: SpecSealer): Job {
  return {
    id: row.id,
    version: row.version,
    spec: sealer.open(row.id, row.spec),
    paused: row.paused === 1,
    nextFireAt: toNumber(row.next_fire_at),
    createdAt: Number(row.created_at),
    updatedAt: Number(row.updated_at),
  };
}

export function toNumber(value: number | string | null): number | null {
  return value === null ? null : Number(value);
}
