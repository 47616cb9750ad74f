// The sample orders: the same for every run of the demo, and as awkward as promised.
import { describe, expect, it } from 'vitest';
import { makeOrder, orderKey, orderValue, splitKeys } from '../../../src/demo/orders/make-order.ts';
import type { OrderValue } from '../../../src/demo/orders/order-columns.ts';
import {
  cellColumns,
  encodeValue,
  orderColumns,
  orderMapping,
  plainDecimal,
  textOfBytes,
  textOfTarget,
} from '../../../src/demo/orders/order-columns.ts';
import { parseFieldMapping } from '../../../connectors/hbase/mapping/field-mapping.ts';

const many = Array.from({ length: 5_000 }, (_, index) => makeOrder(index));
const valuesOf = (name: string): (OrderValue | undefined)[] => many.map(({ values }) => values.get(name));

describe('a sample order', () => {
  it('is made of its number alone', () => {
    expect(makeOrder(4_711)).toEqual(makeOrder(4_711));
    expect([...makeOrder(4_711).values]).toMatchInlineSnapshot(`
      [
        [
          "order_id",
          9007199254750415n,
        ],
        [
          "customer",
          "周伟",
        ],
        [
          "city",
          "乌鲁木齐",
        ],
        [
          "quantity",
          455,
        ],
        [
          "weight",
          31.873620862587764,
        ],
        [
          "amount",
          "8263449.2931",
        ],
        [
          "paid",
          true,
        ],
        [
          "order_day",
          "2025-02-24",
        ],
        [
          "placed_at",
          "2025-02-24 18:33:21.133",
        ],
      ]
    `);
  });

  it('has a salted key of its own, and all eight regions get their share', () => {
    expect(new Set(many.map(({ key }) => key)).size).toBe(many.length);
    expect(many.every(({ key }) => /^[0-9a-f]{2}-\d{10}$/.test(key))).toBe(true);
    const regionOf = (key: string): number => splitKeys.filter((split) => Buffer.from(key) >= split).length;
    const counts = new Map<number, number>();
    for (const { key } of many) counts.set(regionOf(key), (counts.get(regionOf(key)) ?? 0) + 1);
    expect(counts.size).toBe(8);
    expect(Math.min(...counts.values())).toBeGreaterThan(many.length / 16);
  });

  it('holds longs that no double holds, the smallest and the largest among them', () => {
    const ids = valuesOf('order_id').map((value) => BigInt(value ?? 0));
    expect(ids.slice(0, 2)).toEqual([2n ** 63n - 1n, -(2n ** 63n)]);
    expect(ids.filter((id) => BigInt(Number(id)) !== id).length).toBeGreaterThan(500);
  });

  it('lacks cells, and has text with tabs, line ends, backslashes and Chinese', () => {
    for (const name of ['coupon', 'remark'])
      expect(valuesOf(name).filter((value) => value === undefined).length).toBeGreaterThan(1_000);
    const remarks = valuesOf('remark').join('|');
    for (const part of ['\t', '\n', '\r', '\\N', '谢谢', '🧧', "'"]) expect(remarks).toContain(part);
  });

  it('differs from version to version in every column that is changed', () => {
    for (const column of cellColumns) {
      if (['order_id', 'order_day', 'placed_at'].includes(column.name)) continue;
      const versions = Array.from({ length: 40 }, (_, version) => orderValue(column, 17, version + 1));
      expect(new Set(versions).size).toBeGreaterThan(1);
    }
  });

  it('is read back from its bytes as the text that the target is to have', () => {
    for (const { values } of many.slice(0, 500))
      for (const { name, kind } of cellColumns) {
        const value = values.get(name);
        if (value === undefined) continue;
        const wanted = kind === 'boolean' ? (value === true ? '1' : '0') : String(value);
        const text = textOfBytes(kind, encodeValue(kind, value));
        expect(text).toBe(kind === 'decimal' ? plainDecimal(wanted) : wanted);
        expect(textOfTarget(kind, text)).toBe(text);
      }
  });
});

describe('the sample mapping', () => {
  it('is one that the HBase source takes, with the row key as the only key', () => {
    const parsed = parseFieldMapping({ text: orderMapping(), keyName: 'rowkey', defaultEncoding: 'text' });
    expect(parsed).not.toHaveProperty('problems');
    expect('mapping' in parsed && parsed.mapping.schema.key).toEqual(['order_key']);
    expect('mapping' in parsed && parsed.mapping.fields.map((field) => field.target)).toEqual(
      orderColumns.map((column) => column.name),
    );
  });
});

describe('the canonical text', () => {
  it('of a decimal has no zeros that mean nothing', () => {
    const cases = { '012.500': '12.5', '-0.0': '0', '.5': '0.5', '7.': '7', '-1.10': '-1.1', '100': '100' };
    for (const [text, plain] of Object.entries(cases)) expect(plainDecimal(text)).toBe(plain);
  });

  it('of NULL is null, and of a double what JavaScript writes', () => {
    expect(textOfTarget('text', null)).toBeNull();
    expect(textOfTarget('double', '1.0E+2')).toBe('100');
    expect(textOfTarget('long', 9_007_199_254_740_993n)).toBe('9007199254740993');
  });
});

describe('the row key', () => {
  it('spreads neighbours', () => {
    expect(new Set([1, 2, 3, 4].map((index) => orderKey(index).slice(0, 2))).size).toBeGreaterThan(2);
  });
});
