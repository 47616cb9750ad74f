// What becomes of a due job: which of its due instants run, which are skipped and why, and when it fires next. Pure.
//
//  due instants = first … newest ≤ now
//  on time (≤ graceMs late): run, or skipped OVERLAP while a run of the job is active and overlap = skip
//  missed  (> graceMs late): skipped MISFIRE; misfire = run-newest: the newest of them runs if none is on time
import { shapeOf, toShape } from '../src/core/errors.ts';
import type { Job, Schedule } from '../src/core/job.ts';
import type { FireDecision, NewRun } from '../src/core/ports.ts';
import type { RunReason } from '../src/core/run.ts';
import { countFires, fireAfter, newestFires } from './schedule-fires.ts';

/** A process may die and another take over in this time without an instant counting as missed. */
export const graceMs = 20_000;
/** Rows for missed instants; the oldest row says how many more there were. */
const maxMissedRows = 100;
const maxCounted = 1_000;

export interface DueJob {
  readonly job: Job;
  /** Runs of the job that are queued, starting or running. */
  readonly active: number;
  readonly now: number;
}

/** A schedule that can't be read (written by another version) makes one skipped row that says so, and no further fire. */
export function decideFire(due: DueJob): FireDecision {
  const { nextFireAt, spec } = due.job;
  if (nextFireAt === null || spec.schedule === null) return { runs: [], nextFireAt: null };
  try {
    return decideSchedule(due, spec.schedule, nextFireAt);
  } catch (error) {
    return { runs: [plan(due.job, nextFireAt, toShape(error))], nextFireAt: null };
  }
}

function decideSchedule({ job, active, now }: DueJob, schedule: Schedule, first: number): FireDecision {
  const boundary = now - graceMs;
  const onTime = newestFires(schedule, {
    first: Math.max(first, fireAfter(schedule, boundary) ?? first),
    last: now,
    limit: graceMs / 1000 + 1,
  }).toReversed();
  const missed =
    first > boundary ? [] : newestFires(schedule, { first, last: boundary, limit: maxMissedRows + 1 });
  const runsMissed = schedule.misfire === 'run-newest' && onTime.length === 0 && missed.length > 0;
  const toRun = runsMissed ? missed.slice(0, 1) : onTime;
  const toSkip = missed.slice(runsMissed ? 1 : 0).slice(0, maxMissedRows);
  return {
    runs: [
      ...toSkip
        .toReversed()
        .map((at) => plan(job, at, missedReason(schedule, { at, first, oldest: toSkip.at(-1) ?? at }))),
      ...applyOverlap(job, { instants: toRun, active, overlap: schedule.overlap }),
    ],
    nextFireAt: fireAfter(schedule, onTime.at(-1) ?? missed[0] ?? first),
  };
}

function applyOverlap(
  job: Job,
  {
    instants,
    active,
    overlap,
  }: { instants: readonly number[]; active: number; overlap: Schedule['overlap'] },
): readonly NewRun[] {
  return instants.map((at, n) => {
    if (overlap === 'queue' || (active === 0 && n === 0)) return plan(job, at, null);
    const message = 'the previous run of the job was still going, and its overlap policy is skip';
    return plan(job, at, shapeOf('OVERLAP', message));
  });
}

function missedReason(
  schedule: Schedule,
  { at, first, oldest }: { at: number; first: number; oldest: number },
): RunReason {
  const message = 'no scheduler ran at that time';
  if (at > oldest || at === first) return shapeOf('MISFIRE', message);
  const earlier = countFires(schedule, { first, last: at - 1, max: maxCounted });
  const many = earlier < maxCounted ? String(earlier) : `${maxCounted} or more`;
  const since = new Date(first).toISOString();
  return shapeOf('MISFIRE', `${message}; ${many} earlier instants since ${since} have no row`);
}

function plan(job: Job, at: number, skipped: RunReason | null): NewRun {
  const { mode } = job.spec;
  return { plannedAt: at, mode, trigger: { kind: 'schedule' }, attempt: 1, notBefore: at, skipped };
}
