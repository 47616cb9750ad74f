// A jitter as long as the time between two fires would let a fire start after the one that follows it.
import type { CalendarSpec } from '../../core/planning/calendar.ts';
import type { Schedule } from '../../core/schedule.ts';
import type { ApiParts } from '../api-parts.ts';
import type { SpecProblem } from '../spec-problem.ts';

/** So many fires are looked at: enough for each weekday of some weeks. */
const looked = 50;

export function checkJitter(
  schedule: Schedule,
  { schedules }: Pick<ApiParts, 'schedules'>,
  { now, calendars }: { readonly now: number; readonly calendars: readonly CalendarSpec[] },
): readonly SpecProblem[] {
  const { jitterMs } = schedule;
  if (jitterMs === 0) return [];
  let shortest = Infinity;
  let fire = schedules.firstFire(schedule, now, calendars);
  for (let n = 0; n < looked && fire !== null; n++) {
    const next = schedules.firstFire(schedule, fire, calendars);
    if (next !== null) shortest = Math.min(shortest, next - fire);
    fire = next;
  }
  if (jitterMs < shortest) return [];
  const message = `${jitterMs} is not less than the time between two fires, ${shortest}: write at most ${shortest - 1}, for example ${Math.floor(shortest / 2)}`;
  return [{ field: 'schedule.jitterMs', message }];
}
