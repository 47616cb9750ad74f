// What becomes of due instants: overlap, missed fires, and the bound on both.
import { describe, expect, it } from 'vitest';
import { decideFire } from '../../scheduler/decide-fire.ts';
import { graceMs } from '../../scheduler/plan-fire.ts';
import type { Job, Schedule } from '../../src/core/job.ts';
import type { ActiveRuns } from '../../src/core/ports/jobs.ts';
import type { NewRun } from '../../src/core/ports/runs.ts';
import { everySecond, noneActive, sampleJob } from '../support/sample-job.ts';

const T = Date.UTC(2026, 0, 1, 12);
const hour = 3_600_000;
const going = { ...noneActive, going: { id: 'run-1', startedAt: T - 90_000 } };
const hourly: Schedule = { ...everySecond, cron: '0 0 * * * ?' };

function job(schedule: Schedule | null, nextFireAt: number | null): Job {
  const spec = sampleJob('job', { schedule, mode: 'full' });
  return {
    id: 'id',
    version: 1,
    spec,
    paused: false,
    deleting: false,
    nextFireAt,
    createdAt: 0,
    updatedAt: 0,
  };
}

function isMissed({ skipped }: NewRun): boolean {
  return skipped?.message.startsWith('no scheduler took it within 20 s') ?? false;
}

/** `12:00:01 run`, `12:00:02 OVERLAP`, … and when it fires next. */
function decide(
  schedule: Schedule,
  first: number,
  now: number,
  active = noneActive,
): { rows: string[]; next: string | null } {
  const { runs, nextFireAt } = decideFire({ job: job(schedule, first), active, now });
  const time = (at: number): string => new Date(at).toISOString().slice(11, 19);
  return {
    rows: runs.map((run) => `${time(run.plannedAt)} ${run.skipped?.code ?? 'run'}`),
    next: nextFireAt === null ? null : time(nextFireAt),
  };
}

describe('a fire on time', () => {
  it('runs in the mode of its job, and the next one follows from the planned instant', () => {
    const { runs, nextFireAt } = decideFire({ job: job(hourly, T), active: noneActive, now: T + 700 });
    expect(runs).toEqual([
      { plannedAt: T, mode: 'full', trigger: { kind: 'schedule' }, attempt: 1, notBefore: T, skipped: null },
    ]);
    expect(nextFireAt).toBe(T + hour);
  });

  it('is skipped while a run is active, or queued, as the overlap policy says', () => {
    expect(decide(hourly, T, T, going).rows).toEqual(['12:00:00 OVERLAP']);
    expect(decide({ ...hourly, overlap: 'queue' }, T, T, going).rows).toEqual(['12:00:00 run']);
  });

  it('may be one of several after a short pause: the newest runs and stands for the others', () => {
    expect(decide(everySecond, T, T + 2_500)).toEqual({
      rows: ['12:00:00 MISFIRE', '12:00:01 MISFIRE', '12:00:02 run'],
      next: '12:00:03',
    });
    const { runs } = decideFire({ job: job(everySecond, T), active: noneActive, now: T + 2_500 });
    expect(runs[0]?.skipped?.message).toContain('the run of the newest, 2026-01-01T12:00:02.000Z, stands');
    expect(decide({ ...everySecond, overlap: 'queue' }, T, T + 2_500).rows).toEqual([
      '12:00:00 run',
      '12:00:01 run',
      '12:00:02 run',
    ]);
  });

  it('is still one until the grace is over', () => {
    const strict: Schedule = { ...hourly, misfire: 'skip' };
    expect(decide(strict, T, T + graceMs - 1).rows).toEqual(['12:00:00 run']);
    expect(decide(strict, T, T + graceMs).rows).toEqual(['12:00:00 MISFIRE']);
  });
});

describe('a fire that is skipped', () => {
  const messageOf = (active: ActiveRuns, mode: 'full' | 'incremental' = 'full'): string | undefined => {
    const due = job(hourly, T);
    const { runs } = decideFire({ job: { ...due, spec: { ...due.spec, mode } }, active, now: T + 700 });
    return runs[0]?.skipped?.message;
  };

  it('says what was in its way: a run that goes, one that waits its turn', () => {
    expect(messageOf(going)).toContain('run run-1 was still going (since 2026-01-01T11:58:30.000Z)');
    expect(messageOf({ ...noneActive, queued: { id: 'run-2' } })).toContain(
      'run run-2 was still waiting for its turn',
    );
  });

  it('is not skipped for a retry that waits: the retry is replaced, and says by what', () => {
    const waitingRetry = { id: 'run-3', notBefore: T + 20_000, mode: 'incremental' } as const;
    const { runs, supersede } = decideFire({
      job: job(everySecond, T),
      active: { ...noneActive, waitingRetry },
      now: T,
    });
    expect(runs.map(({ skipped }) => skipped)).toEqual([null]);
    expect(supersede).toMatchObject({
      code: 'FENCED',
      message: expect.stringContaining('12:00:20') as string,
    });
  });

  it('leaves a retry alone where no run is made, or each instant runs', () => {
    const waitingRetry = { id: 'run-3', notBefore: T + 20_000, mode: 'incremental' } as const;
    const strict: Schedule = { ...hourly, misfire: 'skip' };
    const decideWith = (schedule: Schedule, now: number, active: ActiveRuns): unknown =>
      decideFire({ job: job(schedule, T), active: { ...active, waitingRetry }, now }).supersede;
    expect(decideWith(strict, T + 60_000, noneActive)).toBeNull();
    expect(decideWith(hourly, T, going)).toBeNull();
    expect(decideWith({ ...hourly, overlap: 'queue' }, T, noneActive)).toBeNull();
  });

  it('names the full run that waits to be tried again, which an increment does not replace', () => {
    const waitingRetry = { id: 'run-3', notBefore: T + 20_000, mode: 'full' } as const;
    const active = { ...noneActive, waitingRetry };
    expect(messageOf(active, 'incremental')).toContain(
      'a retry of a full run waits until 2026-01-01T12:00:20',
    );
    expect(messageOf(active, 'full')).toBeUndefined();
  });
});

