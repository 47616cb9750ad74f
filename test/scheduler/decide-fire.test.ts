// What becomes of due instants: overlap, missed fires, and the bound on both.
import { describe, expect, it } from 'vitest';
import { decideFire } from '../../scheduler/decide-fire.ts';
import type { Job } from '../../src/core/job.ts';
import type { Schedule } from '../../src/core/schedule.ts';
import type { ActiveRuns } from '../../src/core/ports/jobs.ts';
import type { NewRun } from '../../src/core/ports/runs.ts';
import { defaultMisfireGraceMs as graceMs } from '../../src/core/schedule.ts';
import { everySecond, noneActive, sampleJob, storedJob } from '../support/sample-job.ts';

const T = Date.UTC(2026, 0, 1, 12);
const hour = 3_600_000;
const going = { ...noneActive, going: { id: 'run-1', startedAt: T - 90_000 } };
const hourly: Schedule = { ...everySecond, cron: '0 0 * * * ?' };

function job(schedule: Schedule | null, nextFireAt: number | null): Job {
  return storedJob(sampleJob('job', { schedule, mode: 'full' }), nextFireAt);
}

const time = (at: number): string => new Date(at).toISOString().slice(11, 19);

function show({ plannedAt, skipped, instants }: NewRun): string {
  const span = instants === undefined ? '' : ` to ${time(instants.last)} (${instants.count})`;
  return `${time(plannedAt)}${span} ${skipped?.code ?? 'run'}`;
}

/** `12:00:01 run`, `12:00:02 OVERLAP`, `12:00:03 to 12:00:10 (8) MISFIRE`, … and when it fires next. */
function decide(
  schedule: Schedule,
  first: number,
  now: number,
  active = noneActive,
): { rows: string[]; next: string | null } {
  const { runs, nextFireAt } = decideFire({ job: job(schedule, first), active, calendars: [], now });
  return {
    rows: runs.map(show),
    next: nextFireAt === null ? null : time(nextFireAt),
  };
}

