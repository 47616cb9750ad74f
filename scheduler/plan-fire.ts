// A row for one planned instant of a due job.
import type { DueJob } from '../src/core/ports/jobs.ts';
import type { NewRun } from '../src/core/ports/runs.ts';
import type { RunReason } from '../src/core/run.ts';

/** A process may die and another take over in this time without an instant counting as missed. */
export const graceMs = 20_000;

export function plan({ job }: DueJob, at: number, skipped: RunReason | null): NewRun {
  const { mode } = job.spec;
  return { plannedAt: at, mode, trigger: { kind: 'schedule' }, attempt: 1, notBefore: at, skipped };
}

export function takenAt({ now }: DueJob): string {
  return `it was taken at ${iso(now)}`;
}

export function iso(at: number): string {
  return new Date(at).toISOString();
}
