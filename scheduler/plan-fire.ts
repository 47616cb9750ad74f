// A row for one planned instant of a due job, or for a stretch of instants that are skipped for one reason.
import type { DueJob, FireDecision } from '../src/core/ports/jobs.ts';
import type { NewRun } from '../src/core/ports/runs.ts';
import type { RunReason } from '../src/core/run.ts';
import { scatter } from '../src/core/scatter.ts';
import type { Interval } from '../src/core/planning/interval.ts';
import { intervalOf } from './fire-interval.ts';
import { countFires, timetableOf, type When } from './schedule-fires.ts';

/** Planned instants, ms; both are fires. */
export interface Span {
  readonly first: number;
  readonly last: number;
}

export const noFires: FireDecision = { runs: [], nextFireAt: null, supersede: null, replace: null };

export function plan(due: DueJob, at: number, skipped: RunReason | null): NewRun {
  return planSpan(due, { first: at, last: at }, skipped);
}

function planSpan({ job, calendars }: DueJob, span: Span, skipped: RunReason | null): NewRun {
  const { mode, policy, schedule } = job.spec;
  const at = span.first;
  const late = Math.floor(scatter(`${job.id}/${at}`) * (schedule?.jitterMs ?? 0));
  const { priority } = policy;
  return {
    plannedAt: at,
    interval: schedule === null ? null : ownedBy(timetableOf(schedule, calendars), span),
    mode,
    trigger: { kind: 'schedule' },
    attempt: 1,
    notBefore: at + late,
    priority,
    skipped,
  };
}

/** A schedule that can't be read owns none: its row says why it can't. */
function ownedBy(when: When, span: Span): Interval | null {
  try {
    return intervalOf(when, span);
  } catch {
    return null;
  }
}

/** One row for all instants of the span. `reason` is told how many they are. */
export function planSkipped(
  due: DueJob,
  when: When,
  { first, last }: Span,
  reason: (count: number) => RunReason,
): NewRun {
  const count = countFires(when, { first, last });
  const row = planSpan(due, { first, last }, reason(count));
  return count === 1 ? row : { ...row, instants: { first, last, count } };
}

/** Since when rounds of this scheduler failed until the one that now came through, by the database's time, and why. */
export interface Failing {
  readonly since: number;
  readonly why: string;
}

export const say = {
  iso: (at: number): string => new Date(at).toISOString(),
  takenAt: ({ now }: DueJob, count = 1): string =>
    `${count === 1 ? 'it was' : `these ${count} instants were`} taken at ${say.iso(now)}`,
  /** Why instants from `first` on were missed: nobody was there, or who was there could not claim them. */
  late: (
    due: DueJob,
    {
      graceMs,
      first,
      count = 1,
    }: { readonly graceMs: number; readonly first: number; readonly count?: number },
    failing: Failing | null,
  ): string => {
    const one = count === 1;
    const tried = failing !== null && failing.since < first + graceMs;
    const them = `${one ? 'it' : 'them'} within ${graceMs / 1000} s of ${one ? 'its' : 'their'} time`;
    const taken = say.takenAt(due, count);
    if (!tried) return `no scheduler took ${them}: ${taken}`;
    return `the scheduler could not take ${them}: its database refused it from ${say.iso(failing.since)} on (${failing.why}); ${taken}`;
  },
};
