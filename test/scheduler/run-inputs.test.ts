// The interval that a fire owns, and its business date.
import { describe, expect, it } from 'vitest';
import { inputsOf } from '../../scheduler/run-inputs.ts';
import type { CalendarSpec } from '../../src/core/planning/calendar.ts';
import type { Schedule } from '../../src/core/schedule.ts';
import { everySecond } from '../support/sample-job.ts';

const working: CalendarSpec = {
  name: 'working',
  description: '',
  weekdays: ['MON', 'TUE', 'WED', 'THU', 'FRI'],
  exclude: [{ from: '2027-02-05', to: '2027-02-11' }],
  include: [],
};
const daily: Schedule = { ...everySecond, cron: '0 0 2 * * ?', timeZone: 'Asia/Shanghai' };
const iso = (at: number | undefined): string | null => (at === undefined ? null : new Date(at).toISOString());
const of = (schedule: Schedule | null, plannedAt: number, calendars: readonly CalendarSpec[] = []) => {
  const { window, businessDate } = inputsOf({ schedule }, calendars, { plannedAt, parameters: {} });
  return { from: iso(window?.from), to: iso(window?.to), businessDate };
};

describe('a fire', () => {
  it('owns the time from the fire before it to itself, and the day before in its own zone', () => {
    expect(of(daily, Date.UTC(2027, 0, 30, 18))).toEqual({
      from: '2027-01-29T18:00:00.000Z',
      to: '2027-01-30T18:00:00.000Z',
      businessDate: '2027-01-30',
    });
  });

  it('after closed days owns them too, and the newest open day before', () => {
    expect(of(daily, Date.UTC(2027, 1, 11, 18), [working])).toEqual({
      from: '2027-02-03T18:00:00.000Z',
      to: '2027-02-11T18:00:00.000Z',
      businessDate: '2027-02-04',
    });
  });

  it('the first of a schedule with a beginning owns a whole interval', () => {
    expect(of({ ...daily, from: '2027-01-31' }, Date.UTC(2027, 0, 30, 18)).from).toBe(
      '2027-01-29T18:00:00.000Z',
    );
  });

  it('of a clock put back or forward owns the real time between', () => {
    const berlin = { ...daily, timeZone: 'Europe/Berlin' };
    expect(of(berlin, Date.UTC(2026, 2, 29, 1)).from).toBe('2026-03-28T01:00:00.000Z');
    expect(of(berlin, Date.UTC(2026, 9, 26, 1)).from).toBe('2026-10-25T00:00:00.000Z');
  });

  it('intervals follow one another without gap or overlap', () => {
    const cron = { ...daily, cron: '0 0/45 8-17 ? * MON-FRI', timeZone: 'America/New_York' };
    let { from } = of(cron, Date.UTC(2026, 11, 1, 15));
    for (let n = 0; n < 50; n++) {
      const before = of(cron, Date.parse(from ?? ''));
      expect(before.to).toBe(from);
      ({ from } = before);
    }
  });
});

describe('a run by hand', () => {
  it('has the interval of the newest fire', () => {
    expect(of(daily, Date.UTC(2027, 0, 31, 5, 0, 0, 123))).toEqual({
      from: '2027-01-29T18:00:00.000Z',
      to: '2027-01-30T18:00:00.000Z',
      businessDate: '2027-01-30',
    });
  });

  it('without a schedule, and one after the end of a run, has none', () => {
    expect(of(null, Date.UTC(2027, 0, 31))).toEqual({ from: null, to: null, businessDate: '2027-01-30' });
    expect(of({ ...daily, cron: '@delay 5m' }, Date.UTC(2027, 0, 31)).to).toBeNull();
  });
});

it('a run that owns an interval keeps it, whatever became of the schedule', () => {
  const interval = { from: Date.UTC(2027, 0, 1), to: Date.UTC(2027, 0, 2) };
  const run = { plannedAt: interval.to, parameters: {}, interval };
  expect(inputsOf({ schedule: daily }, [], run).window).toEqual(interval);
  expect(inputsOf({ schedule: null }, [], run).window).toEqual(interval);
});
