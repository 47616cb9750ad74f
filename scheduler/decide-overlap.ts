// What becomes of due instants that are to run, beside the runs of the job that are not over. Pure. See decide-fire.ts.
import { shapeOf } from '../src/core/errors.ts';
import type { ActiveRuns, DueJob, FireDecision } from '../src/core/ports/jobs.ts';
import type { NewRun } from '../src/core/ports/runs.ts';
import type { RunReason } from '../src/core/run.ts';
import { defaultQueueLimit, type Schedule } from '../src/core/schedule.ts';
import { noFires, plan, planSkipped, say, type Span } from './plan-fire.ts';
import { fireAfter, fireBefore, type Timetable } from './schedule-fires.ts';

/** `span`: the instants, all due. When the job fires next is not decided here. */
export function decideOverlap(due: DueJob, schedule: Timetable, span: Span): FireDecision {
  if (schedule.overlap === 'queue') return { ...noFires, runs: enqueue(due, schedule, span) };
  const blocked = blockedBy(due, schedule.overlap);
  if (blocked !== null) {
    const why = (count: number): RunReason => shapeOf('OVERLAP', `${say.takenAt(due, count)}, ${blocked}`);
    return { ...noFires, runs: [planSkipped(due, schedule, span, why)] };
  }
  const run = plan(due, span.last, null);
  return {
    ...noFires,
    runs: [...stoodFor(due, schedule, span), run],
    supersede: replacedRetry(due.active, run),
    replace: schedule.overlap === 'replace' ? replacedRun(due.active, run) : null,
  };
}

/** The older instants of several that are due at once. */
function stoodFor(due: DueJob, schedule: Timetable, { first, last }: Span): readonly NewRun[] {
  const older = fireBefore(schedule, { first, last });
  if (older === null) return [];
  const why = (count: number): RunReason =>
    shapeOf(
      'MISFIRE',
      `${say.takenAt(due, count)}, when several instants were due: the run of the newest, ${say.iso(last)}, stands for them`,
    );
  return [planSkipped(due, schedule, { first, last: older }, why)];
}

/** Those that find the queue full are skipped: what waits longest runs first. */
function enqueue(due: DueJob, schedule: Timetable, { first, last }: Span): readonly NewRun[] {
  const { queueLimit = defaultQueueLimit } = schedule;
  const { queued, going } = due.active;
  // With nothing in its way the first one does not wait.
  const places = queueLimit - (queued?.count ?? 0) + (going === null && queued === null ? 1 : 0);
  const runs: NewRun[] = [];
  let at: number | null = first;
  for (; at !== null && at <= last && runs.length < places; at = fireAfter(schedule, at))
    runs.push(plan(due, at, null));
  if (at === null || at > last) return runs;
  const why = (count: number): RunReason =>
    shapeOf(
      'OVERLAP',
      `${say.takenAt(due, count)}, when ${queueLimit} fires were waiting for their turn already, as many as the schedule's queueLimit allows`,
    );
  return [...runs, planSkipped(due, schedule, { first: at, last }, why)];
}

/** Why no further run is made; null: nothing is in its way. */
function blockedBy(due: DueJob, overlap: Schedule['overlap']): string | null {
  const { going, queued, waitingRetry } = due.active;
  const policy = `the overlap policy of the schedule is ${overlap}`;
  if (overlap === 'forbid') {
    if (going !== null)
      return `while run ${going.id} was still going (since ${say.iso(going.startedAt)}): ${policy}`;
    if (queued !== null) return `while run ${queued.id} was still waiting for its turn: ${policy}`;
  }
  if (waitingRetry === null || isReplaceable(due)) return null;
  return `while a retry of a full run waits until ${say.iso(waitingRetry.notBefore)} (run ${waitingRetry.id}), which an increment does not replace`;
}

function isReplaceable({ active, job }: DueJob): boolean {
  return active.waitingRetry?.mode !== 'full' || job.spec.mode === 'full';
}

function replacedRetry({ waitingRetry }: ActiveRuns, by: NewRun): RunReason | null {
  if (waitingRetry === null) return null;
  const message = `the fire of ${say.iso(by.plannedAt)} runs in place of this retry, which was to wait until ${say.iso(waitingRetry.notBefore)}`;
  return shapeOf('FENCED', message);
}

function replacedRun({ going, queued }: ActiveRuns, by: NewRun): RunReason | null {
  if (going === null && queued === null) return null;
  const message = `the fire of ${say.iso(by.plannedAt)} took the place of this run: the overlap policy of the schedule is replace`;
  return shapeOf('FENCED', message);
}
