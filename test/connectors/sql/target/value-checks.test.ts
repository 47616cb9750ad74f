import { describe, expect, it } from 'vitest';
import {
  exactLength,
  findMisfits,
  memberOf,
  membersOf,
  noMinusZero,
  notNull,
  textOfChar,
  type ValueCheck,
} from '../../../../connectors/sql/target/value-checks.ts';
import { batchOf } from '../../../conformance/sink-bed.ts';

/** Which of the values are refused. */
function refused(check: ValueCheck, values: readonly (string | Buffer | null)[]): unknown[] {
  const rows = values.map((value) => ['key', value, 'behind']);
  const misfits = findMisfits([{ ...check, field: 1 }], batchOf(rows));
  expect([...misfits.values()].every(({ field, reason }) => field === 1 && reason === check.reason)).toBe(
    true,
  );
  return [...misfits.keys()].map((row) => values[row]);
}

describe('a value is refused', () => {
  it('by ENUM when it is not one of its members, byte for byte', () => {
    const members = ['25', '4', '7', 'paid', "it's", 'tab\t', '', '中'];
    const others = ['1', '2', '03', 'PAID', 'paid ', ' paid', "it''s", 'tab', '\\N', '25\0', '文', '257'];
    expect(refused(memberOf(members), [...members, null, ...others])).toEqual(others);
    const many = Array.from({ length: 5000 }, (_, at) => `m${at}`);
    expect(refused(memberOf(many), [...many, 'm5000', 'm'])).toEqual(['m5000', 'm']);
    expect(refused(memberOf([]), ['', 'x', null])).toEqual(['', 'x']);
  });

  it('by SET when it is not how the column would give it back', () => {
    const fine = ['', 'a', 'b', 'a,b', 'a,c d', 'a,b,c d', null];
    const others = ['1', '3', '0', 'b,a', 'a,a', 'a,', ',a', ',', 'a,b ', 'A', 'a, b', 'x'];
    expect(refused(membersOf(['a', 'b', 'c d']), [...fine, ...others])).toEqual(others);
  });

  it('by a column of floating numbers when it is -0, however it is written', () => {
    const fine = ['0', '0.0', '-0.5', '-.5', '-10', '-0.01e-7', '1e-0', '2024-01-05', '', null];
    const others = ['-0', '-0.0', '-0e5', '-.0', '-00', '-0E1'];
    expect(refused(noMinusZero, [...fine, ...others])).toEqual(others);
    for (const text of others) expect(refused(noMinusZero, [text])).toEqual([text]);
  });

  it('by CHAR when blanks at its end would be dropped, or when it is too long', () => {
    const fine = ['', 'a', ' a', 'a\t', 'a\n', 'a\0', '\\', 'a\u00a0', '\u3000', '😀中', null];
    const others = ['a ', ' ', '  ', '\\ ', 'ab\t', '中文\n', '\t\t\t'];
    expect(refused(textOfChar(2), [...fine, ...others])).toEqual(others);
  });

  it('by BINARY when it would be filled up', () => {
    const fine = ['abcd', 'abcde', '\\\\\\\\', Buffer.alloc(4), null];
    expect(refused(exactLength(4), [...fine, 'abc', '', Buffer.alloc(3), '\\\\'])).toEqual([
      'abc',
      '',
      Buffer.alloc(3),
      '\\\\',
    ]);
  });

  it('when it is NULL and the server would put something in its place', () => {
    expect(refused(notNull, ['', '\\N', '0', null])).toEqual([null]);
  });
});

describe('the misfits of a batch', () => {
  it('are named by the first field of a row that does not fit, and rows with too few fields are left to the server', () => {
    const blanks = textOfChar(9);
    const checks = [
      { ...notNull, field: 0 },
      { ...blanks, field: 2 },
    ];
    const rows = [['a', 'x', 'b'], [null, 'x', 'b '], ['a', 'x ', 'b '], ['a', 'x'], ['']];
    expect([...findMisfits(checks, batchOf(rows))]).toEqual([
      [1, { field: 0, reason: notNull.reason }],
      [2, { field: 2, reason: blanks.reason }],
    ]);
    expect(findMisfits([], batchOf(rows)).size).toBe(0);
  });
});