describe('a fire on time', () => {
  it('runs in the mode of its job, and the next one follows from the planned instant', () => {
    const { runs, nextFireAt } = decideFire({
      job: job(hourly, T),
      active: noneActive,
      calendars: [],
      now: T + 700,
    });
    expect(runs).toEqual([
      {
        plannedAt: T,
        interval: { from: T - hour, to: T },
        mode: 'full',
        trigger: { kind: 'schedule' },
        attempt: 1,
        notBefore: T,
        priority: 0,
        skipped: null,
      },
    ]);
    expect(nextFireAt).toBe(T + hour);
  });

  it('is skipped while a run is active, or queued, as the overlap policy says', () => {
    expect(decide(hourly, T, T, going).rows).toEqual(['12:00:00 OVERLAP']);
    expect(decide({ ...hourly, overlap: 'queue' }, T, T, going).rows).toEqual(['12:00:00 run']);
  });

  it('may be one of several after a short pause: the newest runs and stands for the others', () => {
    expect(decide(everySecond, T, T + 2_500)).toEqual({
      rows: ['12:00:00 to 12:00:01 (2) MISFIRE', '12:00:02 run'],
      next: '12:00:03',
    });
    const { runs } = decideFire({
      job: job(everySecond, T),
      active: noneActive,
      calendars: [],
      now: T + 2_500,
    });
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

describe('a jitter', () => {
  const jittered: Schedule = { ...hourly, jitterMs: 600_000 };
  const startOf = (id: string, at: number): number => {
    const due = { job: { ...job(jittered, at), id }, active: noneActive, calendars: [], now: at };
    expect(decideFire(due)).toEqual(decideFire(due));
    return (decideFire(due).runs[0]?.notBefore ?? 0) - at;
  };

  it('lets each fire of each job start by another share of it later, the same whenever it is decided', () => {
    const starts = Array.from({ length: 300 }, (_, n) => startOf(`job ${n % 3}`, T + n * hour));
    expect(Math.min(...starts)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...starts)).toBeLessThan(600_000);
    expect(new Set(starts).size).toBeGreaterThan(290);
    const late = starts.filter((ms) => ms >= 300_000).length;
    expect(late).toBeGreaterThan(100);
    expect(late).toBeLessThan(200);
  });
});

describe('a fire that is skipped', () => {
  const messageOf = (active: ActiveRuns, mode: 'full' | 'incremental' = 'full'): string | undefined => {
    const due = job(hourly, T);
    const { runs } = decideFire({
      job: { ...due, spec: { ...due.spec, mode } },
      active,
      calendars: [],
      now: T + 700,
    });
    return runs[0]?.skipped?.message;
  };

  it('says what was in its way: a run that goes, one that waits its turn', () => {
    expect(messageOf(going)).toContain('run run-1 was still going (since 2026-01-01T11:58:30.000Z)');
    expect(messageOf({ ...noneActive, queued: { id: 'run-2', count: 1 } })).toContain(
      'run run-2 was still waiting for its turn',
    );
  });

  it('is not skipped for a retry that waits: the retry is replaced, and says by what', () => {
    const waitingRetry = { id: 'run-3', notBefore: T + 20_000, mode: 'incremental' } as const;
    const { runs, supersede } = decideFire({
      job: job(everySecond, T),
      active: { ...noneActive, waitingRetry },
      calendars: [],
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
      decideFire({ job: job(schedule, T), active: { ...active, waitingRetry }, calendars: [], now })
        .supersede;
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
  it('become one run for the newest, and one row for all others', () => {
    expect(decide(hourly, T, T + 3 * hour + 60_000)).toEqual({
      rows: ['12:00:00 to 14:00:00 (3) MISFIRE', '15:00:00 run'],
      next: '16:00:00',
    });
    expect(decide(hourly, T, T + 60_000).rows).toEqual(['12:00:00 run']);
  });

  it('say what was, and what stands for them', () => {
    const messageOf = (schedule: Schedule, now: number): string | undefined =>
      decideFire({ job: job(schedule, T), active: noneActive, calendars: [], now }).runs[0]?.skipped?.message;
    expect(messageOf(hourly, T + 3 * hour + 60_000)).toBe(
      'no scheduler took them within 20 s of their time: these 3 instants were taken at 2026-01-01T15:01:00.000Z; the misfire policy is once: the newest instant that was due, 2026-01-01T15:00:00.000Z, stands for them',
    );
    expect(messageOf({ ...hourly, misfire: 'skip' }, T + 60_000)).toBe(
      'no scheduler took it within 20 s of its time: it was taken at 2026-01-01T12:01:00.000Z; the misfire policy is skip: no run makes up for it',
    );
  });

  it('say that the scheduler was there and its database refused them, where that began in their time', () => {
    const messageOf = (since: number): string | undefined =>
      decideFire(
        { job: job({ ...hourly, misfire: 'skip' }, T), active: noneActive, calendars: [], now: T + 60_000 },
        { since, why: 'DATABASE_FAILED: the disk is full' },
      ).runs[0]?.skipped?.message;
    expect(messageOf(T + 1_000)).toBe(
      'the scheduler could not take it within 20 s of its time: its database refused it from 2026-01-01T12:00:01.000Z on (DATABASE_FAILED: the disk is full); it was taken at 2026-01-01T12:01:00.000Z; the misfire policy is skip: no run makes up for it',
    );
    expect(messageOf(T + 30_000)).toContain('no scheduler took it');
  });

  it('become one skipped row, when the policy is skip', () => {
    const strict: Schedule = { ...hourly, misfire: 'skip' };
    expect(decide(strict, T, T + hour + 60_000).rows).toEqual(['12:00:00 to 13:00:00 (2) MISFIRE']);
  });

  it('are all skipped when a fire is on time: its run stands for them', () => {
    expect(decide(hourly, T, T + 2 * hour + 1_000).rows).toEqual([
      '12:00:00 to 13:00:00 (2) MISFIRE',
      '14:00:00 run',
    ]);
  });

  it('say of no instant that a run was going when none was: a minute of outage at 1/s', () => {
    expect(decide(everySecond, T, T + 59_500)).toEqual({
      rows: ['12:00:00 to 12:00:39 (40) MISFIRE', '12:00:40 to 12:00:58 (19) MISFIRE', '12:00:59 run'],
      next: '12:01:00',
    });
  });

  it('do not run beside an active run', () => {
    expect(decide(hourly, T, T + hour + 60_000, going).rows).toEqual([
      '12:00:00 MISFIRE',
      '13:00:00 OVERLAP',
    ]);
  });

  it('are late by the grace of the job', () => {
    const patient: Schedule = { ...hourly, misfire: 'skip', misfireGraceMs: 2 * hour };
    expect(decide(patient, T, T + hour + 60_000).rows).toEqual(['12:00:00 MISFIRE', '13:00:00 run']);
    const hasty: Schedule = { ...hourly, misfire: 'skip', misfireGraceMs: 1_000 };
    expect(decide(hasty, T, T + 1_500).rows).toEqual(['12:00:00 MISFIRE']);
  });

  it('all run under the policy all, up to its limit and as far back as its window', () => {
    const all: Schedule = { ...hourly, overlap: 'queue', misfire: 'all' };
    expect(decide(all, T, T + 2 * hour + 60_000).rows).toEqual([
      '12:00:00 run',
      '13:00:00 run',
      '14:00:00 run',
    ]);
    expect(decide({ ...all, misfireLimit: 2 }, T, T + 3 * hour + 1_000).rows).toEqual([
      '12:00:00 MISFIRE',
      '13:00:00 run',
      '14:00:00 run',
      '15:00:00 run',
    ]);
    expect(decide({ ...all, misfireWindowMs: 2 * hour }, T, T + 3 * hour + 60_000).rows).toEqual([
      '12:00:00 to 13:00:00 (2) MISFIRE',
      '14:00:00 run',
      '15:00:00 run',
    ]);
    expect(decide({ ...all, misfireWindowMs: 1_000 }, T, T + hour + 60_000).rows).toEqual([
      '12:00:00 to 13:00:00 (2) MISFIRE',
    ]);
  });

  it('cost no more after ten years than after an hour', () => {
    const began = performance.now();
    const decision = decideFire({
      job: job(everySecond, Date.UTC(2016, 0)),
      active: noneActive,
      calendars: [],
      now: T,
    });
    expect(performance.now() - began).toBeLessThan(2_000);
    expect(decision.runs[0]?.instants?.count).toBe((T - 20_000 - Date.UTC(2016, 0)) / 1_000 + 1);
  });

  it('are counted across empty stretches and dense ones', () => {
    const rare: Schedule = { ...everySecond, cron: '* 0 0 1 1 ?', misfire: 'skip' };
    const { runs } = decideFire({
      job: job(rare, Date.UTC(2024, 0)),
      active: noneActive,
      calendars: [],
      now: T,
    });
    expect(runs.map(({ instants }) => instants)).toEqual([
      { first: Date.UTC(2024, 0), last: Date.UTC(2026, 0, 1, 0, 0, 59), count: 180 },
    ]);
  });
});

describe('a fire that meets runs of its job', () => {
  const queue: Schedule = { ...everySecond, overlap: 'queue', queueLimit: 3 };
  const waiting = (count: number): ActiveRuns => ({ ...going, queued: { id: 'run-2', count } });

  it('waits for its turn as long as there is a place; those without one are one row', () => {
    expect(decide(queue, T, T, going).rows).toEqual(['12:00:00 run']);
    expect(decide(queue, T, T, waiting(2)).rows).toEqual(['12:00:00 run']);
    expect(decide(queue, T, T, waiting(3)).rows).toEqual(['12:00:00 OVERLAP']);
    expect(decide(queue, T, T + 4_500, waiting(1)).rows).toEqual([
      '12:00:00 run',
      '12:00:01 run',
      '12:00:02 to 12:00:04 (3) OVERLAP',
    ]);
    // One begins at once, three wait.
    expect(decide(queue, T, T + 4_500).rows.slice(-2)).toEqual(['12:00:03 run', '12:00:04 OVERLAP']);
  });

  it('takes the place of what goes or waits, and says so, under the policy replace', () => {
    const replace: Schedule = { ...hourly, overlap: 'replace' };
    const meet = (active: ActiveRuns) => decideFire({ job: job(replace, T), active, calendars: [], now: T });
    const reason = {
      code: 'FENCED',
      message:
        'the fire of 2026-01-01T12:00:00.000Z took the place of this run: the overlap policy of the schedule is replace',
    };
    expect(meet(waiting(1)).runs.map(show)).toEqual(['12:00:00 run']);
    expect(meet(waiting(1)).replace).toMatchObject(reason);
    expect(meet(noneActive).replace).toBeNull();
    expect(decideFire({ job: job(hourly, T), active: going, calendars: [], now: T }).replace).toBeNull();
  });
});

describe('a job', () => {
  it('fires no more after the last instant of its years', () => {
    const last: Schedule = { ...everySecond, cron: '0 0 12 1 1 ? 2026' };
    expect(decide(last, T, T)).toEqual({ rows: ['12:00:00 run'], next: null });
  });

  it('without a schedule is left alone', () => {
    expect(decideFire({ job: job(null, T), active: noneActive, calendars: [], now: T })).toEqual({
      runs: [],
      nextFireAt: null,
      supersede: null,
      replace: null,
    });
  });

  it('with a schedule that cannot be read says so in a row and stops, instead of stopping the scheduler', () => {
    const { runs, nextFireAt } = decideFire({
      job: job({ ...hourly, cron: 'nonsense' }, T),
      active: noneActive,
      calendars: [],
      now: T,
    });
    expect(runs).toMatchObject([{ plannedAt: T, skipped: { code: 'BAD_INPUT' } }]);
    expect(nextFireAt).toBeNull();
  });
});
