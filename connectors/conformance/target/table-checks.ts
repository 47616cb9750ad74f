// Which tables are fit, which are made, and which are refused with what to do.
import assert from 'node:assert/strict';
import type { RowSchema } from '../../../src/core/connector/field-type.ts';
import { assertHas } from '../assert-has.ts';
import { batchOf, fieldOf, openRun, pairs, pairsOf } from './run-tools.ts';
import { includes, make, refusalOf, textOf, wholeOf } from './table-tools.ts';
import { newTableName, type SqlTargetCheck, type TargetCheck } from './target-bed.ts';
import { withUnitRun } from './unit-run.ts';
import { writeBatches } from './value-checks.ts';

/** Of targets whose keys say which columns rows are found by, and whether their table is made. */
export const makingChecks: readonly TargetCheck[] = [
  {
    name: 'a missing table is made with auto.create, and asked for without',
    act: async (bed) => {
      const table = newTableName();
      const error = await refusalOf(bed, table, { config: { 'auto.create': 'false' } });
      assert.equal(error.code, 'TARGET_SCHEMA');
      includes(error.message, table);
      includes(error.message, 'auto.create');
      const { prepared, store } = await openRun(bed, bed.configOf(table));
      assert.deepEqual(prepared.doubts, []);
      assert.deepEqual((await store.prepareTable(pairs)).doubts, []);
      await store.close();
    },
  },
];

export const marksChecks: readonly SqlTargetCheck[] = [
  {
    name: 'a table is known again until somebody alters it, or drops it and makes it anew',
    act: async (bed) => {
      const table = newTableName();
      const { store } = await openRun(bed, bed.configOf(table));
      const mark = async () => {
        await store.prepareTable(pairs);
        return store.transaction(async (tx) => tx.markTable?.());
      };
      const rowsOf = (...keys: string[]) => batchOf(keys.map((key) => [key, 'x']));
      await store.transaction((tx) => tx.writeRows(rowsOf('a', 'b')));
      const made = await mark();
      // Nobody has to tell tables apart.
      if (made === undefined) return store.close();
      await store.transaction((tx) => tx.writeRows(rowsOf('c')));
      await make(bed, `${table}_other`, `id ${wholeOf(bed)}`);
      assert.equal(await mark(), made);
      await bed.execute(`DROP TABLE ${table}`);
      await bed.execute(`DROP TABLE ${table}_other`);
      const anew = await mark();
      assert.notEqual(anew, made);
      await bed.execute(`ALTER TABLE ${table} ADD COLUMN more ${wholeOf(bed)}`);
      assert.notEqual(await mark(), anew);
      await store.close();
    },
  },
];

export const alteredChecks: readonly SqlTargetCheck[] = [
  {
    name: 'a table that is altered between the look at it and the plan leaves the run in doubt',
    act: (bed) =>
      withUnitRun(bed, async (run) => {
        // Nobody has to tell tables apart.
        if (run.prepared.mark === undefined) return;
        await bed.execute(`ALTER TABLE ${run.table} ADD COLUMN more ${wholeOf(bed)}`);
        await run.begin();
        await run.rows({ a: '1' });
        await run.end();
        includes((await run.doubts()).join(), 'altered or made anew');
      }),
  },
];

const more = fieldOf('more', { kind: 'int32' });

export const evolvedChecks: readonly SqlTargetCheck[] = [
  {
    name: 'columns that auto.evolve adds are nobody else’s doing: rows not read since are in doubt until a full run, and for nothing else',
    act: (bed) =>
      withUnitRun(bed, async (run) => {
        await run.begin();
        await run.rows({ a: '1', b: '1' });
        await run.end();
        await run.evolve(more);
        // Its task is killed here, and the next one finds the columns made.
        await run.evolve(more);
        await run.begin();
        await run.rows({ a: '2' });
        await run.end();
        const [doubt = '', ...others] = await run.doubts();
        assert.deepEqual(others, []);
        includes(doubt, 'more came with later rows');
        await run.next();
        await run.begin();
        await run.rows({ c: '1' });
        await run.end();
        assert.deepEqual(await run.doubts(), [doubt]);
      }),
  },

  {
    name: 'what somebody else did to rows and table before columns were added is noticed all the same',
    act: (bed) =>
      withUnitRun(bed, async (run) => {
        await run.begin();
        await run.rows({ a: '1', b: '1' });
        await run.end();
        await run.put({ b: '0' });
        const marks = run.prepared.mark !== undefined;
        if (marks) await bed.execute(`ALTER TABLE ${run.table} ADD COLUMN own ${wholeOf(bed)}`);
        await run.evolve(more);
        await run.begin();
        await run.end();
        const said = (await run.doubts()).join();
        includes(said, 'holds other values than it left (first keys: b)');
        if (marks) includes(said, 'altered or made anew');
      }),
  },
];

export const sourceKeysChecks: readonly TargetCheck[] = [
  {
    name: 'a key that is not the one the source tells its rows apart by is refused in the same way',
    act: async (bed) => {
      const table = newTableName();
      const error = await refusalOf(bed, table, { config: { 'pk.fields': 'value' } });
      assert.equal(error.code, 'KEYS_MAY_MERGE');
      includes(error.message, 'pk.fields is value');
    },
  },

  {
    name: 'rows without a key, or with one that they do not have, are refused',
    act: async (bed) => {
      const table = newTableName();
      assertHas(await refusalOf(bed, table, { schema: { ...pairs, key: [] } }), {
        code: 'TARGET_SCHEMA',
        field: 'pk.fields',
      });
      const error = await refusalOf(bed, table, { config: { 'pk.fields': 'nope' } });
      includes(error.message, 'pk.fields names nope, which rows do not have; they have id, value');
    },
  },
];

