// The engine against another one, croner, on random expressions of both dialects: in UTC, where no clock is moved.
import { Cron } from 'croner';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fireAfter } from '../../scheduler/schedule-fires.ts';

const number = (min: number, max: number): fc.Arbitrary<string> => fc.integer({ min, max }).map(String);

/** Ascending ranges only: croner has no others. */
const range = (min: number, max: number): fc.Arbitrary<string> =>
  fc
    .tuple(fc.integer({ min, max }), fc.integer({ min, max }))
    .map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`);

const items = (min: number, max: number, names: readonly string[] = []): fc.Arbitrary<string> => {
  const step = fc.integer({ min: 1, max: Math.min(max, 20) });
  const item = fc.oneof(
    number(min, max),
    range(min, max),
    fc.tuple(range(min, max), step).map(([from, by]) => `${from}/${by}`),
    fc.tuple(number(min, max), step).map(([from, by]) => `${from}/${by}`),
    ...(names.length > 0 ? [fc.constantFrom(...names)] : []),
  );
  return fc.oneof(
    fc.constant('*'),
    step.map((by) => `*/${by}`),
    fc.array(item, { minLength: 1, maxLength: 3 }).map((list) => list.join(',')),
  );
};

const months = items(1, 12, ['JAN', 'JUN', 'DEC']);
const monthDays = fc.oneof(
  items(1, 31),
  fc.constantFrom('L', 'LW'),
  // croner takes 31W for the last weekday of a shorter month; Quartz 2.5 passes over such months.
  number(1, 28).map((day) => `${day}W`),
);
const weekdays = fc.oneof(
  items(1, 7, ['SUN', 'MON', 'SAT']),
  number(1, 7).map((day) => `${day}L`),
  fc.tuple(number(1, 7), number(1, 5)).map(([day, nth]) => `${day}#${nth}`),
);
const days = fc.oneof(
  monthDays.map((dom) => [dom, '?'] as const),
  weekdays.map((dow) => ['?', dow] as const),
);
const years = fc.oneof(fc.constant(''), fc.constantFrom(' 2027', ' 2026-2040', ' 2028/4'));

const quartz = fc
  .tuple(items(0, 59), items(0, 59), items(0, 23), days, months, years)
  .map(
    ([second, minute, hour, [dom, dow], month, year]) =>
      `${second} ${minute} ${hour} ${dom} ${month} ${dow}${year}`,
  );

const unix = fc
  .tuple(items(0, 59), items(0, 23), items(1, 31), months, items(0, 6, ['SUN', 'MON', 'SAT']))
  // Where a day field has a step over all days, croner and Vixie's cron part ways.
  .filter(([, , dom, , dow]) => dom === '*' || dow === '*' || !(dom + dow).includes('*'))
  .map((fields) => fields.join(' '));

const instants = fc.integer({ min: Date.UTC(2026, 0), max: Date.UTC(2036, 0) });

function agree(text: string, theirs: string, alternativeWeekdays: boolean, from: number): void {
  const options = { alternativeWeekdays, sloppyRanges: true, timezone: 'UTC', paused: true };
  const expected = new Cron(theirs, options).nextRuns(3, new Date(from)).map((date) => date.getTime());
  const found: number[] = [];
  for (let at: number | null = from; found.length < expected.length;) {
    at = fireAfter({ cron: text, timeZone: 'UTC', gap: 'run' }, at);
    if (at === null) break;
    found.push(at);
  }
  expect(found, text).toEqual(expected);
}

it('agrees with croner on Quartz expressions', () => {
  fc.assert(
    fc.property(quartz, instants, (text, from) => {
      agree(text, text.replace('?', '*'), true, from);
    }),
    { numRuns: 1_000 },
  );
});

it('agrees with croner on Unix expressions', () => {
  fc.assert(
    fc.property(unix, instants, (text, from) => {
      agree(text, text, false, from);
    }),
    { numRuns: 500 },
  );
});
