// What an edit, a pause or a resume does to the fires of a job. Pure; called in the store's transaction.
//
//  same schedule and calendars,
//  still going                       the next fire stays, due or not: the scheduler takes it as if nothing had happened
//  otherwise                         what is due by the old schedule is settled now (runs, MISFIRE, OVERLAP), and the next
//                                    fire follows from now by the new one, from the end of a pause that has one, or none
import { isDeepStrictEqual } from 'node:util';
import type { CalendarSpec } from '../src/core/planning/calendar.ts';
import type { Job } from '../src/core/job.ts';
import type { Schedule } from '../src/core/schedule.ts';
import type { FireDecision, SettleFires } from '../src/core/ports/jobs.ts';
import { decideFire } from './decide-fire.ts';
import { noFires } from './plan-fire.ts';
import { fireAfter, timetableOf } from './schedule-fires.ts';

export const settleFires: SettleFires = (due, after) => {
  const { job, now } = due;
  const { schedule } = after.spec;
  const stays =
    !after.paused &&
    !job.paused &&
    isSameTiming(job.spec.schedule, schedule) &&
    isDeepStrictEqual(due.calendars, after.calendars) &&
    pauseEnd(after, now) === pauseEnd(job, now);
  if (stays && job.nextFireAt !== null) return { ...noFires, nextFireAt: job.nextFireAt };
  const nextFireAt = after.paused ? null : firstFire(schedule, pauseEnd(after, now) ?? now, after.calendars);
  return { ...settleDue(due, after), nextFireAt };
};

/** The first fire of a schedule that begins now; null: none. Throws BAD_INPUT as parseCron does. */
export function firstFire(
  schedule: Schedule | null,
  now: number,
  calendars: readonly CalendarSpec[],
): number | null {
  return schedule === null ? null : fireAfter(timetableOf(schedule, calendars), now);
}

/** The instants that passed belong to the old schedule; they run as the job is now. */
function settleDue(due: Parameters<SettleFires>[0], after: Pick<Job, 'spec'>): FireDecision {
  const { job, now } = due;
  if (job.paused || job.nextFireAt === null || job.nextFireAt > now) return noFires;
  return decideFire({ ...due, job: { ...job, spec: { ...after.spec, schedule: job.spec.schedule } } });
}

/** Just before it fires again; null: it is not paused, or without an end. */
function pauseEnd({ pausedUntil }: Pick<Job, 'pausedUntil'>, now: number): number | null {
  return pausedUntil === null || pausedUntil <= now ? null : pausedUntil - 1;
}

function isSameTiming(a: Schedule | null, b: Schedule | null): boolean {
  if (a === null || b === null) return false;
  const keys = ['cron', 'timeZone', 'gap', 'from', 'until'] as const;
  return keys.every((key) => a[key] === b[key]);
}