describe('missed fires', () => {
  it('become one run for the newest and a skipped row for each other', () => {
    expect(decide(hourly, T, T + 3 * hour + 60_000)).toEqual({
      rows: ['12:00:00 MISFIRE', '13:00:00 MISFIRE', '14:00:00 MISFIRE', '15:00:00 run'],
      next: '16:00:00',
    });
  });

  it('become skipped rows only, when the policy is skip', () => {
    const strict: Schedule = { ...hourly, misfire: 'skip' };
    expect(decide(strict, T, T + hour + 60_000).rows).toEqual(['12:00:00 MISFIRE', '13:00:00 MISFIRE']);
  });

  it('are all skipped when a fire is on time: its run stands for them', () => {
    expect(decide(hourly, T, T + 2 * hour + 1_000).rows).toEqual([
      '12:00:00 MISFIRE',
      '13:00:00 MISFIRE',
      '14:00:00 run',
    ]);
  });

  it('do not run beside an active run', () => {
    expect(decide(hourly, T, T + hour + 60_000, going).rows).toEqual([
      '12:00:00 MISFIRE',
      '13:00:00 OVERLAP',
    ]);
  });

  it('make at most a hundred rows, the oldest of which says how many have none', () => {
    const { runs, nextFireAt } = decideFire({
      job: job(everySecond, T),
      active: noneActive,
      now: T + 600_000,
    });
    const skipped = runs.filter(isMissed);
    expect(skipped).toHaveLength(100);
    // 581 instants were missed (12:00:00 to 12:09:40); 100 newest rows, 481 without.
    expect(skipped[0]?.skipped?.message).toContain('481 earlier instants since 2026-01-01T12:00:00.000Z');
    expect(skipped.slice(1).every((run) => !run.skipped?.message.includes('earlier'))).toBe(true);
    expect(skipped.map(({ plannedAt }) => plannedAt)).toEqual(
      Array.from({ length: 100 }, (_, n) => T + 481_000 + n * 1_000),
    );
    expect(nextFireAt).toBe(T + 601_000);
  });

  it('cost no more after ten years than after an hour', () => {
    const began = performance.now();
    const decision = decideFire({ job: job(everySecond, Date.UTC(2016, 0)), active: noneActive, now: T });
    expect(performance.now() - began).toBeLessThan(2_000);
    expect(decision.runs.filter(isMissed)).toHaveLength(100);
    expect(decision.runs[0]?.skipped?.message).toContain('1000 or more earlier instants');
  });

  it('are found across empty stretches and dense ones', () => {
    const rare: Schedule = { ...everySecond, cron: '* 0 0 1 1 ?', misfire: 'skip' };
    const { runs } = decideFire({ job: job(rare, Date.UTC(2024, 0)), active: noneActive, now: T });
    expect(runs).toHaveLength(100);
    expect(runs.at(-1)?.plannedAt).toBe(Date.UTC(2026, 0, 1, 0, 0, 59));
    expect(runs[40]?.plannedAt).toBe(Date.UTC(2026, 0, 1));
    expect(runs[39]?.plannedAt).toBe(Date.UTC(2025, 0, 1, 0, 0, 59));
  });
});

describe('a job', () => {
  it('fires no more after the last instant of its years', () => {
    const last: Schedule = { ...everySecond, cron: '0 0 12 1 1 ? 2026' };
    expect(decide(last, T, T)).toEqual({ rows: ['12:00:00 run'], next: null });
  });

  it('without a schedule is left alone', () => {
    expect(decideFire({ job: job(null, T), active: noneActive, now: T })).toEqual({
      runs: [],
      nextFireAt: null,
      supersede: null,
    });
  });

  it('with a schedule that cannot be read says so in a row and stops, instead of stopping the scheduler', () => {
    const { runs, nextFireAt } = decideFire({
      job: job({ ...hourly, cron: 'nonsense' }, T),
      active: noneActive,
      now: T,
    });
    expect(runs).toMatchObject([{ plannedAt: T, skipped: { code: 'BAD_INPUT' } }]);
    expect(nextFireAt).toBeNull();
  });
});
