// The store's suite, part: which tables are fit, which are made, and which are refused with what to do.
import { expect, it } from 'vitest';
import type { ConnectorConfig } from '../../src/core/connector/config-def.ts';
import { SyncError } from '../../src/core/errors.ts';
import type { RowSchema } from '../../src/core/connector/field-type.ts';
import { batchOf, fieldOf, noSignal, openRun, pairs, pairsOf } from './sink-bed.ts';
import type { TargetKind, Tools } from './sink-bed.ts';
import { writeBatches } from './sink-row-values.ts';
import { english } from '../support/english.ts';
import { ExchangeFailed, writeBatch } from '../../src/worker/sink/rows/write-batch.ts';

async function refusalOf(
  tools: Tools,
  table: string,
  options: { schema?: RowSchema; config?: ConnectorConfig } = {},
): Promise<SyncError> {
  const store = await tools.bed().plugin.openStore(tools.bed().configOf(table, options.config), noSignal);
  try {
    const prepared = await store.prepareTable(options.schema ?? pairs);
    throw new Error(`not refused: ${JSON.stringify(prepared)}`);
  } catch (error) {
    if (!(error instanceof SyncError)) throw error;
    return error;
  } finally {
    await store.close();
  }
}

export function describeTables(tools: Tools, kind: TargetKind): void {
  describeMaking(tools);
  describeSourceKeys(tools);
  if (kind !== 'sql') return;
  describeFit(tools);
  describeMarks(tools);
  describeKeys(tools);
  describeOtherKeys(tools);
}

function describeMaking(tools: Tools): void {
  it('a missing table is made with auto.create, and asked for without', async () => {
    const table = tools.newTable();
    const error = await refusalOf(tools, table, { config: { 'auto.create': 'false' } });
    expect(error.code).toBe('TARGET_SCHEMA');
    expect(error.message).toContain(table);
    expect(error.message).toContain('auto.create');
    const { prepared, store } = await openRun(tools.bed(), tools.bed().configOf(table));
    expect(prepared.doubts).toEqual([]);
    expect((await store.prepareTable(pairs)).doubts).toEqual([]);
    await store.close();
  });
}

function describeMarks(tools: Tools): void {
  it('a table is known again until somebody alters it, or drops it and makes it anew', async () => {
    const table = tools.newTable();
    const { store } = await openRun(tools.bed(), tools.bed().configOf(table));
    const mark = async () => {
      await store.prepareTable(pairs);
      return store.transaction(async (tx) => tx.markTable?.());
    };
    const rowsOf = (...keys: string[]) => batchOf(keys.map((key) => [key, 'x']));
    await store.transaction((tx) => tx.writeRows(rowsOf('a', 'b')));
    const made = await mark();
    expect(made).toBeTypeOf('string');
    await store.transaction((tx) => tx.writeRows(rowsOf('c')));
    await tools.bed().execute(`CREATE TABLE ${table}_other (id INTEGER)`);
    expect(await mark()).toBe(made);
    await tools.bed().execute(`DROP TABLE ${table}`);
    await tools.bed().execute(`DROP TABLE ${table}_other`);
    const anew = await mark();
    expect(anew).not.toBe(made);
    await tools.bed().execute(`ALTER TABLE ${table} ADD COLUMN more INTEGER`);
    expect(await mark()).not.toBe(anew);
    await store.close();
  });
}

function describeSourceKeys(tools: Tools): void {
  it('a key that is not the one the source tells its rows apart by is refused in the same way', async () => {
    const table = tools.newTable();
    const error = await refusalOf(tools, table, { config: { 'pk.fields': 'value' } });
    expect(error.code).toBe('KEYS_MAY_MERGE');
    expect(error.message).toContain('pk.fields is value');
  });

  it('rows without a key, or with one that they do not have, are refused', async () => {
    const table = tools.newTable();
    expect(await refusalOf(tools, table, { schema: { ...pairs, key: [] } })).toMatchObject({
      code: 'TARGET_SCHEMA',
      field: 'pk.fields',
    });
    const error = await refusalOf(tools, table, { config: { 'pk.fields': 'nope' } });
    expect(error.message).toContain('pk.fields names nope, which rows do not have; they have id, value');
  });
}

