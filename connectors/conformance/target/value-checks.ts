// Every value arrives as it was sent, whatever it is made of.
import assert from 'node:assert/strict';
import type { ConnectorConfig } from '../../../src/core/connector/config-def.ts';
import type { RowSchema } from '../../../src/core/connector/field-type.ts';
import type { RefusedRow } from '../../../src/core/connector/sink-store.ts';
import { batchOf, fieldOf, openRun, pairs, pairsOf } from './run-tools.ts';
import { newTableName, type SqlTargetCheck, type TargetBed, type TargetCheck } from './target-bed.ts';
import { assertHas } from '../assert-has.ts';

export type Values = readonly (string | Uint8Array | null)[];

/** Writes batches one after the other in transactions of their own; gives the refusals of the last. */
export async function writeBatches(
  bed: TargetBed,
  table: string,
  batches: readonly (readonly Values[])[],
  options: { schema?: RowSchema; config?: ConnectorConfig } = {},
): Promise<readonly RefusedRow[]> {
  const config = bed.configOf(table, options.config);
  const { store } = await openRun(bed, config, options.schema ?? pairs);
  try {
    let refused: readonly RefusedRow[] = [];
    for (const rows of batches) refused = await store.transaction((tx) => tx.writeRows(batchOf(rows)));
    return refused;
  } finally {
    await store.close();
  }
}

export const textChecks: readonly TargetCheck[] = [
  {
    name: 'text arrives byte for byte: emoji, Chinese, tabs, line ends, backslashes, NUL, and `\\N` is not NULL',
    act: async (bed) => {
      const table = newTableName();
      const rows: Values[] = [
        ['a', '中文😀é'],
        ['b', 'a\tb\nc\rd'],
        ['c', '\\ \\t \\'],
        ['d', bed.storesNul === false ? '\\0' : 'x\0y'],
        ['e', '\\N'],
        ['f', null],
        ['g', ''],
        ['h', ' a '],
        ['i', `'"\`;--`],
        ['j', '\u001a\u0008'],
      ];
      assert.deepEqual(await writeBatches(bed, table, [rows]), []);
      assert.deepEqual(await bed.readRows(table, ['id', 'value']), rows);
      // And once more over the same keys, with one bad row, so that the general path writes them.
      const bad = [...rows, ['z', 'too long by far']];
      assert.equal((await writeBatches(bed, table, [[['b', 'old']], bad])).length, 1);
      assert.deepEqual(await bed.readRows(table, ['id', 'value']), rows);
    },
  },

  {
    name: 'keys that differ in case, accent or a blank at the end are rows of their own',
    act: async (bed) => {
      const table = newTableName();
      const keys = ['KEY1', 'key1', 'key1 ', 'kéy1', 'ķey1'].sort();
      await writeBatches(bed, table, [keys.map((key) => [key, 'x']), keys.map((key) => [key, 'y'])]);
      const found = await bed.readRows(table, ['id', 'value']);
      assert.deepEqual(found.map(([id]) => id).sort(), keys);
      assert.equal(
        found.every(([, value]) => value === 'y'),
        true,
      );
    },
  },

  {
    name: 'text that is not utf-8 is refused, not turned into something else',
    act: async (bed) => {
      const table = newTableName();
      const rows: Values[] = [
        ['a', 'ok'],
        ['b', Buffer.from([0x61, 0xff, 0xfe])],
        ['c', Buffer.from([0xed, 0xa0, 0x80])],
        ['d', Buffer.from([0xf0, 0x9f, 0x98])],
        ['e', 'ok'],
      ];
      const refused = await writeBatches(bed, table, [rows]);
      assert.deepEqual(
        refused.map(({ index, key, field, bytesHex }) => [index, key, field, bytesHex]),
        [
          [1, 'b', 'value', '61fffe'],
          [2, 'c', 'value', 'eda080'],
          [3, 'd', 'value', 'f09f98'],
        ],
      );
      assert.deepEqual(await bed.readRows(table, ['id', 'value']), [
        ['a', 'ok'],
        ['e', 'ok'],
      ]);
    },
  },

  {
    name: 'bytes arrive as they are, whatever they are',
    act: async (bed) => {
      const table = newTableName();
      const schema: RowSchema = {
        fields: [fieldOf('id', { kind: 'int32' }, false), fieldOf('b', { kind: 'bytes', length: 0 })],
        key: ['id'],
      };
      const all = Buffer.from(Array.from({ length: 256 }, (_, at) => at));
      const rows: Values[] = [
        ['1', all],
        ['2', Buffer.alloc(0)],
        ['3', null],
        ['4', Buffer.from([0x5c, 0x4e])],
      ];
      const wanted = [
        ['1', all.toString('hex').toUpperCase()],
        ['2', ''],
        ['3', null],
        ['4', '5C4E'],
      ];
      assert.deepEqual(await writeBatches(bed, table, [rows], { schema }), []);
      const read = (): Promise<unknown> => bed.readRows(table, ['id', 'b'], ['b']);
      assert.deepEqual(await read(), wanted);
      // The general path too: a row with a bad key goes with them.
      assert.equal((await writeBatches(bed, table, [[...rows, ['x', all]]], { schema })).length, 1);
      assert.deepEqual(await read(), wanted);
    },
  },

  {
    name: 'any pair of characters that could mean something on the way arrives as it was sent, by every path',
    act: async (bed) => {
      const schema = pairsOf({ kind: 'string', length: 0 });
      const rows = meaningfulPairs(bed.storesNul ?? true).map((text, at): Values => [
        String(at).padStart(4, '0'),
        text,
      ]);
      const fast = newTableName();
      assert.deepEqual(await writeBatches(bed, fast, [rows], { schema }), []);
      assert.deepEqual(await bed.readRows(fast, ['id', 'value']), rows);
      const general = newTableName();
      const bad: Values = ['bad', Buffer.from([0xff])];
      assert.equal((await writeBatches(bed, general, [[...rows, bad]], { schema })).length, 1);
      assert.deepEqual(await bed.readRows(general, ['id', 'value']), rows);
    },
  },
];

