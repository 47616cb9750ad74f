// From when and until when a schedule fires.
import { describe, expect, it } from 'vitest';
import { decideFire } from '../../scheduler/decide-fire.ts';
import { requireFires } from '../../scheduler/preview-schedule.ts';
import { fireAfter, firesBefore } from '../../scheduler/schedule-fires.ts';
import { everySecond, noneActive, sampleJob, storedJob } from '../support/sample-job.ts';

const daily = { cron: '0 0 2 * * ?', timeZone: 'Asia/Shanghai', gap: 'run' } as const;
const iso = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());
const problem = (bounds: { from?: string; until?: string }): string => {
  try {
    requireFires({ ...daily, ...bounds }, Date.UTC(2026, 0));
    return 'none';
  } catch (error) {
    const { field = '', message } = error as { field?: string; message: string };
    return `${field}: ${message}`;
  }
};

describe('the bounds of a schedule', () => {
  it('are local times of its zone; a day begins at its first instant and ends with its last second', () => {
    const when = { ...daily, from: '2027-01-31', until: '2027-02-01' };
    const first = fireAfter(when, 0);
    expect(iso(first)).toBe('2027-01-30T18:00:00.000Z');
    const second = fireAfter(when, first ?? 0);
    expect(iso(second)).toBe('2027-01-31T18:00:00.000Z');
    expect(fireAfter(when, second ?? 0)).toBeNull();
    expect(firesBefore(when, Date.UTC(2030, 0), 9).map(iso)).toEqual([iso(second), iso(first)]);
    expect(iso(fireAfter({ ...daily, from: '2027-01-31T02:00' }, 0))).toBe('2027-01-30T18:00:00.000Z');
    expect(iso(fireAfter({ ...daily, from: '2027-01-31T02:00:01' }, 0))).toBe('2027-01-31T18:00:00.000Z');
  });

  it('bound rates and delays, too', () => {
    const rate = {
      ...daily,
      timeZone: 'UTC',
      cron: '@every 1h',
      from: '2027-01-01',
      until: '2027-01-01T01:30',
    };
    expect(iso(fireAfter(rate, 0))).toBe('2027-01-01T00:00:00.000Z');
    expect(fireAfter(rate, Date.UTC(2027, 0, 1, 1))).toBeNull();
    const delay = { ...daily, timeZone: 'UTC', cron: '@delay 1h', from: '2027-01-01', until: '2027-01-02' };
    expect(iso(fireAfter(delay, 0))).toBe('2027-01-01T00:00:00.000Z');
    const now = Date.UTC(2027, 0, 2, 23, 30);
    const schedule = { ...everySecond, ...delay };
    const due = {
      job: storedJob(sampleJob('job', { schedule }), now),
      active: noneActive,
      calendars: [],
      now,
    };
    expect(decideFire(due)).toMatchObject({ nextFireAt: null, runs: [{ plannedAt: now, skipped: null }] });
  });

  it('are refused where they are no times, the wrong way round, or leave nothing', () => {
    expect(problem({ from: '2027-01-31', until: '2027-02-01' })).toBe('none');
    expect(problem({ from: '2027-02-30' })).toBe(
      'schedule.from: "2027-02-30" is no time: write a day or a local time of the schedule\'s zone, for example 2027-01-31 or 2027-01-31T02:00',
    );
    expect(problem({ until: 'tomorrow!!' })).toContain('schedule.until: "tomorrow!!" is no time');
    expect(problem({ from: '2027-02-02', until: '2027-02-01' })).toBe(
      'schedule.until: 2027-02-01 is before schedule.from, 2027-02-02: write a later time',
    );
    expect(problem({ until: '2025-01-01' })).toContain(
      'schedule.until: "2025-01-01" is before the next fire',
    );
    expect(problem({ from: '2027-01-31T03:00', until: '2027-01-31T04:00' })).toContain('schedule.until: ');
  });
});
