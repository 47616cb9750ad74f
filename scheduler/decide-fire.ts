// What becomes of a due job: which of its due instants run, which are skipped and why, and when it fires next. Pure.
//
//  due instants = first … newest ≤ now
//  missed  (> graceMs late): skipped MISFIRE; misfire = run-newest: the newest of them runs if none is on time
//  on time (≤ graceMs late): overlap = queue: each runs
//                            overlap = skip: the newest runs and stands for the others, which are skipped MISFIRE;
//                            none runs (OVERLAP) while a run is going or waits its turn
//
// A retry that waits for its time blocks nothing: the new fire reads what the retry would have read, and the retry ends as
// superseded (overlap = queue: it stays, each instant runs). Only a full run that waits to be tried again is not replaced by an
// increment.
//
// A fixed delay counts from the end of the last run, whoever started it: see decide-delay.ts.
import { shapeOf, toShape } from '../src/core/errors.ts';
import type { Schedule } from '../src/core/job.ts';
import type { ActiveRuns, DueJob, FireDecision } from '../src/core/ports/jobs.ts';
import type { NewRun } from '../src/core/ports/runs.ts';
import type { RunReason } from '../src/core/run.ts';
import { decideDelay } from './decide-delay.ts';
import { graceMs, iso, plan, takenAt } from './plan-fire.ts';
import { countFires, fireAfter, newestFires, timingOf } from './schedule-fires.ts';

/** Rows for missed instants; the oldest row says how many more there were. */
const maxMissedRows = 100;
const maxCounted = 1_000;

/** A schedule that can't be read (written by another version) makes one skipped row that says so, and no further fire. */
export function decideFire(due: DueJob): FireDecision {
  const { nextFireAt, spec } = due.job;
  if (nextFireAt === null || spec.schedule === null) return { runs: [], nextFireAt: null, supersede: null };
  try {
    const timing = timingOf(spec.schedule.cron);
    return timing.kind === 'delay'
      ? decideDelay(due, spec.schedule, { plannedAt: nextFireAt, delayMs: timing.seconds * 1000 })
      : decideSchedule(due, spec.schedule, nextFireAt);
  } catch (error) {
    return { runs: [plan(due, nextFireAt, toShape(error))], nextFireAt: null, supersede: null };
  }
}

function decideSchedule(due: DueJob, schedule: Schedule, first: number): FireDecision {
  const boundary = due.now - graceMs;
  const onTime = newestFires(schedule, {
    first: Math.max(first, fireAfter(schedule, boundary) ?? first),
    last: due.now,
    limit: graceMs / 1000 + 1,
  }).toReversed();
  const missed =
    first > boundary ? [] : newestFires(schedule, { first, last: boundary, limit: maxMissedRows + 1 });
  const runsMissed = schedule.misfire === 'run-newest' && onTime.length === 0 && missed.length > 0;
  const toRun = runsMissed ? missed.slice(0, 1) : onTime;
  const toSkip = missed.slice(runsMissed ? 1 : 0).slice(0, maxMissedRows);
  const runs = [
    ...toSkip
      .toReversed()
      .map((at) => plan(due, at, missedReason(due, schedule, { at, first, oldest: toSkip.at(-1) ?? at }))),
    ...applyOverlap(due, toRun, schedule.overlap),
  ];
  const newest = runs.findLast(({ skipped }) => skipped === null);
  return {
    runs,
    nextFireAt: fireAfter(schedule, onTime.at(-1) ?? missed[0] ?? first),
    supersede: newest === undefined || schedule.overlap === 'queue' ? null : replaced(due.active, newest),
  };
}

function applyOverlap(
  due: DueJob,
  instants: readonly number[],
  overlap: Schedule['overlap'],
): readonly NewRun[] {
  if (overlap === 'queue') return instants.map((at) => plan(due, at, null));
  const blocked = blockedBy(due);
  const newest = instants.at(-1);
  return instants.map((at) => {
    if (blocked !== null) return plan(due, at, shapeOf('OVERLAP', blocked));
    if (at === newest) return plan(due, at, null);
    const message = `${takenAt(due)}, when several instants were due: the run of the newest, ${iso(newest ?? at)}, stands for them`;
    return plan(due, at, shapeOf('MISFIRE', message));
  });
}

/** Why no further run is made by a schedule whose overlap policy is skip; null: nothing is in its way. */
function blockedBy(due: DueJob): string | null {
  const { going, queued, waitingRetry } = due.active;
  const policy = 'the overlap policy of the schedule is skip';
  if (going !== null)
    return `${takenAt(due)}, while run ${going.id} was still going (since ${iso(going.startedAt)}): ${policy}`;
  if (queued !== null)
    return `${takenAt(due)}, while run ${queued.id} was still waiting for its turn: ${policy}`;
  if (waitingRetry === null || isReplaceable(due)) return null;
  return `${takenAt(due)}, while a retry of a full run waits until ${iso(waitingRetry.notBefore)} (run ${waitingRetry.id}), which an increment does not replace`;
}

function isReplaceable({ active, job }: DueJob): boolean {
  return active.waitingRetry?.mode !== 'full' || job.spec.mode === 'full';
}

function replaced({ waitingRetry }: ActiveRuns, by: NewRun): RunReason | null {
  if (waitingRetry === null || (waitingRetry.mode === 'full' && by.mode !== 'full')) return null;
  const message = `the fire of ${iso(by.plannedAt)} runs in place of this retry, which was to wait until ${iso(waitingRetry.notBefore)}`;
  return shapeOf('FENCED', message);
}

function missedReason(
  due: DueJob,
  schedule: Schedule,
  { at, first, oldest }: { at: number; first: number; oldest: number },
): RunReason {
  const message = `no scheduler took it within ${graceMs / 1000} s of its time: ${takenAt(due)}`;
  if (at > oldest || at === first) return shapeOf('MISFIRE', message);
  const earlier = countFires(schedule, { first, last: at - 1, max: maxCounted });
  const many = earlier < maxCounted ? String(earlier) : `${maxCounted} or more`;
  return shapeOf('MISFIRE', `${message}; ${many} earlier instants since ${iso(first)} have no row`);
}
