// The MySQL sink on a real MariaDB: a row is found, updated and removed by its own key, and by no other value.
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { RowSchema } from '../../src/core/connector/field-type.ts';
import { fieldOf, newTableName, pairsOf } from '../conformance/sink-bed.ts';
import { openMysqlBed, type MysqlBed } from '../support/mysql-bed.ts';
import { throughStores } from '../support/sink-stores.ts';
import { failureOf } from '../support/sync-failure.ts';

const stack = inject('stack');
const text = pairsOf({ kind: 'string', length: 0 });

describe.skipIf(stack === null)('a key in MariaDB', () => {
  let bed: MysqlBed;
  beforeAll(async () => {
    if (stack === null) throw new Error('there is no stack');
    bed = await openMysqlBed(stack.mariadb);
  });
  afterAll(() => bed.close());

  const { write, remove } = throughStores(() => bed, text);

  it('of ENUM is its member, and no number of one', async () => {
    const table = newTableName();
    await bed.execute(`CREATE TABLE ${table} (id ENUM('25','4','7') PRIMARY KEY, value VARCHAR(20))`);
    const refused = await write(table, [
      ['25', 'a'],
      ['1', 'b'],
      ['4', 'c'],
    ]);
    expect(refused).toMatchObject([{ index: 1, key: '1', field: 'id' }]);
    await remove(
      table,
      [
        ['1', null],
        ['25 ', null],
        ['4', null],
      ],
      text,
    );
    expect(await bed.readRows(table, ['id', 'value'])).toEqual([['25', 'a']]);
  });

  it('of CHAR ends with no blanks, which its rows are then not removed by', async () => {
    const table = newTableName();
    await bed.execute(
      `CREATE TABLE ${table} (id CHAR(8) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PRIMARY KEY, value VARCHAR(20))`,
    );
    const refused = await write(table, [
      ['a', '1'],
      ['a ', '2'],
      ['b', '3'],
    ]);
    expect(refused).toMatchObject([{ index: 1, key: 'a ' }]);
    await remove(
      table,
      [
        ['a ', null],
        ['b', null],
      ],
      text,
    );
    expect(await bed.readRows(table, ['id', 'value'])).toEqual([['a', '1']]);
  });

  it('of numbers in a column of text is removed as it is, and not as a number', async () => {
    const table = newTableName();
    await bed.execute(`CREATE TABLE ${table} (id ${bed.exactKey} PRIMARY KEY, value VARCHAR(20))`);
    const numbers = ['9007199254740992', '9007199254740993', '5'];
    await bed.execute(`INSERT INTO ${table} VALUES ('05', 'of somebody else'), ('5.0', 'too')`);
    const schema: RowSchema = {
      fields: [fieldOf('id', { kind: 'int64' }, false), fieldOf('value', { kind: 'string', length: 0 })],
      key: ['id'],
    };
    expect(
      await write(
        table,
        numbers.map((id) => [id, 'x']),
        { schema },
      ),
    ).toEqual([]);
    await remove(
      table,
      [
        ['9007199254740993', null],
        ['5', null],
      ],
      schema,
    );
    expect((await bed.readRows(table, ['id'])).flat()).toEqual(['05', '5.0', '9007199254740992']);
  });

  it('with characters that its column has not is not there, for removals and updates too', async () => {
    const table = newTableName();
    await bed.execute(
      `CREATE TABLE ${table} (id VARCHAR(20) CHARACTER SET utf8mb3 COLLATE utf8mb3_nopad_bin PRIMARY KEY, value VARCHAR(20))`,
    );
    const keys = ['a', '😀', '?', '中', '𝄞'];
    const refused = await write(
      table,
      keys.map((id) => [id, '1']),
    );
    expect(refused.map((row) => row.index)).toEqual([1, 4]);
    const updated = await write(
      table,
      keys.map((id) => [id, '2']),
      { config: { 'insert.mode': 'update' } },
    );
    expect(updated.map((row) => row.index)).toEqual([1, 4]);
    await remove(
      table,
      ['😀', '中', '𝄞'].map((id) => [id, null]),
      text,
    );
    expect(await bed.readRows(table, ['id', 'value'])).toEqual([
      ['?', '2'],
      ['a', '2'],
    ]);
  });

  it('that is no time removes no row of midnight', async () => {
    const table = newTableName();
    await bed.execute(`CREATE TABLE ${table} (id TIME PRIMARY KEY, value VARCHAR(20))`);
    const schema: RowSchema = {
      fields: [
        fieldOf('id', { kind: 'time', precision: 0 }, false),
        fieldOf('value', { kind: 'string', length: 0 }),
      ],
      key: ['id'],
    };
    await write(
      table,
      [
        ['00:00:00', 'x'],
        ['12:00:00', 'y'],
      ],
      { schema },
    );
    await remove(
      table,
      ['abc', '', '12:00:00'].map((id) => [id, null]),
      schema,
    );
    expect(await bed.readRows(table, ['id', 'value'])).toEqual([['00:00:00', 'x']]);
  });

  it('that is no number removes no row from a column of numbers', async () => {
    for (const declared of ['BIGINT', 'BIGINT UNSIGNED', 'DECIMAL(20,2)']) {
      const table = newTableName();
      await bed.execute(`CREATE TABLE ${table} (id ${declared} PRIMARY KEY, value VARCHAR(20))`);
      const schema: RowSchema = {
        fields: [fieldOf('id', { kind: 'int32' }, false), fieldOf('value', { kind: 'string', length: 0 })],
        key: ['id'],
      };
      await write(
        table,
        [
          ['0', 'x'],
          ['7', 'y'],
        ],
        { schema },
      );
      await remove(
        table,
        ['abc', '', '7abc', '0.0.0', '7'].map((id) => [id, null]),
        schema,
      );
      const found = await bed.readRows(table, ['id', 'value']);
      expect(found.map(([, value]) => value)).toEqual(['x']);
    }
  });

  it('of TIMESTAMP is refused beside another unique key, which would lead a row over another one', async () => {
    const table = newTableName();
    await bed.execute(`CREATE TABLE ${table} (id TIMESTAMP NOT NULL PRIMARY KEY, value VARCHAR(20) UNIQUE)`);
    const schema: RowSchema = {
      fields: [
        fieldOf('id', { kind: 'timestamp', precision: 0 }, false),
        fieldOf('value', { kind: 'string', length: 0 }),
      ],
      key: ['id'],
    };
    const rows = [
      ['2020-01-01 00:00:00', 'x'],
      ['2021-01-01 00:00:00', 'x'],
    ];
    const failure = await failureOf(write(table, rows, { schema }));
    expect(failure).toMatchObject({ code: 'TARGET_SCHEMA', field: 'id' });
    const insert = { schema, config: { 'insert.mode': 'insert' } };
    expect(await write(table, rows, insert)).toMatchObject([{ index: 1 }]);
    expect(await bed.readRows(table, ['id', 'value'])).toEqual([rows[0]]);
  });

  it('of FLOAT is refused: a row would never be found again by it', async () => {
    const table = newTableName();
    await bed.execute(`CREATE TABLE ${table} (id FLOAT PRIMARY KEY, value VARCHAR(20))`);
    const schema: RowSchema = {
      fields: [fieldOf('id', { kind: 'float32' }, false), fieldOf('value', { kind: 'string', length: 0 })],
      key: ['id'],
    };
    const failure = await failureOf(write(table, [], { schema }));
    expect(failure).toMatchObject({ code: 'TARGET_SCHEMA', field: 'id' });
    expect(failure.message).toContain('FLOAT');
  });

  it('of several columns is removed without reading the whole table', async () => {
    const table = newTableName();
    await bed.execute(
      `CREATE TABLE ${table} (a BIGINT, b ${bed.exactKey}, value VARCHAR(20), PRIMARY KEY (a, b))`,
    );
    await bed.execute(`INSERT INTO ${table} SELECT seq, CONCAT('r', seq), 'x' FROM seq_1_to_5000`);
    const schema: RowSchema = {
      fields: [
        fieldOf('a', { kind: 'int64' }, false),
        fieldOf('b', { kind: 'string', length: 0 }, false),
        fieldOf('value', { kind: 'string', length: 0 }),
      ],
      key: ['b', 'a'],
    };
    // Whoever read the whole table would wait for this row.
    await bed.root.query('START TRANSACTION');
    await bed.root.query(`SELECT * FROM ${table} WHERE a = 5000 FOR UPDATE`);
    await remove(table, [['7', 'r7', null]], schema);
    await remove(
      table,
      [1, 2, 3].map((row) => [String(row), `r${row}`, null]),
      schema,
    );
    await bed.root.query('COMMIT');
    const [rows] = await bed.root.query(`SELECT COUNT(*) AS n FROM ${table}`);
    expect(rows).toEqual([{ n: 4996 }]);
  });
});
