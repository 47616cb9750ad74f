// Rows of a batch as bytes of puts and deletes: a key stands in a wave once, and a refused row leaves nothing behind.
import { expect, it } from 'vitest';
import { decodeCells } from '../../../../connectors/hbase/client/wire/cell-block.ts';
import { readSinkConfig } from '../../../../connectors/hbase/sink/sink-config.ts';
import { planSink } from '../../../../connectors/hbase/sink/sink-plan.ts';
import { encodeRemovals, encodeRows } from '../../../../connectors/hbase/sink/sink-rows.ts';
import type { EncodedRows } from '../../../../connectors/hbase/sink/sink-rows.ts';
import { batchOf, fieldOf } from '../../../conformance/sink-bed.ts';

const schema = {
  fields: [
    fieldOf('a', { kind: 'string', length: 0 }, false),
    fieldOf('n', { kind: 'int32' }),
    fieldOf('b', { kind: 'string', length: 0 }, false),
  ],
  key: ['a', 'b'],
};

function setup(more: Record<string, string> = {}) {
  const config = readSinkConfig({ 'hbase.masters': 'h:1', 'table.name.format': 't', ...more });
  return { config, plan: planSink(config, schema) };
}

/** By wave: `row family:qualifier type = value`. */
function shown({ block, waves }: EncodedRows): string[][] {
  return waves.map(({ from, to }) =>
    decodeCells(block.out.bytes, block.startOf(from), block.startOf(to)).map(
      ({ row, family, qualifier, type, value }) =>
        `${text(row)} ${text(family)}:${text(qualifier)} ${type} = ${text(value)}`,
    ),
  );
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

it('a key that comes again begins a wave, whatever stands between', () => {
  const { config, plan } = setup({ 'hbase.null.values': 'skip' });
  const keys = Array.from({ length: 3_000 }, (_, index) => String(index % 1_999));
  const { waves } = encodeRows(config, plan, batchOf(keys.map((key) => [key, null, 'x'])));
  expect(waves).toEqual([
    { from: 0, to: 1_999 },
    { from: 1_999, to: 3_000 },
  ]);
  const twice = encodeRows(config, plan, batchOf(['k', 'k', 'k'].map((key) => [key, null, 'x'])));
  expect(twice.waves.map(({ from, to }) => to - from)).toEqual([1, 1, 1]);
});

it('escaped bytes, NULL and nothing at all are told apart', () => {
  const { config, plan } = setup();
  const rows = encodeRows(
    config,
    plan,
    batchOf([
      ['a\t\\', null, 'b\nN'],
      ['\\N', '7', ''],
    ]),
  );
  expect(rows.refused).toEqual([]);
  expect(shown(rows)).toEqual([
    [
      'a\t\\|b\nN f:a put = a\t\\',
      'a\t\\|b\nN f:b put = b\nN',
      'a\t\\|b\nN f:n deleteColumn = ',
      '\\N| f:a put = \\N',
      '\\N| f:n put = 7',
      '\\N| f:b put = ',
    ],
  ]);
});

it('a refused row leaves nothing behind, and the others are there', () => {
  const { config, plan } = setup({ 'hbase.null.values': 'empty' });
  const rows = encodeRows(
    config,
    plan,
    batchOf([
      ['1', 'x', 'x'],
      ['2', '2', 'x'],
      ['3|', '3', 'x'],
      [null, '4', 'x'],
      ['5', '5', null],
      ['6', null, 'x'],
    ]),
  );
  expect(rows.refused.map(({ index, field }) => [index, field])).toEqual([
    [0, 'n'],
    [2, 'a'],
    [3, 'a'],
    [4, 'b'],
  ]);
  expect(shown(rows)).toEqual([
    [
      '2|x f:a put = 2',
      '2|x f:n put = 2',
      '2|x f:b put = x',
      '6|x f:a put = 6',
      '6|x f:n put = ',
      '6|x f:b put = x',
    ],
  ]);
});

it('a row is removed from all families, under its salted key', () => {
  const { plan, config } = setup({ 'hbase.salt.buckets': '16' });
  const batch = batchOf([
    ['1', null, 'x'],
    ['1', null, null],
  ]);
  const removed = shown(encodeRemovals(plan, ['f', 'g'], batch)).flat();
  const [written] = shown(encodeRows(config, plan, batchOf([['1', null, 'x']]))).flat();
  const key = written?.split(' ')[0] ?? '';
  expect(key).toMatch(/^0[0-9a-f]1\|x$/);
  expect(removed).toEqual([`${key} f: deleteFamily = `, `${key} g: deleteFamily = `]);
});

it('parts of a key that could be taken apart in two ways are refused', () => {
  const { config, plan } = setup({ 'hbase.row.key.delimiter': '||' });
  const rows = encodeRows(
    config,
    plan,
    batchOf([
      ['a|', '1', 'b'],
      ['a', '1', '|b'],
      ['a||', '1', 'b'],
      ['|', '1', '|'],
      ['', '1', '||'],
    ]),
  );
  expect(rows.refused.map(({ index, field }) => [index, field])).toEqual([
    [0, 'a'],
    [2, 'a'],
    [3, 'a'],
  ]);
});

it('the delimiter takes bytes as other keys do, and nothing else behind a backslash', () => {
  const { config, plan } = setup({ 'hbase.row.key.delimiter': '\\x00\\x5c' });
  const [put] = shown(encodeRows(config, plan, batchOf([['a', '1', 'b']]))).flat();
  expect(put).toMatch(/^a\0\\b /);
  expect(() => setup({ 'hbase.row.key.delimiter': '\\0' })).toThrow('write bytes as \\xHH');
});
