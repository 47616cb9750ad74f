// Rows that a target refuses are found and described, and all others are written; insert.mode.
import assert from 'node:assert/strict';
import type { RowSchema } from '../../../src/core/connector/field-type.ts';
import { assertHas } from '../assert-has.ts';
import { fieldOf } from './run-tools.ts';
import { newTableName, type SqlTargetCheck, type TargetCheck } from './target-bed.ts';
import { writeBatches, type Values } from './value-checks.ts';

export const refusalsChecks: readonly TargetCheck[] = [
  {
    name: 'one bad row in a hundred is found, described, and all others are written',
    act: async (bed) => {
      const table = newTableName();
      const schema: RowSchema = {
        fields: [
          fieldOf('id', { kind: 'string', length: 16 }, false),
          fieldOf('n', { kind: 'int32' }),
          fieldOf('born', { kind: 'date' }),
          fieldOf('name', { kind: 'string', length: 5 }, false),
        ],
        key: ['id'],
      };
      const bad: Record<number, Values> = {
        0: ['r0', 'abc', null, 'x'],
        99: ['r99', '2147483648', null, 'x'],
        100: ['r100', '1', '2023-02-29', 'x'],
        101: ['r101', '1', '2023-02-28', 'too long'],
        555: ['r555', '1', '2023-02-28', null],
        777: [null, '1', '2023-02-28', 'x'],
        778: ['r778', '', null, 'x'],
        999: ['r\tü', '1.5.6', null, 'x'],
      };
      const rows = Array.from(
        { length: 1000 },
        (_, at): Values => bad[at] ?? [`r${at}`, String(at), '2020-01-01', '五个汉字😀'],
      );
      const refused = await writeBatches(bed, table, [rows], { schema });
      assert.deepEqual(
        refused.map(({ index, key, field }) => [index, key, field]),
        [
          [0, 'r0', 'n'],
          [99, 'r99', 'n'],
          [100, 'r100', 'born'],
          [101, 'r101', 'name'],
          [555, 'r555', 'name'],
          [777, 'NULL', 'id'],
          [778, 'r778', 'n'],
          [999, 'r\\x09\\xC3\\xBC', 'n'],
        ],
      );
      for (const row of refused) {
        assert.notEqual(row.reason, '');
        assert.doesNotMatch(row.reason, /at row \d/);
      }
      assert.equal(refused[0]?.bytesHex, '616263');
      const found = await bed.readRows(table, ['id', 'n', 'name']);
      assert.equal(found.length, 992);
      assert.deepEqual(
        found.find(([id]) => id === 'r998'),
        ['r998', '998', '五个汉字😀'],
      );
    },
  },

  {
    name: 'a row with too few or too many fields is refused',
    act: async (bed) => {
      const table = newTableName();
      const rows: Values[] = [['a', 'x'], ['b'], ['c', 'x', 'y'], ['d', 'x']];
      const refused = await writeBatches(bed, table, [rows]);
      assert.deepEqual(
        refused.map(({ index, key }) => [index, key]),
        [
          [1, 'b'],
          [2, 'c'],
        ],
      );
      assert.deepEqual(await bed.readRows(table, ['id']), [['a'], ['d']]);
    },
  },

  {
    name: 'a batch of bad rows only writes nothing, and an empty one is nothing',
    act: async (bed) => {
      const table = newTableName();
      const rows = Array.from({ length: 20 }, (_, at): Values => [`r${at}`, 'much too long']);
      assert.equal((await writeBatches(bed, table, [rows])).length, 20);
      assert.deepEqual(await writeBatches(bed, table, [[]]), []);
      assert.deepEqual(await bed.readRows(table, ['id']), []);
    },
  },

  {
    name: 'of rows with the same key in one batch the last one stays',
    act: async (bed) => {
      const table = newTableName();
      const rows = Array.from({ length: 50 }, (_, at): Values => [`k${at % 3}`, String(at)]);
      assert.deepEqual(await writeBatches(bed, table, [rows]), []);
      const wanted = [
        ['k0', '48'],
        ['k1', '49'],
        ['k2', '47'],
      ];
      assert.deepEqual(await bed.readRows(table, ['id', 'value']), wanted);
      assert.equal((await writeBatches(bed, table, [[...rows, ['z', 'much too long']]])).length, 1);
      assert.deepEqual(await bed.readRows(table, ['id', 'value']), wanted);
    },
  },
];

export const insertModesChecks: readonly SqlTargetCheck[] = [
  {
    name: 'insert refuses a row that exists, in the target or in the batch, and leaves the one that is there',
    act: async (bed) => {
      const table = newTableName();
      const config = { 'insert.mode': 'insert' };
      const rows: Values[] = [
        ['a', '1'],
        ['b', '1'],
        ['b', '2'],
      ];
      assertHas(await writeBatches(bed, table, [rows], { config }), [{ index: 2, key: 'b' }]);
      const again: Values[] = [
        ['c', '3'],
        ['a', '3'],
      ];
      assertHas(await writeBatches(bed, table, [again], { config }), [{ index: 1, key: 'a' }]);
      assert.deepEqual(await bed.readRows(table, ['id', 'value']), [
        ['a', '1'],
        ['b', '1'],
        ['c', '3'],
      ]);
    },
  },

  {
    name: 'update changes rows that exist and refuses those that do not',
    act: async (bed) => {
      const table = newTableName();
      await writeBatches(bed, table, [[['a', '1']]]);
      const rows: Values[] = [
        ['a', '2'],
        ['b', '2'],
        ['a', '2'],
        ['a', 'much too long'],
      ];
      const refused = await writeBatches(bed, table, [rows], { config: { 'insert.mode': 'update' } });
      assertHas(refused, [
        { index: 1, key: 'b', reason: 'no row of the target has this key' },
        { index: 3, key: 'a', field: 'value' },
      ]);
      assert.deepEqual(await bed.readRows(table, ['id', 'value']), [['a', '2']]);
    },
  },
];
