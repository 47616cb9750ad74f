// What an edit, a pause or a resume does to fires: none is dropped, none is made twice.
import { describe, expect, it } from 'vitest';
import { settleFires } from '../../scheduler/settle-fires.ts';
import type { Job } from '../../src/core/job.ts';
import type { Schedule } from '../../src/core/schedule.ts';
import { everySecond, noneActive, sampleJob } from '../support/sample-job.ts';

const T = Date.UTC(2026, 0, 1, 12);
const every10: Schedule = { ...everySecond, cron: '0/10 * * * * ?' };
const every5: Schedule = { ...everySecond, cron: '0/5 * * * * ?' };

interface State {
  readonly schedule: Schedule | null;
  readonly paused?: boolean;
  readonly pausedUntil?: number;
  readonly nextFireAt?: number | null;
}

/** `12:00:10 run`, … and the next fire. */
function settle(before: State, after: State, now: number) {
  const job: Job = {
    id: 'id',
    version: 1,
    spec: sampleJob('job', { schedule: before.schedule }),
    paused: before.paused ?? false,
    pausedUntil: before.pausedUntil ?? null,
    pauseReason: null,
    deleting: false,
    nextFireAt: before.nextFireAt ?? null,
    createdAt: 0,
    updatedAt: 0,
  };
  const spec = sampleJob('job', { schedule: after.schedule, mode: 'full' });
  const decision = settleFires(
    { job, active: noneActive, calendars: [], now },
    {
      spec,
      paused: after.paused ?? false,
      pausedUntil: after.pausedUntil ?? null,
      calendars: [],
    },
  );
  const time = (at: number): string => new Date(at).toISOString().slice(11, 19);
  return {
    rows: decision.runs.map(
      ({ plannedAt, instants, skipped, mode }) =>
        `${time(plannedAt)}${instants === undefined ? '' : ` to ${time(instants.last)}`} ${skipped?.code ?? mode}`,
    ),
    next: decision.nextFireAt === null ? null : time(decision.nextFireAt),
  };
}

describe('fires that are due when a job changes', () => {
  const overdue = { schedule: every10, nextFireAt: T };

  it('stay due when cron and zone stay: the scheduler takes them as of an unedited job (case F10)', () => {
    expect(settle(overdue, { schedule: every10 }, T + 60_000)).toEqual({ rows: [], next: '12:00:00' });
    const milder: Schedule = { ...every10, overlap: 'queue', misfire: 'skip' };
    expect(settle(overdue, { schedule: milder }, T + 60_000)).toEqual({ rows: [], next: '12:00:00' });
  });

  it('become rows with another cron or zone, which run as the job is now; the new schedule begins from now', () => {
    expect(settle(overdue, { schedule: every5 }, T + 32_000)).toEqual({
      rows: ['12:00:00 to 12:00:10 MISFIRE', '12:00:20 MISFIRE', '12:00:30 full'],
      next: '12:00:35',
    });
    expect(settle(overdue, { schedule: { ...every10, timeZone: '+08:00' } }, T + 3_000)).toEqual({
      rows: ['12:00:00 full'],
      next: '12:00:10',
    });
  });

  it('become rows when the schedule goes, or the job is paused', () => {
    expect(settle(overdue, { schedule: null }, T + 3_000)).toEqual({ rows: ['12:00:00 full'], next: null });
    expect(settle(overdue, { schedule: every10, paused: true }, T + 3_000)).toEqual({
      rows: ['12:00:00 full'],
      next: null,
    });
  });

  it('stay due when a job that is not paused is resumed', () => {
    expect(settle(overdue, { schedule: every10, paused: false }, T + 3_000).next).toBe('12:00:00');
  });
});

describe('fires of a job that changes while none is due', () => {
  it('go on from the next one, or begin with the new schedule', () => {
    const waiting = { schedule: every10, nextFireAt: T + 10_000 };
    expect(settle(waiting, { schedule: every10 }, T + 7_000)).toEqual({ rows: [], next: '12:00:10' });
    expect(settle(waiting, { schedule: every5 }, T + 3_000)).toEqual({ rows: [], next: '12:00:05' });
    expect(settle(waiting, { schedule: null }, T + 3_000)).toEqual({ rows: [], next: null });
    expect(settle({ schedule: null }, { schedule: every10 }, T + 3_000)).toEqual({
      rows: [],
      next: '12:00:10',
    });
  });

  it('begin with the end of a pause that has one, and stay so when only something else changes', () => {
    const until = { schedule: every10, pausedUntil: T + 60_000 };
    expect(settle({ schedule: every10, nextFireAt: T + 10_000 }, until, T + 3_000).next).toBe('12:01:00');
    const paused = { ...until, nextFireAt: T + 60_000 };
    expect(settle(paused, until, T + 3_000).next).toBe('12:01:00');
    expect(settle(paused, { schedule: every5, pausedUntil: T + 60_000 }, T + 3_000).next).toBe('12:01:00');
    expect(settle(paused, { schedule: every10 }, T + 3_000).next).toBe('12:00:10');
    expect(settle({ ...paused, nextFireAt: T + 70_000 }, until, T + 61_000).next).toBe('12:01:10');
    expect(settle({ schedule: every10, nextFireAt: T }, until, T + 3_000).rows).toEqual(['12:00:00 full']);
  });

  it('do not exist while it is paused, and begin from now when it is resumed', () => {
    const paused = { schedule: every10, paused: true };
    expect(settle(paused, { schedule: every5, paused: true }, T + 3_000)).toEqual({ rows: [], next: null });
    expect(settle(paused, { schedule: every10, paused: false }, T + 33_000)).toEqual({
      rows: [],
      next: '12:00:40',
    });
  });
});
