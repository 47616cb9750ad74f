// What stands around a target that is replaced (write.mode=0) in an SQLite file: kept, or refused in words before anything is made.
import { join } from 'node:path';
import Database from 'libsql';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { leftoversOf } from '../../../connectors/sql/target/aside/aside-names.ts';
import { movedIndex, movedTable } from '../../../connectors/sqlite/moved-statement.ts';
import { newTableName } from '../../conformance/sink-bed.ts';
import { openAsideRun } from '../../support/aside-run.ts';
import { expectRefused, replace } from '../../support/replaced-table.ts';
import { openSqliteBed, type SqliteBed } from './sqlite-bed.ts';

let bed: SqliteBed;
beforeAll(async () => {
  bed = await openSqliteBed();
});
afterAll(() => bed.close());

const make = async (more = '', behind = ''): Promise<string> => {
  const table = newTableName();
  await bed.execute(
    `CREATE TABLE ${table} (id TEXT NOT NULL PRIMARY KEY, value VARCHAR(64) DEFAULT 'none'${more}) ${behind}`,
  );
  return table;
};

const schemaOf = (table: string) =>
  bed
    .readRows('sqlite_schema', ['name', 'tbl_name', 'type', "replace(sql, '\"', '')"])
    .then((rows) => rows.filter(([name, of]) => of === table || name === `v_${table}`));

it('columns with defaults, checks and generated ones, indexes by their names, views and other tables’ triggers stay', async () => {
  const [parent, other] = [await make(), await make()];
  const table = await make(
    `, more INT DEFAULT 7 CHECK (more < 10), twice INT AS (more * 2), refers TEXT REFERENCES ${parent} (id), UNIQUE (value, id)`,
    'WITHOUT ROWID',
  );
  await bed.execute(`CREATE INDEX by_value_${table} ON ${table} (value) WHERE more > 3`);
  await bed.execute(`CREATE UNIQUE INDEX "once ""more"" ${table}" ON ${table} (lower(id))`);
  await bed.execute(`CREATE VIEW v_${table} AS SELECT id, value, twice FROM ${table}`);
  await bed.execute(
    `CREATE TRIGGER t_${other} AFTER INSERT ON ${other} BEGIN UPDATE ${table} SET more = 1; END`,
  );
  const before = await schemaOf(table);
  const trigger = await schemaOf(other);
  await replace(bed, table, 'one');
  await replace(bed, table, 'two');
  expect(await schemaOf(table)).toEqual(before);
  expect(await schemaOf(other)).toEqual(trigger);
  expect(await bed.readRows(`v_${table}`, ['id', 'value', 'twice'])).toEqual([['a', 'two', '14']]);
  await bed.execute(`INSERT INTO ${other} (id) VALUES ('x')`);
  expect(await bed.readRows(table, ['id', 'more'])).toEqual([['a', '1']]);
});

it('rows that stand against one another in a unique index are refused when they are written', async () => {
  const table = await make();
  await bed.execute(`CREATE UNIQUE INDEX once_${table} ON ${table} (value)`);
  const config = bed.configOf(table, { 'write.mode': '0' });
  const run = await openAsideRun({ plugin: bed.plugin, config, job: `job of ${table}`, taskId: 'one' });
  await run.load([
    ['a', 'x'],
    ['b', 'x'],
  ]);
  const names = (await bed.readRows('sqlite_schema', ['name'])).map(([name]) => name ?? '');
  const beside = leftoversOf(`job of ${table}`, names).map(({ name }) => name);
  expect(await bed.readRows(beside[0] ?? '', ['id'])).toEqual([['a']]);
  await run.close();
});

