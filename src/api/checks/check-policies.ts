// Pairs of a schedule's policies that can't be kept together, and fields that would have no effect: refused when the job is saved.
import { defaultMisfireLimit, defaultQueueLimit, followsRuns, type Schedule } from '../../core/schedule.ts';
import type { SpecProblem } from '../spec-problem.ts';

export function checkPolicies(schedule: Schedule): readonly SpecProblem[] {
  return [...withoutEffect(schedule), ...(followsRuns(schedule) ? ofDelay(schedule) : ofPair(schedule))];
}

function withoutEffect({
  overlap,
  queueLimit,
  misfire,
  misfireLimit,
  misfireWindowMs,
}: Schedule): readonly SpecProblem[] {
  const idle = (field: string, value: number, policy: string, needed: string): SpecProblem => ({
    field: `schedule.${field}`,
    message: `${value} has no effect with ${policy}: remove it, or write ${needed}`,
  });
  return [
    ...(overlap === 'queue' || queueLimit === undefined
      ? []
      : [idle('queueLimit', queueLimit, `overlap ${overlap}`, '"overlap": "queue"')]),
    ...(misfire === 'all' || misfireLimit === undefined
      ? []
      : [idle('misfireLimit', misfireLimit, `misfire ${misfire}`, '"misfire": "all"')]),
    ...(misfire === 'all' || misfireWindowMs === undefined
      ? []
      : [idle('misfireWindowMs', misfireWindowMs, `misfire ${misfire}`, '"misfire": "all"')]),
  ];
}

/** Such a job fires only when none of its runs is left, and never has more than one instant due. */
function ofDelay({ overlap, misfire }: Schedule): readonly SpecProblem[] {
  const why = 'a schedule of @delay fires only after the last run has ended';
  return [
    ...(overlap === 'forbid'
      ? []
      : [
          {
            field: 'schedule.overlap',
            message: `${overlap} has no effect: ${why}; write "overlap": "forbid"`,
          },
        ]),
    ...(misfire === 'all'
      ? [
          {
            field: 'schedule.misfire',
            message: `all has no effect: ${why}, so one instant is missed at most; write "misfire": "once"`,
          },
        ]
      : []),
  ];
}

function ofPair({ overlap, queueLimit, misfire, misfireLimit }: Schedule): readonly SpecProblem[] {
  if (misfire !== 'all') return [];
  if (overlap !== 'queue') {
    const other =
      overlap === 'forbid' ? 'makes none while another goes or waits' : 'ends each as soon as the next comes';
    const message = `all makes a run for each missed instant, and overlap ${overlap} ${other}: write "overlap": "queue", or "misfire": "once"`;
    return [{ field: 'schedule.misfire', message }];
  }
  const [made, waiting] = [misfireLimit ?? defaultMisfireLimit, queueLimit ?? defaultQueueLimit];
  if (made <= waiting) return [];
  const message = `${made} missed instants are to run, and only ${waiting} may wait for their turn (queueLimit): write "queueLimit": ${made}, or a misfireLimit of at most ${waiting}`;
  return [{ field: 'schedule.misfireLimit', message }];
}
