// Calendars: which days are open, and that a schedule fires on those and on no others.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideFire } from '../../scheduler/decide-fire.ts';
import { closedBy, nextOpenDay } from '../../scheduler/open-days.ts';
import { previewSchedule, requireFires } from '../../scheduler/preview-schedule.ts';
import {
  countFires,
  dayIn,
  fireAfter,
  firesBefore,
  newestFires,
  zoneOf,
  type When,
} from '../../scheduler/schedule-fires.ts';
import { settleFires } from '../../scheduler/settle-fires.ts';
import { dayOf, textOfDay, weekdays, type CalendarSpec } from '../../src/core/planning/calendar.ts';
import type { Job } from '../../src/core/job.ts';
import type { Schedule } from '../../src/core/schedule.ts';
import { everySecond, noneActive, sampleJob, storedJob } from '../support/sample-job.ts';

const working: CalendarSpec = {
  name: 'cn-working-days',
  description: '',
  weekdays: ['MON', 'TUE', 'WED', 'THU', 'FRI'],
  exclude: [
    { from: '2027-02-05', to: '2027-02-11', name: '春节' },
    { from: '2027-04-05', name: '清明节' },
  ],
  include: [{ from: '2027-02-13', name: '调休' }],
};
const day = (text: string): number => dayOf(text) ?? NaN;
const iso = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());
const daily: When = { cron: '0 0 2 * * ?', timeZone: 'Asia/Shanghai', gap: 'run', calendars: [working] };
const anyDay: CalendarSpec = { ...working, name: 'any', weekdays: [...weekdays], exclude: [], include: [] };

describe('a day', () => {
  it.each([
    ['2027-02-04', null],
    ['2027-02-05', { calendar: 'cn-working-days', name: '春节' }],
    ['2027-02-11', { calendar: 'cn-working-days', name: '春节' }],
    ['2027-02-12', null],
    ['2027-02-13', null],
    ['2027-02-14', { calendar: 'cn-working-days', name: null }],
    ['2027-04-05', { calendar: 'cn-working-days', name: '清明节' }],
  ])('%s is closed by %o', (text, by) => {
    expect(closedBy([working], day(text))).toEqual(by);
  });

  it('is open where every calendar has it open', () => {
    const other = { ...anyDay, exclude: [{ from: '2027-02-12' }] };
    expect(closedBy([working, other], day('2027-02-12'))).toEqual({ calendar: 'any', name: null });
    expect(nextOpenDay([working, other], day('2027-02-04'))).toBe(day('2027-02-13'));
  });

  it('follows the last that is listed by its weekday, or never', () => {
    expect(nextOpenDay([working], day('2199-12-31'))).toBe(day('2200-01-01'));
    const listed = { ...working, weekdays: [], include: [{ from: '2027-03-01', to: '2027-03-02' }] };
    expect(nextOpenDay([listed], day('2027-02-01'))).toBe(day('2027-03-01'));
    expect(nextOpenDay([listed], day('2027-03-02'))).toBeNull();
  });

  it('is written as it is read, and 30 February is none', () => {
    expect(textOfDay(day('2028-02-29'))).toBe('2028-02-29');
    for (const text of ['2027-02-29', '2027-02-30', '2027-2-3', '2027-02-03T00:00', ''])
      expect(dayOf(text)).toBeNull();
  });

  it('is found among ranges that overlap as if it were looked for one by one', () => {
    const range = fc.tuple(fc.nat(60), fc.nat(10)).map(([from, days]) => ({
      from: textOfDay(from),
      to: textOfDay(from + days),
    }));
    fc.assert(
      fc.property(fc.array(range), fc.array(range), fc.nat(80), (exclude, include, at) => {
        const within = ({ from, to }: { from: string; to: string }): boolean =>
          day(from) <= at && at <= day(to);
        const open = include.some(within) || !exclude.some(within);
        expect(closedBy([{ ...anyDay, exclude, include }], at) === null).toBe(open);
      }),
    );
  });
});