export const fitChecks: readonly SqlTargetCheck[] = [
  {
    name: 'a missing column is named',
    act: async (bed) => {
      const table = newTableName();
      await make(bed, table, `id ${bed.exactKey} PRIMARY KEY`);
      const error = await refusalOf(bed, table);
      assertHas(error, { code: 'TARGET_SCHEMA', field: 'value' });
      includes(error.message, `${table}: column value does not exist`);
    },
  },

  {
    name: 'auto.evolve adds the columns that are missing, which are NULL in the rows that are there',
    act: async (bed) => {
      const table = newTableName();
      const { store } = await openRun(bed, bed.configOf(table));
      await store.transaction((tx) => tx.writeRows(batchOf([['a', 'x']])));
      await store.close();
      const schema: RowSchema = {
        ...pairs,
        fields: [...pairs.fields, fieldOf('more', { kind: 'int32' }, false), fieldOf('t', { kind: 'date' })],
      };
      assert.match(
        (await refusalOf(bed, table, { schema })).message,
        /more, t do not exist; add: ALTER TABLE/,
      );
      const config = { 'auto.evolve': 'true' };
      const rows = [['b', 'y', '1', '2024-02-29']];
      assert.deepEqual(await writeBatches(bed, table, [rows], { schema, config }), []);
      assert.deepEqual(await bed.readRows(table, ['id', 'value', 'more', 't']), [
        ['a', 'x', null, null],
        ['b', 'y', '1', '2024-02-29'],
      ]);
    },
  },

  {
    name: 'delete.enabled=false keeps rows, and says so where the source would have them removed',
    act: async (bed) => {
      const table = newTableName();
      const { store } = await openRun(bed, bed.configOf(table, { 'delete.enabled': 'false' }));
      await store.transaction((tx) => tx.writeRows(batchOf([['a', 'x']])));
      const removed = store.transaction((tx) => tx.deleteRows(batchOf([['a', null]])));
      await assert.rejects(removed, { code: 'TARGET_SCHEMA', field: 'delete.enabled' });
      await store.close();
      assert.deepEqual(await bed.readRows(table, ['id']), [['a']]);
    },
  },

  {
    name: 'a column of another kind is named, with what would fit',
    act: async (bed) => {
      const table = newTableName();
      await make(bed, table, `id ${bed.exactKey} PRIMARY KEY, value ${wholeOf(bed)}`);
      for (const type of [
        { kind: 'string', length: 0 },
        { kind: 'float64' },
        { kind: 'bytes', length: 0 },
      ] as const) {
        const error = await refusalOf(bed, table, { schema: pairsOf(type) });
        assertHas(error, { code: 'TARGET_SCHEMA', field: 'value' });
        assert.match(error.message, /make it [A-Z]/);
      }
    },
  },

  {
    name: 'a column that must have a value and gets none is named',
    act: async (bed) => {
      const table = newTableName();
      const key = bed.exactKey;
      await make(
        bed,
        table,
        `id ${key} PRIMARY KEY, value ${textOf(bed)}, must ${wholeOf(bed)} NOT NULL, may ${wholeOf(bed)} NOT NULL DEFAULT 5`,
      );
      const error = await refusalOf(bed, table);
      assertHas(error, { code: 'TARGET_SCHEMA', field: 'must' });
    },
  },

  {
    name: 'a column that is not mapped keeps its value',
    act: async (bed) => {
      const table = newTableName();
      const key = bed.exactKey;
      await make(bed, table, `id ${key} PRIMARY KEY, value ${textOf(bed)}, own ${textOf(bed)} DEFAULT 'new'`);
      await bed.execute(`INSERT INTO ${table} VALUES ('a', 'old', 'kept')`);
      const rows = [
        ['a', '1'],
        ['b', '2'],
      ];
      assert.deepEqual(await writeBatches(bed, table, [rows]), []);
      assert.deepEqual(await bed.readRows(table, ['id', 'value', 'own']), [
        ['a', '1', 'kept'],
        ['b', '2', 'new'],
      ]);
    },
  },

  {
    name: 'a field name that could be SQL is refused before anything is made',
    act: async (bed) => {
      const table = newTableName();
      for (const name of ['a`b', 'x\u0000', 'a;DROP TABLE t', 'n'.repeat(65), '']) {
        const schema = { ...pairs, fields: [...pairs.fields, fieldOf(name, { kind: 'int32' })] };
        assertHas(await refusalOf(bed, table, { schema }), { code: 'TARGET_SCHEMA' });
      }
      includes(
        (await refusalOf(bed, table, { config: { 'auto.create': 'false' } })).message,
        'does not exist',
      );
    },
  },

  {
    name: 'two fields that are one column are refused',
    act: async (bed) => {
      const schema = { ...pairs, fields: [...pairs.fields, fieldOf('VALUE', { kind: 'int32' })] };
      const error = await refusalOf(bed, newTableName(), { schema });
      assertHas(error, { code: 'TARGET_SCHEMA', field: 'VALUE' });
    },
  },

  {
    name: 'a view is refused',
    act: async (bed) => {
      const table = newTableName();
      await make(bed, table, `id ${bed.exactKey} PRIMARY KEY, value ${textOf(bed)}`);
      await bed.execute(`CREATE VIEW ${table}_v AS SELECT * FROM ${table}`);
      assertHas(await refusalOf(bed, `${table}_v`), { code: 'TARGET_SCHEMA' });
    },
  },
];
