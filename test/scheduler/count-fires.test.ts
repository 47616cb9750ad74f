// Fires are counted without walking over them: the count is what a walk finds, across clock changes, empty stretches and years.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { countFires, fireAfter } from '../../scheduler/schedule-fires.ts';

const item = (min: number, max: number): fc.Arbitrary<string> =>
  fc.oneof(
    fc.integer({ min, max }).map(String),
    fc.constant('*'),
    fc.integer({ min: 1, max: 20 }).map((step) => `${min}/${step}`),
    fc
      .tuple(fc.integer({ min, max }), fc.integer({ min, max }))
      .map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
  );
const days = fc.constantFrom(
  '* * ?',
  '? * MON-FRI',
  'L * ?',
  '15W * ?',
  '? 3,10,11 SUN#2',
  '29 2 ?',
  '? * 6L',
);
const cron = fc
  .tuple(
    fc.constantFrom('0', '30', '0/20'),
    item(0, 59),
    item(0, 23),
    days,
    fc.constantFrom('', ' 2026', ' 2024-2028/2'),
  )
  .map(([second, minute, hour, [...day], year]) => `${second} ${minute} ${hour} ${day.join('')}${year}`);

it('counts what a walk finds', () => {
  fc.assert(
    fc.property(
      cron,
      fc.constantFrom(
        'UTC',
        'Europe/Berlin',
        'America/New_York',
        'Australia/Lord_Howe',
        'Pacific/Apia',
        'Africa/Casablanca',
      ),
      fc.constantFrom('run' as const, 'skip' as const),
      // About a clock change of most of them, and about the turn of a year.
      fc.constantFrom(
        ...['2026-03-28', '2026-10-24', '2025-12-30', '2011-12-29'].map((date) => Date.parse(date)),
      ),
      fc.integer({ min: 0, max: 200_000 }),
      fc.integer({ min: 0, max: 400_000 }),
      (...[text, timeZone, gap, base, offset, length]) => {
        const when = { cron: text, timeZone, gap };
        const first = fireAfter(when, base + offset * 1_000);
        fc.pre(first !== null);
        const last = first + length * 1_000;
        let walked = 0;
        for (let at: number | null = first; at !== null && at <= last; at = fireAfter(when, at)) walked++;
        expect(countFires(when, { first, last })).toBe(walked);
      },
    ),
    { numRuns: 2_000 },
  );
}, 60_000);

it('counts a year of seconds at once', () => {
  const when = { cron: '* * * * * ?', timeZone: 'Europe/Berlin', gap: 'run' } as const;
  const span = { first: Date.UTC(2026, 0), last: Date.UTC(2027, 0) - 1_000 };
  expect(countFires(when, span)).toBe(365 * 86_400);
});

it('counts a fixed rate', () => {
  const when = { cron: '@every 90s', timeZone: 'UTC', gap: 'run' } as const;
  expect(countFires(when, { first: 90_000, last: 90_000 + 90_000 * 9 + 1 })).toBe(10);
});
