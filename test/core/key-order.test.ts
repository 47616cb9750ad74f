import { describe, expect, it } from 'vitest';
import type { FieldType } from '../../src/core/connector/field-type.ts';
import { keyOrderOf, liesWithin } from '../../src/core/record/key-order.ts';
import type { KeyOrder } from '../../src/core/record/key-order.ts';

const orderOf = (...types: readonly FieldType[]): KeyOrder => {
  const fields = types.map((type, at) => ({ name: `k${at}`, type, optional: false }));
  const order = keyOrderOf({ fields, key: fields.map(({ name }) => name) });
  if (order === null) throw new Error('no order');
  return order;
};
const keyIn = (order: KeyOrder, ...values: readonly string[]) => {
  const key = order.read(values.map((value) => Buffer.from(value)));
  if (key === null) throw new Error(`no key: ${values.join()}`);
  return key;
};
const decimal: FieldType = { kind: 'decimal', precision: 38, scale: 10 };
const text: FieldType = { kind: 'string', length: 0 };

describe('the order of keys', () => {
  it('is by size for numbers, below zero and beyond what a double tells apart', () => {
    const order = orderOf(decimal);
    const sorted = [
      '-100',
      '-20.5',
      '-20.25',
      '-1',
      '0',
      '0.05',
      '0.5',
      '1',
      '1.5',
      '9',
      '10',
      '9007199254740992',
      '9007199254740993',
      '18446744073709551615',
    ];
    const mixed = [...sorted].reverse().map((value) => keyIn(order, value));
    mixed.sort((one, other) => order.compare(one, other));
    expect(mixed.map(({ values: [value] }) => value?.toString())).toEqual(sorted);
  });

  it('has one form of a number', () => {
    const order = orderOf(decimal);
    const id = (value: string): string => keyIn(order, value).id;
    expect(new Set(['1.5', '1.50', '01.500'].map(id)).size).toBe(1);
    expect(new Set(['0', '-0', '0.00', '000', '-0.0'].map(id)).size).toBe(1);
    expect(new Set(['10', '1', '100', '0.1', '-1'].map(id)).size).toBe(5);
    for (const none of ['', 'a', '1e5', ' 1', '-', 'NaN', '.5'])
      expect(order.read([Buffer.from(none)])).toBeNull();
  });

  it('is by bytes for text, whatever a language says', () => {
    const order = orderOf(text);
    const sorted = ['', 'A', 'B', 'a', 'aa', 'b', 'é', '中', '😀'];
    const mixed = [...sorted].reverse().map((value) => keyIn(order, value));
    mixed.sort((one, other) => order.compare(one, other));
    expect(mixed.map(({ values: [value] }) => value?.toString())).toEqual(sorted);
  });

  it('is field by field for several, and parts do not run into each other', () => {
    const order = orderOf(text, { kind: 'int64' });
    expect(order.compare(keyIn(order, 'a', '10'), keyIn(order, 'a', '9'))).toBeGreaterThan(0);
    expect(order.compare(keyIn(order, 'a', '10'), keyIn(order, 'b', '9'))).toBeLessThan(0);
    const parts = orderOf(text, text);
    expect(keyIn(parts, 'a', 'b c').id).not.toBe(keyIn(parts, 'a b', 'c').id);
    const range = { from: keyIn(order, 'a', '2'), until: keyIn(order, 'b', '2') };
    const within = (name: string, number: string) => liesWithin(order, range, keyIn(order, name, number));
    expect([
      within('a', '1'),
      within('a', '2'),
      within('a', '100'),
      within('b', '1'),
      within('b', '2'),
    ]).toEqual([false, true, true, true, false]);
  });

  it('does not exist for times, floats, json and rows without a key', () => {
    const kinds: readonly FieldType[] = [
      { kind: 'timestamp', precision: 6 },
      { kind: 'time', precision: 0 },
      { kind: 'float64' },
      { kind: 'json' },
      { kind: 'boolean' },
    ];
    for (const type of kinds)
      expect(keyOrderOf({ fields: [{ name: 'k', type, optional: false }], key: ['k'] })).toBeNull();
    expect(keyOrderOf({ fields: [], key: [] })).toBeNull();
  });
});