function describeFit(tools: Tools): void {
  it('a missing column is named', async () => {
    const table = tools.newTable();
    await tools.bed().execute(`CREATE TABLE ${table} (id ${tools.bed().exactKey} PRIMARY KEY)`);
    const error = await refusalOf(tools, table);
    expect(error).toMatchObject({ code: 'TARGET_SCHEMA', field: 'value' });
    expect(error.message).toContain(`${table}: column value does not exist`);
  });

  it('auto.evolve adds the columns that are missing, which are NULL in the rows that are there', async () => {
    const table = tools.newTable();
    const { store } = await openRun(tools.bed(), tools.bed().configOf(table));
    await store.transaction((tx) => tx.writeRows(batchOf([['a', 'x']])));
    await store.close();
    const schema: RowSchema = {
      ...pairs,
      fields: [...pairs.fields, fieldOf('more', { kind: 'int32' }, false), fieldOf('t', { kind: 'date' })],
    };
    expect((await refusalOf(tools, table, { schema })).message).toMatch(
      /more, t do not exist; add: ALTER TABLE/,
    );
    const config = { 'auto.evolve': 'true' };
    const rows = [['b', 'y', '1', '2024-02-29']];
    expect(await writeBatches(tools, table, [rows], { schema, config })).toEqual([]);
    expect(await tools.bed().readRows(table, ['id', 'value', 'more', 't'])).toEqual([
      ['a', 'x', null, null],
      ['b', 'y', '1', '2024-02-29'],
    ]);
  });

  it('delete.enabled=false keeps rows, and says so where the source would have them removed', async () => {
    const table = tools.newTable();
    const { store } = await openRun(tools.bed(), tools.bed().configOf(table, { 'delete.enabled': 'false' }));
    await store.transaction((tx) => tx.writeRows(batchOf([['a', 'x']])));
    const removed = store.transaction((tx) => tx.deleteRows(batchOf([['a', null]])));
    await expect(removed).rejects.toMatchObject({ code: 'TARGET_SCHEMA', field: 'delete.enabled' });
    await store.close();
    expect(await tools.bed().readRows(table, ['id'])).toEqual([['a']]);
  });

  it('a column of another kind is named, with what would fit', async () => {
    const table = tools.newTable();
    await tools.bed().execute(`CREATE TABLE ${table} (id ${tools.bed().exactKey} PRIMARY KEY, value INT)`);
    for (const type of [
      { kind: 'string', length: 0 },
      { kind: 'float64' },
      { kind: 'bytes', length: 0 },
    ] as const) {
      const error = await refusalOf(tools, table, { schema: pairsOf(type) });
      expect(error).toMatchObject({ code: 'TARGET_SCHEMA', field: 'value' });
      expect(error.message).toMatch(/make it [A-Z]/);
    }
  });

  it('a column that must have a value and gets none is named', async () => {
    const table = tools.newTable();
    const key = tools.bed().exactKey;
    await tools
      .bed()
      .execute(
        `CREATE TABLE ${table} (id ${key} PRIMARY KEY, value VARCHAR(20), must INT NOT NULL, may INT NOT NULL DEFAULT 5)`,
      );
    const error = await refusalOf(tools, table);
    expect(error).toMatchObject({ code: 'TARGET_SCHEMA', field: 'must' });
  });

  it('a column that is not mapped keeps its value', async () => {
    const table = tools.newTable();
    const key = tools.bed().exactKey;
    await tools
      .bed()
      .execute(
        `CREATE TABLE ${table} (id ${key} PRIMARY KEY, value VARCHAR(20), own VARCHAR(20) DEFAULT 'new')`,
      );
    await tools.bed().execute(`INSERT INTO ${table} VALUES ('a', 'old', 'kept')`);
    const rows = [
      ['a', '1'],
      ['b', '2'],
    ];
    expect(await writeBatches(tools, table, [rows])).toEqual([]);
    expect(await tools.bed().readRows(table, ['id', 'value', 'own'])).toEqual([
      ['a', '1', 'kept'],
      ['b', '2', 'new'],
    ]);
  });

  it('a field name that could be SQL is refused before anything is made', async () => {
    const table = tools.newTable();
    for (const name of ['a`b', 'x\u0000', 'a;DROP TABLE t', 'n'.repeat(65), '']) {
      const schema = { ...pairs, fields: [...pairs.fields, fieldOf(name, { kind: 'int32' })] };
      expect(await refusalOf(tools, table, { schema })).toMatchObject({ code: 'TARGET_SCHEMA' });
    }
    expect((await refusalOf(tools, table, { config: { 'auto.create': 'false' } })).message).toContain(
      'does not exist',
    );
  });

  it('two fields that are one column are refused', async () => {
    const schema = { ...pairs, fields: [...pairs.fields, fieldOf('VALUE', { kind: 'int32' })] };
    const error = await refusalOf(tools, tools.newTable(), { schema });
    expect(error).toMatchObject({ code: 'TARGET_SCHEMA', field: 'VALUE' });
  });

  it('a view is refused', async () => {
    const table = tools.newTable();
    await tools
      .bed()
      .execute(`CREATE TABLE ${table} (id ${tools.bed().exactKey} PRIMARY KEY, value VARCHAR(20))`);
    await tools.bed().execute(`CREATE VIEW ${table}_v AS SELECT * FROM ${table}`);
    expect(await refusalOf(tools, `${table}_v`)).toMatchObject({ code: 'TARGET_SCHEMA' });
  });
}

