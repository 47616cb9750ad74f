import { describe, expect, it } from 'vitest';
import {
  booleanProblem,
  dateProblem,
  decimalProblem,
  shortestFloat,
  timeProblem,
  timestampProblem,
} from '../../../../connectors/sql/source/value-checks.ts';

type Check = (bytes: Buffer, start: number, end: number) => string | null;

const decimal: Check = (bytes, start, end) =>
  decimalProblem(bytes, start, end, {
    name: 'd',
    type: { kind: 'decimal', precision: 5, scale: 2 },
    optional: true,
  });

const cases: Readonly<Record<string, readonly [Check, readonly string[], readonly string[]]>> = {
  boolean: [booleanProblem, ['0', '1'], ['2', '-1', '01', 'true', '']],
  date: [
    dateProblem,
    ['0001-01-01', '2024-02-29'],
    ['0000-01-01', '2026-00-01', '2023-02-29', '10000-01-01', 'infinity', '0044-03-15 BC'],
  ],
  timestamp: [
    timestampProblem,
    ['2026-01-02 03:04:05', '2026-01-02 03:04:05.678901'],
    [
      '2026-01-02T03:04:05',
      '2026-01-02 24:00:00',
      '2026-01-02 03:04:05.',
      '4713-01-01 00:00:01.5 BC',
      '0044-03-15 00:00:00 BC',
      '2026-01-02 03:04:05+00',
    ],
  ],
  time: [
    timeProblem,
    ['00:00:00', '23:59:59.999999'],
    ['24:00:00', '-01:00:00', '100:00:00', '00:00:00.5 PM', '00:00:00+08', '00:00'],
  ],
  decimal: [
    decimal,
    ['0', '-0.5', '123.45', '000.00'],
    ['1234', '1.234', '', '-', '.', '.5', '5.', '1e2', 'NaN', '1.2.3', 'Infinity'],
  ],
};

describe('the text of a value', () => {
  it.each(Object.entries(cases))('is a %s, or the reason is said', (_, [check, good, bad]) => {
    for (const text of good)
      expect([text, check(Buffer.from(`x${text}x`), 1, 1 + text.length)]).toEqual([text, null]);
    for (const text of bad)
      expect([text, check(Buffer.from(`x${text}x`), 1, 1 + text.length)]).toEqual([text, expect.any(String)]);
  });

  it('of a 32-bit number is short and reads back as the same', () => {
    expect(
      ['0.10000000149011612', '16777217', '-0', '1e30', '1.401298464324817e-45'].map(shortestFloat),
    ).toEqual([...['0.1', '16777216', '-0', '1e+30', '1.4013e-45']]);
  });
});
