// Values at the ends of what a type can hold: given exactly, or refused; never another value.
import { describe, expect, it } from 'vitest';
import { convert, hex } from '../convert-value.ts';

function int64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(value);
  return bytes;
}

describe('a value at the end of its type', () => {
  it.each([
    ['tinyint', -(2n ** 7n), 2n ** 7n - 1n],
    ['smallint', -(2n ** 15n), 2n ** 15n - 1n],
    ['int', -(2n ** 31n), 2n ** 31n - 1n],
    ['bigint', -(2n ** 63n), 2n ** 63n - 1n],
  ] as const)('%s: the least and the greatest are given, the next ones refused', (type, least, greatest) => {
    for (const value of [least, greatest]) {
      expect(convert('text', type, String(value))).toBe(String(value));
      expect(convert('int64', type, int64(value))).toBe(String(value));
    }
    for (const value of [least - 1n, greatest + 1n]) {
      expect(convert('text', type, String(value))).toMatch(/^! /);
      if (type !== 'bigint') expect(convert('int64', type, int64(value))).toMatch(/^! /);
    }
  });

  it('times of years that a date cannot say are refused, those at the ends are exact', () => {
    const at = (text: string): Buffer => int64(BigInt(Date.parse(text)));
    for (const [bytes, expected] of [
      [at('9999-12-31T23:59:59.999Z'), '9999-12-31 23:59:59.999'],
      [at('0001-01-01T00:00:00.000Z'), '0001-01-01 00:00:00.000'],
      [int64(-1n), '1969-12-31 23:59:59.999'],
      [int64(0n), '1970-01-01 00:00:00.000'],
    ] as const)
      expect(convert('epoch-ms', 'datetime(3)', bytes)).toBe(expected);
    for (const bytes of [
      at('+010000-01-01T00:00:00.000Z'),
      at('-000001-12-31T23:59:59.999Z'),
      int64(2n ** 63n - 1n),
      int64(-(2n ** 63n)),
    ])
      expect(convert('epoch-ms', 'datetime(3)', bytes)).toMatch(/^! /);
  });

  it('days that no month has are refused', () => {
    for (const text of [
      '2023-02-29',
      '2024-02-30',
      '1900-02-29',
      '2024-04-31',
      '2024-00-10',
      '2024-13-01',
      '10000-01-01',
    ])
      expect(convert('text', 'date', text)).toMatch(/^! /);
    for (const text of ['2024-02-29', '2000-02-29', '9999-12-31'])
      expect(convert('text', 'date', text)).toBe(text);
    for (const text of ['2024-02-29 24:00:00', '2024-02-29 23:60:00'])
      expect(convert('text', 'datetime(0)', text)).toMatch(/^! /);
  });

  it('decimals beyond their digits, and numbers that are none, are refused', () => {
    expect(convert('text', 'decimal(5,2)', '999.99')).toBe('999.99');
    expect(convert('text', 'decimal(5,2)', '-999.99')).toBe('-999.99');
    for (const text of ['1000.00', '999.999', '1e400', 'NaN', '', ' ', '1,5', '0x10'])
      expect(convert('text', 'decimal(5,2)', text)).toMatch(/^! /);
  });

  it('bytes that are no text in their charset are refused', () => {
    for (const bytes of ['ff', 'c080', 'eda080', 'f4908080', 'e4b8'])
      expect(convert('text', 'string', hex(bytes))).toMatch(/^! /);
    expect(convert('text', 'string', hex('f48fbfbf'))).toBe('\u{10ffff}');
  });
});
