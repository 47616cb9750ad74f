// What becomes of a due job: which of its due instants run, which are skipped and why, and when it fires next. Pure.
//
//  due instants = first … newest ≤ now
//  missed  (≥ misfireGraceMs late): misfire = skip: none runs
//                                   misfire = once: the newest of them runs, if none is on time
//                                   misfire = all:  the newest misfireLimit of the last misfireWindowMs run
//  to run  (those, and the ones on time):
//    overlap = forbid:  the newest runs and stands for the others; none runs while a run is going or waits its turn
//    overlap = replace: the newest runs and stands for the others; what goes or waits ends as superseded
//    overlap = queue:   each runs, the oldest first, as long as fewer than queueLimit wait
//  Instants that are skipped for one reason make one row, which says how many and up to which.
//
// A retry that waits for its time blocks nothing: the new fire reads what the retry would have read, and the retry ends as
// superseded (overlap = queue: it stays, each instant runs). Only a full run that waits to be tried again is not replaced by an
// increment.
//
// A fixed delay counts from the end of the last run, whoever started it: see decide-delay.ts.
import { shapeOf, toShape } from '../src/core/errors.ts';
import type { DueJob, FireDecision } from '../src/core/ports/jobs.ts';
import type { NewRun } from '../src/core/ports/runs.ts';
import { defaultMisfireLimit, defaultMisfireWindowMs } from '../src/core/schedule.ts';
import { decideDelay } from './decide-delay.ts';
import { decideOverlap } from './decide-overlap.ts';
import { noFires, planSkipped, plan, say, type Failing, type Span } from './plan-fire.ts';
import {
  fireAfter,
  fireBefore,
  newestFires,
  timetableOf,
  timingOf,
  type Timetable,
} from './schedule-fires.ts';

/** A schedule that can't be read (written by another version) makes one skipped row that says so, and no further fire. */
export function decideFire(due: DueJob, failing: Failing | null = null): FireDecision {
  const { nextFireAt, spec } = due.job;
  if (nextFireAt === null || spec.schedule === null) return noFires;
  try {
    const timing = timingOf(spec.schedule.cron);
    const timetable = timetableOf(spec.schedule, due.calendars);
    return timing.kind === 'delay'
      ? decideDelay(due, timetable, { plannedAt: nextFireAt, delayMs: timing.seconds * 1000, failing })
      : decideSchedule(due, timetable, { first: nextFireAt, failing });
  } catch (error) {
    return { ...noFires, runs: [plan(due, nextFireAt, toShape(error))] };
  }
}

function decideSchedule(
  due: DueJob,
  schedule: Timetable,
  { first, failing }: { readonly first: number; readonly failing: Failing | null },
): FireDecision {
  const newest = newestFires(schedule, { first, last: due.now, limit: 1 })[0] ?? first;
  const start = firstToRun(due, schedule, { first, last: newest });
  const lastMissed = start === null ? newest : fireBefore(schedule, { first, last: start });
  const missed =
    lastMissed === null
      ? []
      : [planMissed(due, schedule, { first, last: lastMissed, start, newest, failing })];
  const decision = start === null ? noFires : decideOverlap(due, schedule, { first: start, last: newest });
  return {
    ...decision,
    runs: [...missed, ...decision.runs],
    nextFireAt: fireAfter(schedule, newest),
  };
}

/** The oldest due instant that is to run, if the overlap policy lets it; null: none. */
function firstToRun({ now }: DueJob, schedule: Timetable, { first, last }: Span): number | null {
  const boundary = now - schedule.misfireGraceMs;
  if (first > boundary) return first;
  const following = fireAfter(schedule, boundary);
  const onTime = following !== null && following <= last ? following : null;
  switch (schedule.misfire) {
    case 'skip':
      return onTime;
    case 'once':
      return onTime ?? last;
    case 'all': {
      const { misfireLimit = defaultMisfireLimit, misfireWindowMs = defaultMisfireWindowMs } = schedule;
      const oldest = fireAfter(schedule, Math.max(first, now - misfireWindowMs) - 1);
      if (oldest === null || oldest > boundary) return onTime;
      const made = newestFires(schedule, { first: oldest, last: boundary, limit: misfireLimit });
      return made.at(-1) ?? onTime;
    }
  }
}

interface Missed extends Span {
  /** From here on instants are to run; null: none does. */
  readonly start: number | null;
  readonly newest: number;
  readonly failing: Failing | null;
}

function planMissed(due: DueJob, schedule: Timetable, missed: Missed): NewRun {
  return planSkipped(due, schedule, missed, (count) => {
    const { first, failing } = missed;
    const late = say.late(due, { graceMs: schedule.misfireGraceMs, first, count }, failing);
    return shapeOf('MISFIRE', `${late}; ${whatRuns(schedule, missed)}`);
  });
}

function whatRuns(schedule: Timetable, { start, newest, first, last }: Missed): string {
  const { misfire, misfireLimit = defaultMisfireLimit, misfireWindowMs = defaultMisfireWindowMs } = schedule;
  const them = first === last ? 'it' : 'them';
  switch (misfire) {
    case 'skip':
      return `the misfire policy is skip: no run makes up for ${them}`;
    case 'once':
      return `the misfire policy is once: the newest instant that was due, ${say.iso(newest)}, stands for ${them}`;
    case 'all': {
      const from = start === null ? 'none was left' : `the oldest is ${say.iso(start)}`;
      return `the misfire policy is all: the newest ${misfireLimit} of the last ${misfireWindowMs / 1000} s are made up, ${from}`;
    }
  }
}