it('who reads keeps seeing the old rows until its transaction is over, and no swap waits for it', async () => {
  const table = await make();
  await replace(bed, table, 'old');
  const reader = new Database(join(bed.root, 'target.db'), { readonly: true });
  const read = () => reader.prepare(`SELECT id, value FROM ${table}`).raw().all();
  reader.exec('BEGIN');
  expect(read()).toEqual([['a', 'old']]);
  await replace(bed, table, 'new');
  expect(read()).toEqual([['a', 'old']]);
  reader.exec('COMMIT');
  expect(read()).toEqual([['a', 'new']]);
  reader.close();
});

it('numbers that AUTOINCREMENT gave are not given again', async () => {
  const table = newTableName();
  await bed.execute(
    `CREATE TABLE ${table} (number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, value TEXT)`,
  );
  await bed.execute(`INSERT INTO ${table} VALUES (500, 'old', '')`);
  await replace(bed, table, 'one');
  await replace(bed, table, 'two');
  await bed.execute(`INSERT INTO ${table} (id) VALUES ('b')`);
  const numbers = (await bed.readRows(table, ['number', 'id'])).map(([number]) => Number(number));
  expect(numbers.at(-1)).toBeGreaterThan(500);
});

it('triggers on it and foreign keys to it, its own too, are refused', async () => {
  const [fired, parent, child] = [await make(), await make(), newTableName()];
  await bed.execute(`CREATE TRIGGER fires_${fired} AFTER INSERT ON ${fired} BEGIN SELECT 1; END`);
  await bed.execute(`CREATE TABLE ${child} (id TEXT PRIMARY KEY, of_parent TEXT REFERENCES ${parent} (id))`);
  const self = newTableName();
  await bed.execute(
    `CREATE TABLE ${self} (id TEXT NOT NULL PRIMARY KEY, value TEXT, up TEXT REFERENCES ${self} (id))`,
  );
  await expectRefused(bed, fired, new RegExp(`trigger fires_${fired} would be gone`));
  await expectRefused(bed, parent, new RegExp(`a foreign key of ${child} points at it`));
  await expectRefused(bed, self, new RegExp(`a foreign key of ${self} points at it`));
});

it('a statement whose head can not be told is refused', async () => {
  const table = newTableName();
  await bed.execute(`CREATE TABLE ${table} /* a, (b */ (id TEXT NOT NULL PRIMARY KEY, value TEXT)`);
  await expectRefused(bed, table, new RegExp(`the statement of ${table} can not be read`));
});

it.each([
  ['CREATE TABLE t (a)', 'CREATE TABLE `new` (a)'],
  ['CREATE TABLE t(a, "t")', 'CREATE TABLE `new`(a, "t")'],
  ['CREATE TABLE "a ""b"" (" (a)', 'CREATE TABLE `new` (a)'],
  ['CREATE TABLE `t`\n(a)', 'CREATE TABLE `new`\n(a)'],
  ['CREATE TABLE [t (] (a) STRICT', 'CREATE TABLE `new` (a) STRICT'],
  ["CREATE TABLE 't' (a)", 'CREATE TABLE `new` (a)'],
  ['CREATE TABLE 订单 (a)', 'CREATE TABLE `new` (a)'],
  ['CREATE TABLE t -- (\n(a)', null],
  ['CREATE VIRTUAL TABLE t USING x', null],
])('the statement %j of another name is %j', (sql, moved) => {
  expect(movedTable(sql, 'new')).toBe(moved);
});

it.each([
  ['CREATE INDEX i ON t (a)', 'CREATE INDEX `n` ON `new` (a)'],
  ['CREATE UNIQUE INDEX "on" ON "t"(a) WHERE a > 0', 'CREATE UNIQUE INDEX `n` ON `new`(a) WHERE a > 0'],
  ['CREATE INDEX [a b] on[t] (lower(a))', 'CREATE INDEX `n` ON `new` (lower(a))'],
  ['CREATE INDEX i /* ON x */ ON t (a)', null],
])('so is that of an index: %j', (sql, moved) => {
  expect(movedIndex(sql, { name: 'n', table: 'new' })).toBe(moved);
});
