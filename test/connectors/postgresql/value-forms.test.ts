import { describe, expect, it } from 'vitest';
import * as forms from '../../../connectors/postgresql/table/value-forms.ts';
import type { ValueCheck } from '../../../connectors/sql/target/value-checks.ts';

/** In the middle of other bytes, as in a row. */
function accepts(check: ValueCheck, text: string): boolean {
  const value = Buffer.from(text);
  const row = Buffer.concat([Buffer.from('7\t'), value, Buffer.from('\t9')]);
  return check.accepts(row, 2, 2 + value.length);
}

const cases: Readonly<Record<string, readonly [ValueCheck, readonly string[], readonly string[]]>> = {
  'text without NUL': [forms.withoutNul, ['', 'a', 'é😀'], ['\0', 'a\0b']],
  'varchar(3)': [
    forms.textOfVarchar(3),
    ['', 'abc', 'ab ', '😀é ', 'abcd', 'x'.repeat(9)],
    ['abc ', '😀é  ', '    '],
  ],
  'char(3)': [forms.textOfChar(3), ['abc', '  a', 'ab ', '😀é中'], ['', 'ab', 'abcd']],
  'a number of 8 bits': [forms.tinyInteger, ['0', '-128', '127'], ['128', '-129', '1.5', 'x']],
  'a finite number': [
    forms.finite,
    ['0', '-0', '1e300', '.5', '-1.5', '+1'],
    ['NaN', 'Infinity', '-Infinity', 'inf', '', '-', '0x10', '-0X1'],
  ],
  'decimal with 2 digits behind': [
    forms.decimalOf(2),
    ['0', '-1', '1.25', '1.2500', '007', '99999999999999999999', '.5'],
    ['1.255', '1e2', 'NaN', '', '-', '1.', '1.2x'],
  ],
  date: [
    forms.date,
    ['2026-01-02', '0001-01-01'],
    ['now', 'infinity', '2026-1-2', '20260102', '2026-01-02 BC', ''],
  ],
  'time(3)': [
    forms.timeOf(3),
    ['00:00:00', '23:59:59.999', '12:00:00.500000'],
    ['24:00:00', '23:59:60', '12:00', '12:00:00.', '12:00:00.1234', '12:00:00+01', 'now'],
  ],
  'timestamp(0)': [
    forms.timestampOf(0),
    ['2026-01-02 03:04:05', '2026-01-02 03:04:05.000'],
    [
      '2026-01-02 03:04:05.5',
      '2026-01-02T03:04:05',
      '2026-01-02',
      '2026-01-02 24:00:00',
      '2026-01-02 03:04:05Z',
    ],
  ],
  uuid: [
    forms.uuid,
    ['123e4567-e89b-12d3-a456-426655440000'],
    [
      '123E4567-e89b-12d3-a456-426655440000',
      '{123e4567-e89b-12d3-a456-426655440000}',
      '123e4567e89b12d3a456426655440000',
      'g23e4567-e89b-12d3-a456-426655440000',
      '',
    ],
  ],
};

describe('what PostgreSQL keeps as it is', () => {
  it.each(Object.entries(cases))('%s', (_, [check, good, bad]) => {
    for (const text of good) expect([text, accepts(check, text)]).toEqual([text, true]);
    for (const text of bad) expect([text, accepts(check, text)]).toEqual([text, false]);
    expect(check.accepts(null, 0, 0)).toBe(true);
  });
});
