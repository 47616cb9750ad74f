// A row for one planned instant of a due job, or for a stretch of instants that are skipped for one reason.
import type { DueJob, FireDecision } from '../src/core/ports/jobs.ts';
import type { NewRun } from '../src/core/ports/runs.ts';
import type { RunReason } from '../src/core/run.ts';
import { scatter } from '../src/core/scatter.ts';
import { countFires, type When } from './schedule-fires.ts';

/** Planned instants, ms; both are fires. */
export interface Span {
  readonly first: number;
  readonly last: number;
}

export const noFires: FireDecision = { runs: [], nextFireAt: null, supersede: null, replace: null };

export function plan({ job }: DueJob, at: number, skipped: RunReason | null): NewRun {
  const { mode, policy, schedule } = job.spec;
  const late = Math.floor(scatter(`${job.id}/${at}`) * (schedule?.jitterMs ?? 0));
  const { priority } = policy;
  return {
    plannedAt: at,
    mode,
    trigger: { kind: 'schedule' },
    attempt: 1,
    notBefore: at + late,
    priority,
    skipped,
  };
}

/** One row for all instants of the span. `reason` is told how many they are. */
export function planSkipped(
  due: DueJob,
  when: When,
  { first, last }: Span,
  reason: (count: number) => RunReason,
): NewRun {
  const count = countFires(when, { first, last });
  const row = plan(due, first, reason(count));
  return count === 1 ? row : { ...row, instants: { first, last, count } };
}

export const say = {
  iso: (at: number): string => new Date(at).toISOString(),
  takenAt: ({ now }: DueJob, count = 1): string =>
    `${count === 1 ? 'it was' : `these ${count} instants were`} taken at ${new Date(now).toISOString()}`,
};
