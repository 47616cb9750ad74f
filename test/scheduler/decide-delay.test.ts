// A fixed delay counts from the end of the last run, whoever started it.
import { describe, expect, it } from 'vitest';
import { decideFire } from '../../scheduler/decide-fire.ts';
import { settleFires } from '../../scheduler/settle-fires.ts';
import type { Job } from '../../src/core/job.ts';
import type { Schedule } from '../../src/core/schedule.ts';
import { followsRuns } from '../../src/core/schedule.ts';
import type { ActiveRuns } from '../../src/core/ports/jobs.ts';
import { everySecond, noneActive, sampleJob, storedJob } from '../support/sample-job.ts';

const T = Date.UTC(2026, 0, 1, 12);
const delayed: Schedule = { ...everySecond, cron: '@delay 90s' };

function job(schedule: Schedule, nextFireAt: number): Job {
  return storedJob(sampleJob('job', { schedule }), nextFireAt);
}

/** `12:00:00 run`, …, and when it fires next. */
function decide(active: Partial<ActiveRuns>, { now = T, schedule = delayed } = {}) {
  const due = { job: job(schedule, T), active: { ...noneActive, ...active }, calendars: [], now };
  const { runs, nextFireAt } = decideFire(due);
  const time = (at: number): string => new Date(at).toISOString().slice(11, 19);
  return {
    rows: runs.map((run) => `${time(run.plannedAt)} ${run.skipped?.code ?? 'run'}`),
    next: nextFireAt === null ? null : time(nextFireAt),
  };
}

describe('a fixed delay', () => {
  it('runs when it has passed since the end of the last run, and the first time', () => {
    expect(decide({ lastEndedAt: T - 90_000 })).toEqual({ rows: ['12:00:00 run'], next: '12:01:30' });
    expect(decide({ lastEndedAt: null })).toEqual({ rows: ['12:00:00 run'], next: '12:01:30' });
  });

  it('makes no row while a run goes, waits its turn or is to be tried again: none ends before now', () => {
    const waitingRetry = { id: 'r', notBefore: T + 5_000, mode: 'full' } as const;
    for (const active of [
      { going: { id: 'r', startedAt: T } },
      { queued: { count: 1, id: 'r' } },
      { waitingRetry },
    ])
      expect(decide(active, { now: T + 400 })).toEqual({ rows: [], next: '12:01:31' });
  });

  it('waits until it has passed since a run that ended meanwhile, by hand or as planned', () => {
    expect(decide({ lastEndedAt: T - 40_500 })).toEqual({ rows: [], next: '12:00:50' });
  });

  it('runs late after an outage, or is skipped as missed where the policy says so', () => {
    expect(decide({}, { now: T + 3_600_000 })).toEqual({ rows: ['12:00:00 run'], next: '13:01:30' });
    const strict: Schedule = { ...delayed, misfire: 'skip' };
    expect(decide({}, { now: T + 3_600_000, schedule: strict })).toEqual({
      rows: ['12:00:00 MISFIRE'],
      next: '13:01:30',
    });
  });

  it('begins anew when it is changed', () => {
    const due = { job: job(delayed, T + 90_000), active: noneActive, calendars: [], now: T + 1_000 };
    const spec = sampleJob('job', { schedule: { ...delayed, cron: '@delay 10s' } });
    expect(settleFires(due, { spec, paused: false, pausedUntil: null, calendars: [] }).nextFireAt).toBe(
      T + 11_000,
    );
  });

  it('is known by its text, as the parser knows it', () => {
    for (const cron of ['@delay 90s', ' @DELAY\t1m', '@delay 1d'])
      expect(followsRuns({ ...delayed, cron })).toBe(true);
    for (const cron of ['@every 90s', '0 0 2 * * ?']) expect(followsRuns({ ...delayed, cron })).toBe(false);
    expect(followsRuns(null)).toBe(false);
  });
});