describe('a schedule', () => {
  it('fires on open days of its own zone', () => {
    const fires: (string | null)[] = [];
    for (let at: number | null = Date.UTC(2027, 1, 3, 12); fires.length < 4; fires.push(iso(at)))
      at = fireAfter(daily, at ?? NaN);
    // 02:00 in Shanghai is 18:00 of the day before in UTC.
    expect(fires).toEqual([
      '2027-02-03T18:00:00.000Z',
      '2027-02-11T18:00:00.000Z',
      '2027-02-12T18:00:00.000Z',
      '2027-02-14T18:00:00.000Z',
    ]);
    expect(firesBefore(daily, Date.UTC(2027, 1, 12, 0), 2).map(iso)).toEqual([
      '2027-02-11T18:00:00.000Z',
      '2027-02-03T18:00:00.000Z',
    ]);
  });

  it('of a rate fires at its multiples on open days', () => {
    const rate: When = { ...daily, cron: '@every 7h', timeZone: 'UTC' };
    const at = fireAfter(rate, Date.UTC(2027, 1, 4, 21)) ?? NaN;
    expect(at % (7 * 3_600_000)).toBe(0);
    expect(iso(at)?.slice(0, 10)).toBe('2027-02-12');
  });

  it('of a fixed delay is put off to the beginning of the next open day', () => {
    expect(iso(fireAfter({ ...daily, cron: '@delay 1h' }, Date.UTC(2027, 1, 4, 15, 30)))).toBe(
      '2027-02-11T16:00:00.000Z',
    );
  });

  it('ends with the last open day, at its last instant', () => {
    const listed = { ...working, weekdays: [], include: [{ from: '2027-03-01', to: '2027-03-02' }] };
    const every: When = { cron: '* * * * * ?', timeZone: 'Asia/Shanghai', gap: 'run', calendars: [listed] };
    const last = Date.UTC(2027, 2, 2, 15, 59, 59);
    expect(fireAfter(every, last - 1)).toBe(last);
    expect(fireAfter(every, last)).toBeNull();
    expect(firesBefore(every, Date.UTC(2030, 0), 1)).toEqual([last]);
    expect(countFires(every, { first: Date.UTC(2027, 1, 28, 16), last })).toBe(2 * 86_400);
  });

  it('counts and finds its fires backwards as it makes them, with clocks that are put forward and back', () => {
    const calendars = fc.record({
      days: fc.uniqueArray(fc.constantFrom(...weekdays), { minLength: 1 }),
      exclude: fc.array(fc.integer({ min: -40, max: 80 }), { maxLength: 20 }),
      include: fc.array(fc.integer({ min: -40, max: 80 }), { maxLength: 5 }),
    });
    const base = day('2026-10-01');
    const cron = fc.constantFrom(
      '0 30 2 * * ?',
      '0 0 0/5 * * ?',
      '0 0 0 * * ?',
      '@every 5h',
      '0 15 0,23 ? * SAT,SUN',
    );
    // In Beirut the clock is put back at midnight, in Havana to it.
    const zone = fc.constantFrom(
      'Europe/Berlin',
      'America/New_York',
      'Asia/Beirut',
      'America/Havana',
      'Australia/Lord_Howe',
    );
    fc.assert(
      fc.property(calendars, cron, zone, ({ days, exclude, include }, text, timeZone) => {
        const range = (offset: number) => ({ from: textOfDay(base + offset) });
        const spec = { ...anyDay, weekdays: days, exclude: exclude.map(range), include: include.map(range) };
        const when: When = { cron: text, timeZone, gap: 'run', calendars: [spec] };
        const end = (base + 60) * 86_400_000;
        const walked: number[] = [];
        for (let at = fireAfter(when, base * 86_400_000); at !== null && at <= end; at = fireAfter(when, at))
          walked.push(at);
        const everyDay = { cron: text, timeZone, gap: 'run' } as const;
        const expected: number[] = [];
        for (
          let at = fireAfter(everyDay, base * 86_400_000);
          at !== null && at <= end;
          at = fireAfter(everyDay, at)
        )
          if (closedBy([spec], dayIn(zoneOf(timeZone), at)) === null) expected.push(at);
        expect(walked).toEqual(expected);
        const [first] = walked;
        if (first === undefined) return;
        expect(countFires(when, { first, last: end })).toBe(walked.length);
        expect(newestFires(when, { first, last: end, limit: 5 })).toEqual(walked.slice(-5).reverse());
      }),
    );
  });
});

