// What becomes of a due job whose schedule is a fixed delay: it fires when `delay` has passed since the end of its last run,
// however that was started and ended. Pure.
//
//  a run is going, waits its turn or is to be tried again   no row; its end is to come, so nothing fires before now + delay
//  the last run ended less than `delay` ago                 no row; fires at its end + delay
//  otherwise                                                runs; later than misfireGraceMs and misfire = skip: skipped MISFIRE
//
// A day that a calendar has closed is passed over: it fires at the beginning of the next open one.
// So a job is looked at once per delay while its run goes, and no ending of a run, by whatever hand, has to tell the schedule.
import { shapeOf } from '../src/core/errors.ts';
import type { DueJob, FireDecision } from '../src/core/ports/jobs.ts';
import { noFires, plan, say, type Failing } from './plan-fire.ts';
import { firstPossible, type Timetable } from './schedule-fires.ts';

export function decideDelay(
  due: DueJob,
  timetable: Timetable,
  {
    plannedAt,
    delayMs,
    failing,
  }: { readonly plannedAt: number; readonly delayMs: number; readonly failing: Failing | null },
): FireDecision {
  const { active, now } = due;
  const { lastEndedAt } = active;
  const { misfire, misfireGraceMs } = timetable;
  const next = (end: number): number => Math.ceil((end + delayMs) / 1000) * 1000;
  const within = (at: number): number | null => firstPossible(timetable, at);
  const none: FireDecision = { ...noFires, nextFireAt: within(next(now)) };
  if (active.going !== null || active.queued !== null || active.waitingRetry !== null) return none;
  if (lastEndedAt !== null && next(lastEndedAt) > now)
    return { ...none, nextFireAt: within(next(lastEndedAt)) };
  const missed = misfire === 'skip' && now - plannedAt >= misfireGraceMs;
  const late = say.late(due, { graceMs: misfireGraceMs, first: plannedAt }, failing);
  const message = `${late}; the misfire policy is skip`;
  return { ...none, runs: [plan(due, plannedAt, missed ? shapeOf('MISFIRE', message) : null)] };
}