function meaningfulPairs(storesNul: boolean): readonly string[] {
  const chars = Array.from('\t\n\r\\\0Ntn0\'", é中😀\u2028').filter((char) => storesNul || char !== '\0');
  return chars.flatMap((first) => ['', ...chars].map((second) => first + second));
}

export const namesChecks: readonly SqlTargetCheck[] = [
  {
    name: 'fields and columns may be called anything a name may be',
    act: async (bed) => {
      const table = `${newTableName()} 订单-"x`.replace('"', '');
      const schema: RowSchema = {
        fields: [
          fieldOf('select', { kind: 'string', length: 9 }, false),
          fieldOf('a b', { kind: 'int32' }),
          fieldOf('名字', { kind: 'int32' }),
          fieldOf('x.y(?)%', { kind: 'int32' }),
        ],
        key: ['select'],
      };
      assert.deepEqual(await writeBatches(bed, table, [[['k', '1', '2', '3']]], { schema }), []);
      const columns = schema.fields.map(({ name }) => name);
      assert.deepEqual(await bed.readRows(table, columns), [['k', '1', '2', '3']]);
    },
  },
];

const numbers: RowSchema = {
  fields: [
    fieldOf('id', { kind: 'int64' }, false),
    fieldOf('small', { kind: 'int8' }),
    fieldOf('money', { kind: 'decimal', precision: 38, scale: 10 }),
    fieldOf('yes', { kind: 'boolean' }),
    fieldOf('born', { kind: 'date' }),
    fieldOf('at', { kind: 'timestamp', precision: 6 }),
    fieldOf('wakes', { kind: 'time', precision: 0 }),
    fieldOf('doc', { kind: 'json' }),
  ],
  key: ['id'],
};
const numberRows: Values[] = [
  [
    '-9223372036854775808',
    '-128',
    '-9999999999999999999999999999.9999999999',
    '1',
    '1000-01-01',
    '1000-01-01 00:00:00.000000',
    '00:00:00',
    '{}',
  ],
  ['0', '0', '0.0000000000', '0', '2024-02-29', '2024-03-31 02:30:00.123456', '23:59:59', '{"a": "中\\\\n"}'],
  [
    '9223372036854775807',
    '127',
    '9999999999999999999999999999.9999999999',
    '1',
    '9999-12-31',
    '9999-12-31 23:59:59.999999',
    '12:00:01',
    '[1, null]',
  ],
];
const numberColumns = numbers.fields.map((field) => field.name);

export const numberChecks: readonly TargetCheck[] = [
  {
    name: '64-bit integers, decimals, dates and times arrive digit for digit',
    act: async (bed) => {
      const table = newTableName();
      assert.deepEqual(await writeBatches(bed, table, [numberRows], { schema: numbers }), []);
      assert.deepEqual(await bed.readRows(table, numberColumns), numberRows);
      const bad = [...numberRows, ['1', '128', ...(numberRows[1]?.slice(2) ?? [])]];
      const [refused] = await writeBatches(bed, table, [bad], { schema: numbers });
      assertHas(refused, { index: 3, key: '1', field: 'small', bytesHex: '313238' });
      assert.deepEqual(await bed.readRows(table, numberColumns), numberRows);
    },
  },

  {
    name: 'doubles read back equal',
    act: async (bed) => {
      const table = newTableName();
      const doubles: RowSchema = {
        fields: [fieldOf('id', { kind: 'int32' }, false), fieldOf('d', { kind: 'float64' })],
        key: ['id'],
      };
      const values = [
        0.1,
        1 / 3,
        5e-324,
        1.7976931348623157e308,
        -2.2250738585072014e-308,
        123456789.12345678,
        9007199254740993,
        -0.5,
      ];
      const texts = values.map((value, at): Values => [String(at), String(value)]);
      assert.deepEqual(await writeBatches(bed, table, [texts], { schema: doubles }), []);
      const bad: Values[] = [...texts, ['8', 'NaN'], ['9', 'Infinity'], ['10', '1e400'], ['11', '']];
      const refused = await writeBatches(bed, table, [bad], { schema: doubles });
      assert.deepEqual(
        refused.map((row) => row.key),
        ['8', '9', '10', '11'],
      );
      const found = await bed.readRows(table, ['id', 'd']);
      assert.deepEqual(
        found.map(([, d]) => Number(d)),
        values,
      );
    },
  },
];
