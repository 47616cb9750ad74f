// The interval that each fire owns.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { intervalOf, intervalsIn } from '../../scheduler/fire-interval.ts';
import { fireAfter, type When } from '../../scheduler/schedule-fires.ts';
import { weekdays } from '../../src/core/planning/calendar.ts';

const utc = (text: string): number => Date.parse(`${text}:00Z`);
const show = (interval: ReturnType<typeof intervalOf>): string =>
  interval === null
    ? 'none'
    : [interval.from, interval.to]
        .map((at) => (at === null ? '…' : new Date(at).toISOString().slice(0, 16)))
        .join(' ');
const of = (when: Partial<When>, at: string): string =>
  show(
    intervalOf(
      { cron: '0 0 2 * * ?', timeZone: 'UTC', gap: 'run', ...when },
      { first: utc(at), last: utc(at) },
    ),
  );

describe('a fire owns the time since the fire before it', () => {
  it('over a clock change, a closed day and the beginning of the schedule', () => {
    expect(of({}, '2027-01-31T02:00')).toBe('2027-01-30T02:00 2027-01-31T02:00');
    const berlin = { cron: '0 30 2 * * ?', timeZone: 'Europe/Berlin' };
    expect(of(berlin, '2027-03-28T01:00')).toBe('2027-03-27T01:30 2027-03-28T01:00');
    const working = { name: 'a', description: '', weekdays: weekdays.slice(1, 6), exclude: [], include: [] };
    expect(of({ calendars: [working] }, '2027-02-01T02:00')).toBe('2027-01-29T02:00 2027-02-01T02:00');
    expect(of({ from: '2027-01-31' }, '2027-01-31T02:00')).toBe('2027-01-30T02:00 2027-01-31T02:00');
    expect(of({ cron: '@at 2027-01-31T02:00' }, '2027-01-31T02:00')).toBe('… 2027-01-31T02:00');
    expect(of({ cron: '@every 90s' }, '1970-01-01T00:00')).toBe('… 1970-01-01T00:00');
  });

  it('and the fires of a fixed delay own none', () => {
    expect(of({ cron: '@delay 90s' }, '2027-01-31T02:00')).toBe('none');
  });
});

const whens = fc.record({
  cron: fc.constantFrom(
    '0 0/7 * * * ?',
    '0 30 2 ? * MON-FRI',
    '0 0 12 L * ?',
    '@every 5400s',
    '0 30 1,2,3 * * ?',
  ),
  timeZone: fc.constantFrom('UTC', 'America/New_York', 'Asia/Shanghai', 'Australia/Lord_Howe'),
  gap: fc.constantFrom('run', 'skip'),
}) as fc.Arbitrary<When>;

it('intervals follow one another without a hole and end at fires, for any schedule and any instant', () => {
  fc.assert(
    fc.property(
      whens,
      fc.integer({ min: utc('2020-01-01T00:00'), max: utc('2030-01-01T00:00') }),
      (when, to) => {
        const found = intervalsIn(when, { from: 0, to, limit: 20 });
        expect(found).toHaveLength(20);
        found.forEach((interval, at) => {
          expect(fireAfter(when, interval.from ?? -1)).toBe(interval.to);
          if (at > 0) expect(found[at - 1]?.from).toBe(interval.to);
        });
        expect(fireAfter(when, found[0]?.to ?? 0)).toBeGreaterThan(to);
      },
    ),
  );
});

it('those of a range are the fires after its beginning up to its end', () => {
  const daily = { cron: '@daily', timeZone: 'UTC', gap: 'run' } as const;
  const range = { from: utc('2027-01-01T00:00'), to: utc('2027-01-04T00:00'), limit: 50 };
  expect(intervalsIn(daily, range).map(show)).toEqual([
    '2027-01-03T00:00 2027-01-04T00:00',
    '2027-01-02T00:00 2027-01-03T00:00',
    '2027-01-01T00:00 2027-01-02T00:00',
  ]);
  expect(intervalsIn(daily, { ...range, limit: 1 }).map(show)).toEqual(['2027-01-03T00:00 2027-01-04T00:00']);
});
