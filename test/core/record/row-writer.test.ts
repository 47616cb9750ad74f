// Rows out of values of the language: what stands in the row, and what makes a row dirty.
import { expect, it } from 'vitest';
import type { RowOutput } from '../../../src/core/connector/contract.ts';
import { parseFieldType } from '../../../src/core/connector/field-type.ts';
import { createRowWriter } from '../../../src/core/record/row-writer.ts';

function write(type: string, value: unknown): string {
  const said: string[] = [];
  const out: RowOutput = {
    row: (bytes, keyEnd, end) => said.push(Buffer.from(bytes.subarray(keyEnd, end)).toString()),
    dirty: (_key, { reason }) => said.push(`dirty: ${reason}`),
    filtered: () => undefined,
    nulled: () => undefined,
    drained: () => Promise.resolve(),
  };
  const fields = [{ name: 'v', type: parseFieldType(type, 'v'), optional: false }];
  createRowWriter({ fields, key: ['v'] }, out).write([value]);
  return said.join();
}

it.each([
  ['tinyint', -128, '-128'],
  ['bigint', 9_223_372_036_854_775_807n, '9223372036854775807'],
  ['bigint', '12', '12'],
  ['double', 1.5e300, '1.5e+300'],
  ['decimal(5,2)', '-123.45', '-123.45'],
  ['boolean', true, '1'],
  ['date', '2024-02-29', '2024-02-29'],
  ['time(3)', '23:59:59.5', '23:59:59.5'],
  ['datetime(3)', '2026-01-31T10:00:00.5+08:00', '2026-01-31 02:00:00.500'],
  ['datetime(6)', new Date(0), '1970-01-01 00:00:00.000000'],
  ['string', 'a\tb\\', 'a\\tb\\\\'],
  ['bytes', Uint8Array.of(0, 10), '\\0\\n'],
  ['json', { a: [1, null] }, '{"a":[1,null]}'],
] as const)('%s takes %s', (type, value, text) => {
  expect(write(type, value)).toBe(text);
});

it.each([
  ['tinyint', 128],
  ['int', 1.5],
  ['bigint', 2 ** 53],
  ['double', Number.NaN],
  ['decimal(5,2)', '1234.5'],
  ['decimal(5,2)', 0.1],
  ['boolean', 'true'],
  ['date', '2025-02-29'],
  ['time(0)', '24:00:00'],
  ['datetime(3)', '2026-01-31T10:00:00.1234Z'],
  ['datetime(3)', new Date(Number.NaN)],
  ['varchar(2)', 'abc'],
  ['string', '\ud800'],
  ['varbinary(1)', Uint8Array.of(1, 2)],
  ['json', () => 1],
  ['string', null],
] as const)('%s refuses %s', (type, value) => {
  expect(write(type, value)).toMatch(/^dirty: (it |the field is NULL)/);
});