function describeKeys(tools: Tools): void {
  it('a key that takes different texts for one is refused, unless the user accepts that runs are not proved', async () => {
    const table = tools.newTable();
    await tools
      .bed()
      .execute(`CREATE TABLE ${table} (id ${tools.bed().foldingKey} PRIMARY KEY, value VARCHAR(20))`);
    const error = await refusalOf(tools, table);
    expect(error.code).toBe('KEYS_MAY_MERGE');
    expect(error.message).toContain('key column id');
    const config = tools.bed().configOf(table, { 'keys.may.merge': 'true' });
    const { prepared, store } = await openRun(tools.bed(), config);
    await store.close();
    expect(english(prepared.doubts)).toEqual([expect.stringContaining('key column id')]);
  });

  it('a key that the table does not have is refused, naming the one it has', async () => {
    const table = tools.newTable();
    const key = tools.bed().exactKey;
    await tools.bed().execute(`CREATE TABLE ${table} (id ${key}, value ${key}, PRIMARY KEY (id, value))`);
    const error = await refusalOf(tools, table);
    expect(error).toMatchObject({ code: 'TARGET_SCHEMA', field: 'pk.fields' });
    expect(error.message).toContain('(that is id, value)');
  });

  it('a unique key that is not the primary key will do', async () => {
    const table = tools.newTable();
    const key = tools.bed().exactKey;
    await tools.bed().execute(`CREATE TABLE ${table} (id ${key}, value VARCHAR(20), UNIQUE (id))`);
    const rows = [
      ['a', '1'],
      ['b', '2'],
      ['a', '3'],
    ];
    expect(await writeBatches(tools, table, [rows])).toEqual([]);
    expect(await tools.bed().readRows(table, ['id', 'value'])).toEqual([
      ['a', '3'],
      ['b', '2'],
    ]);
  });
}

function describeOtherKeys(tools: Tools): void {
  it('values of a second unique key that move down a chain, or that rows exchange, are written', async () => {
    const table = tools.newTable();
    const key = tools.bed().exactKey;
    await tools.bed().execute(`CREATE TABLE ${table} (id ${key} PRIMARY KEY, value VARCHAR(20) UNIQUE)`);
    const { store, prepared } = await openRun(tools.bed(), tools.bed().configOf(table));
    const staying = new Set<string>();
    const how = { place: { key: prepared.key, fields: 2 }, mayExchange: prepared.replaceable, staying };
    const write = (...rows: [string, string][]) =>
      store.transaction((tx) => writeBatch(tx, batchOf(rows), how));
    const rows = () => tools.bed().readRows(table, ['id', 'value']);
    const start: [string, string][] = [
      ['a', '1'],
      ['b', '2'],
      ['c', '3'],
    ];
    expect(await write(...start)).toEqual([]);
    expect(await write(['a', '2'], ['b', '3'], ['c', '4'])).toEqual([]);
    expect(await rows()).toEqual([
      ['a', '2'],
      ['b', '3'],
      ['c', '4'],
    ]);
    expect(await write(['a', '3'], ['b', '2'])).toEqual([]);
    expect(await rows()).toEqual([
      ['a', '3'],
      ['b', '2'],
      ['c', '4'],
    ]);
    // One of them wants what a third row keeps: nothing is removed for it.
    await expect(write(['a', '2'], ['b', '4'])).rejects.toThrow(ExchangeFailed);
    expect(await rows()).toEqual([
      ['a', '3'],
      ['b', '2'],
      ['c', '4'],
    ]);
    await store.close();
  });

  it('a row that meets another one in a second unique key is refused, and the other one stays as it is', async () => {
    const table = tools.newTable();
    const key = tools.bed().exactKey;
    await tools.bed().execute(`CREATE TABLE ${table} (id ${key} PRIMARY KEY, value VARCHAR(20) UNIQUE)`);
    const first = [
      ['a', 'x'],
      ['b', 'y'],
      ['n', null],
    ];
    expect(await writeBatches(tools, table, [first])).toEqual([]);
    // c is new and wants a's value; b exists and wants it too; d is fine; a takes a new one.
    const second = [
      ['c', 'x'],
      ['b', 'x'],
      ['d', 'z'],
      ['m', null],
    ];
    const refused = await writeBatches(tools, table, [second]);
    expect(refused.map(({ index, key: rowKey }) => [index, rowKey])).toEqual([
      [0, 'c'],
      [1, 'b'],
    ]);
    expect(await tools.bed().readRows(table, ['id', 'value'])).toEqual([
      ['a', 'x'],
      ['b', 'y'],
      ['d', 'z'],
      ['m', null],
      ['n', null],
    ]);
  });

  it('pk.mode=none inserts rows without a key, and their run is not proved', async () => {
    const table = tools.newTable();
    const config = { 'pk.mode': 'none', 'insert.mode': 'insert' };
    const same = [
      ['a', '1'],
      ['a', '1'],
    ];
    expect(await writeBatches(tools, table, [same], { config })).toEqual([]);
    expect(await tools.bed().readRows(table, ['id', 'value'])).toEqual(same);
    const { prepared, store } = await openRun(tools.bed(), tools.bed().configOf(tools.newTable(), config));
    await store.close();
    expect(english(prepared.doubts)).toEqual([expect.stringContaining('no key (pk.mode=none)')]);
  });
}