function jobOf(schedule: Schedule, nextFireAt: number | null): Job {
  return storedJob(sampleJob('job', { schedule }), nextFireAt);
}

describe('a job', () => {
  const schedule: Schedule = {
    ...everySecond,
    cron: '0 0 2 * * ?',
    timeZone: 'Asia/Shanghai',
    calendars: [working.name],
  };

  it('gets no row for a closed day, not a skipped one either, also after an outage over the holidays', () => {
    const first = Date.UTC(2027, 1, 3, 18);
    const now = Date.UTC(2027, 1, 12, 18, 0, 5);
    const { runs, nextFireAt } = decideFire({
      job: jobOf(schedule, first),
      active: noneActive,
      calendars: [working],
      now,
    });
    expect(
      runs.map(({ plannedAt, instants, skipped }) => [iso(plannedAt), instants?.count ?? 1, skipped?.code]),
    ).toEqual([
      ['2027-02-03T18:00:00.000Z', 2, 'MISFIRE'],
      ['2027-02-12T18:00:00.000Z', 1, undefined],
    ]);
    expect(iso(nextFireAt)).toBe('2027-02-14T18:00:00.000Z');
  });

  it('has its next fire moved when a calendar changes, back and forth, and keeps what is due', () => {
    const now = Date.UTC(2027, 1, 4);
    const opened = { ...working, exclude: [] };
    const due = {
      job: jobOf(schedule, Date.UTC(2027, 1, 11, 18)),
      active: noneActive,
      calendars: [working],
      now,
    };
    const change = (calendars: readonly CalendarSpec[]) => settleFires(due, { ...due.job, calendars });
    expect(iso(change([opened]).nextFireAt)).toBe('2027-02-04T18:00:00.000Z');
    expect(change([{ ...working }])).toMatchObject({ runs: [], nextFireAt: due.job.nextFireAt });
    const overdue = { ...due, job: jobOf(schedule, now - 1_000) };
    const settled = settleFires(overdue, { ...overdue.job, calendars: [opened] });
    expect(settled.runs).toMatchObject([{ plannedAt: now - 1_000, skipped: null }]);
  });
});

describe('a preview', () => {
  const now = Date.UTC(2027, 1, 3, 12);

  it('leaves closed days out and names them, and says the calendar', async () => {
    const { fires, closed, words } = await previewSchedule(daily, { now, count: 3, previous: 0 });
    expect(fires.map(({ local }) => local)).toEqual([
      '2027-02-04T02:00:00+08:00',
      '2027-02-12T02:00:00+08:00',
      '2027-02-13T02:00:00+08:00',
    ]);
    expect(closed).toHaveLength(7);
    expect(closed[0]).toEqual({ date: '2027-02-05', calendar: 'cn-working-days', name: '春节' });
    expect(words.en).toContain(', on days that are open in cn-working-days');
    expect(words.zh).toContain('，仅限cn-working-days中开放的日期');
  });

  it('names no closed day on which it would not fire', async () => {
    const mondays = { ...daily, cron: '0 0 2 ? * MON' };
    const { closed } = await previewSchedule(mondays, { now, count: 1, previous: 0 });
    expect(closed.map(({ date }) => date)).toEqual(['2027-02-08']);
  });

  it('refuses a schedule whose days are all closed, with the day and its name', () => {
    expect(() => requireFires({ ...daily, cron: '0 0 2 ? * SUN' }, now)).toThrow(
      'none of the days on which it would fire is open: the next is 2027-02-07, which cn-working-days has closed (春节)',
    );
    expect(() => requireFires({ ...daily, cron: '@at 2027-02-06T02:00' }, now)).toThrow('2027-02-06');
    expect(() => requireFires(daily, now)).not.toThrow();
  });
});
