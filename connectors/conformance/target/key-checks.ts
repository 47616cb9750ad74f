// Keys of a table: which ones rows are told apart by, and what a second one does to them.
import assert from 'node:assert/strict';
import { ExchangeFailed, writeBatch } from '../../../src/worker/sink/rows/write-batch.ts';
import { assertHas } from '../assert-has.ts';
import { batchOf, openRun } from './run-tools.ts';
import { includes, make, refusalOf, textOf } from './table-tools.ts';
import { newTableName, type SqlTargetCheck } from './target-bed.ts';
import { writeBatches } from './value-checks.ts';

export const keysChecks: readonly SqlTargetCheck[] = [
  {
    name: 'a key that takes different texts for one is refused, unless the user accepts that runs are not proved',
    act: async (bed) => {
      const table = newTableName();
      await make(bed, table, `id ${bed.foldingKey} PRIMARY KEY, value ${textOf(bed)}`);
      const error = await refusalOf(bed, table);
      assert.equal(error.code, 'KEYS_MAY_MERGE');
      includes(error.message, 'key column id');
      const config = bed.configOf(table, { 'keys.may.merge': 'true' });
      const { prepared, store } = await openRun(bed, config);
      await store.close();
      assertHas(prepared.doubts, [{ en: /key column id/ }]);
    },
  },

  {
    name: 'a key that the table does not have is refused, naming the one it has',
    act: async (bed) => {
      const table = newTableName();
      const key = bed.exactKey;
      await make(bed, table, `id ${key}, value ${key}, PRIMARY KEY (id, value)`);
      const error = await refusalOf(bed, table);
      assertHas(error, { code: 'TARGET_SCHEMA', field: 'pk.fields' });
      includes(error.message, '(that is id, value)');
    },
  },

  {
    name: 'a unique key that is not the primary key will do',
    act: async (bed) => {
      const table = newTableName();
      const key = bed.exactKey;
      await make(bed, table, `id ${key}, value ${textOf(bed)}, UNIQUE (id)`);
      const rows = [
        ['a', '1'],
        ['b', '2'],
        ['a', '3'],
      ];
      assert.deepEqual(await writeBatches(bed, table, [rows]), []);
      assert.deepEqual(await bed.readRows(table, ['id', 'value']), [
        ['a', '3'],
        ['b', '2'],
      ]);
    },
  },
];

export const otherKeysChecks: readonly SqlTargetCheck[] = [
  {
    name: 'values of a second unique key that move down a chain, or that rows exchange, are written',
    act: async (bed) => {
      const table = newTableName();
      const key = bed.exactKey;
      await make(bed, table, `id ${key} PRIMARY KEY, value ${textOf(bed)} UNIQUE`);
      const { store, prepared } = await openRun(bed, bed.configOf(table));
      const staying = new Set<string>();
      const how = { place: { key: prepared.key, fields: 2 }, mayExchange: prepared.replaceable, staying };
      const write = (...rows: [string, string][]) =>
        store.transaction((tx) => writeBatch(tx, batchOf(rows), how));
      const rows = () => bed.readRows(table, ['id', 'value']);
      const start: [string, string][] = [
        ['a', '1'],
        ['b', '2'],
        ['c', '3'],
      ];
      assert.deepEqual(await write(...start), []);
      assert.deepEqual(await write(['a', '2'], ['b', '3'], ['c', '4']), []);
      assert.deepEqual(await rows(), [
        ['a', '2'],
        ['b', '3'],
        ['c', '4'],
      ]);
      assert.deepEqual(await write(['a', '3'], ['b', '2']), []);
      assert.deepEqual(await rows(), [
        ['a', '3'],
        ['b', '2'],
        ['c', '4'],
      ]);
      // One of them wants what a third row keeps: nothing is removed for it.
      await assert.rejects(write(['a', '2'], ['b', '4']), ExchangeFailed);
      assert.deepEqual(await rows(), [
        ['a', '3'],
        ['b', '2'],
        ['c', '4'],
      ]);
      await store.close();
    },
  },

  {
    name: 'a row that meets another one in a second unique key is refused, and the other one stays as it is',
    act: async (bed) => {
      const table = newTableName();
      const key = bed.exactKey;
      await make(bed, table, `id ${key} PRIMARY KEY, value ${textOf(bed)} UNIQUE`);
      const first = [
        ['a', 'x'],
        ['b', 'y'],
        ['n', null],
      ];
      assert.deepEqual(await writeBatches(bed, table, [first]), []);
      // c is new and wants a's value; b exists and wants it too; d is fine; a takes a new one.
      const second = [
        ['c', 'x'],
        ['b', 'x'],
        ['d', 'z'],
        ['m', null],
      ];
      const refused = await writeBatches(bed, table, [second]);
      assert.deepEqual(
        refused.map(({ index, key: of }) => [index, of]),
        [
          [0, 'c'],
          [1, 'b'],
        ],
      );
      assert.deepEqual(await bed.readRows(table, ['id', 'value']), [
        ['a', 'x'],
        ['b', 'y'],
        ['d', 'z'],
        ['m', null],
        ['n', null],
      ]);
    },
  },

  {
    name: 'pk.mode=none inserts rows without a key, and their run is not proved',
    act: async (bed) => {
      const table = newTableName();
      const config = { 'pk.mode': 'none', 'insert.mode': 'insert' };
      const same = [
        ['a', '1'],
        ['a', '1'],
      ];
      assert.deepEqual(await writeBatches(bed, table, [same], { config }), []);
      assert.deepEqual(await bed.readRows(table, ['id', 'value']), same);
      const { prepared, store } = await openRun(bed, bed.configOf(newTableName(), config));
      await store.close();
      assertHas(prepared.doubts, [{ en: /no key \(pk\.mode=none\)/ }]);
    },
  },
];
