// What became of the intervals of a job. Told from the rows and the schedule: what was done, and what nobody did.
//
//  done     an attempt of the instant succeeded
//  going    an attempt waits or goes, and none has succeeded
//  failed   all attempts ended, and none well
//  skipped  its row says why it did not run: one row may stand for several fires
//  missed   there is no row: the job was paused then, or not made yet, or its row was swept
import { activeStates, type Run } from '../run.ts';
import type { Interval } from './interval.ts';

export interface IntervalState extends Interval {
  readonly state: 'done' | 'going' | 'failed' | 'skipped' | 'missed';
  /** How many fires it holds; more than one only of skipped and missed ones. */
  readonly fires: number;
  /** Its newest attempt; null: missed. */
  readonly run: Run | null;
  readonly attempts: number;
  /** Attempts that were made when one had succeeded already. */
  readonly reruns: number;
  /** How long after its instant the first attempt began, ms; null: none has. */
  readonly lateMs: number | null;
}

/** Newest first. `fires`: those of the schedule as it is now; `runs`: rows that own an interval. Both of one job, in any order. */
export function judgeIntervals(fires: readonly Interval[], runs: readonly Run[]): readonly IntervalState[] {
  const byInstant = new Map<number, Run[]>();
  for (const run of runs) {
    const attempts = byInstant.get(run.plannedAt) ?? [];
    byInstant.set(run.plannedAt, [...attempts, run]);
  }
  const known = [...byInstant.values()].flatMap(judge);
  // An older schedule may have cut the time otherwise: what its fires have covered is not missed.
  const missed = fires.filter((fire) => !known.some((interval) => covers(interval, fire)));
  return [...known, ...joined(missed)].sort((a, b) => b.to - a.to);
}

function judge(runs: readonly Run[]): readonly IntervalState[] {
  const attempts = [...runs].sort((a, b) => a.attempt - b.attempt);
  const run = attempts.at(-1);
  if (run === undefined || run.interval === null) return [];
  const done = attempts.findIndex(({ state }) => state === 'succeeded');
  const began = attempts.find(({ startedAt }) => startedAt !== null)?.startedAt ?? null;
  // A fire's jitter is no delay.
  const due = Math.max(run.plannedAt, attempts[0]?.notBefore ?? 0);
  return [
    {
      ...run.interval,
      state: done >= 0 ? 'done' : stateOf(run),
      fires: run.instants?.count ?? 1,
      run,
      attempts: attempts.length,
      reruns: done < 0 ? 0 : attempts.length - 1 - done,
      lateMs: began === null ? null : Math.max(0, began - due),
    },
  ];
}

function stateOf({ state }: Run): IntervalState['state'] {
  if (state === 'skipped') return 'skipped';
  return (activeStates as readonly string[]).includes(state) ? 'going' : 'failed';
}

function covers(outer: Interval, inner: Interval): boolean {
  return inner.to <= outer.to && (inner.from ?? -Infinity) >= (outer.from ?? -Infinity);
}

/** Neighbours become one entry. */
function joined(missed: readonly Interval[]): readonly IntervalState[] {
  const entries: IntervalState[] = [];
  for (const interval of [...missed].sort((a, b) => a.to - b.to)) {
    const last = entries.at(-1);
    const none = { state: 'missed', run: null, attempts: 0, reruns: 0, lateMs: null } as const;
    if (last !== undefined && last.to === interval.from)
      entries.splice(-1, 1, { ...last, to: interval.to, fires: last.fires + 1 });
    else entries.push({ ...interval, ...none, fires: 1 });
  }
  return entries;
}
