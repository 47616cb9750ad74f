// Names of targets that must be quoted: with dots, blanks, upper case, in words of SQL.
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { SinkBed } from '../conformance/sink-bed.ts';
import { batchOf, noSignal, pairs } from '../conformance/sink-bed.ts';
import type { MysqlBed } from '../support/mysql-bed.ts';
import { openMysqlBed } from '../support/mysql-bed.ts';
import type { PostgresBed } from '../support/postgresql-bed.ts';
import { openPostgresBed } from '../support/postgresql-bed.ts';

const stack = inject('stack');

describe.skipIf(stack === null)('a target with a quoted name', () => {
  let mysql: MysqlBed;
  let postgres: PostgresBed;
  let database: string;
  beforeAll(async () => {
    if (stack === null) return;
    mysql = await openMysqlBed(stack.mariadb);
    postgres = await openPostgresBed(stack.postgresql);
    database = `${mysql.database} Sales.EU`;
    await mysql.root.query(`CREATE DATABASE \`${database}\` CHARACTER SET utf8mb4`);
    await mysql.root.query(
      `GRANT ALL ON \`${database.replaceAll('_', '\\_')}\`.* TO '${mysql.user}'@'127.0.0.1'`,
    );
    await postgres.root.query(`CREATE SCHEMA "Sales.EU" AUTHORIZATION ${postgres.user}`);
  });
  afterAll(async () => {
    await mysql.root.query(`DROP DATABASE \`${database}\``);
    await mysql.close();
    await postgres.close();
  });

  /** Writes, writes over and deletes; rows that are there then are asked for by `read`. */
  async function sync(bed: SinkBed, name: string): Promise<void> {
    const config = bed.configOf(name, { topics: 't', 'pk.fields': 'id', 'insert.mode': 'upsert' });
    const steps = await bed.plugin.testConnection(config, noSignal, pairs);
    expect(steps.filter(({ ok }) => !ok)).toEqual([]);
    for (const value of ['x', 'y']) {
      const store = await bed.plugin.openStore(config, noSignal);
      await store.prepareTable(pairs);
      const rows = ['a', 'b', 'c'].map((key) => [key, value]);
      expect(await store.transaction((tx) => tx.writeRows(batchOf(rows)))).toEqual([]);
      await store.transaction((tx) => tx.deleteRows(batchOf([['c', null]])));
      await store.close();
    }
  }

  const names = ['Order Lines', 'order', 'Größe.v2', '订单'];

  it.each(names)('is written to in MariaDB: %s', async (name) => {
    await sync(mysql, `\`${database}\`."${name}"`);
    const [rows] = await mysql.root.query(`SELECT * FROM \`${database}\`.\`${name}\` ORDER BY 1`);
    expect(rows).toMatchObject([
      { id: 'a', value: 'y' },
      { id: 'b', value: 'y' },
    ]);
  });

  it.each(names)('is written to in PostgreSQL: %s', async (name) => {
    await sync(postgres, `"Sales.EU"."${name}"`);
    const { rows } = await postgres.root.query(`SELECT * FROM "Sales.EU"."${name}" ORDER BY 1`);
    expect(rows).toMatchObject([
      { id: 'a', value: 'y' },
      { id: 'b', value: 'y' },
    ]);
  });

  it.each(['"a""b"', '"emoji 😀"', '"open', 'a.b.c', '"a"b', '"x;y"'])(
    'that holds what is not taken is refused, naming the key: %s',
    (name) => {
      for (const bed of [mysql, postgres])
        expect(bed.plugin.validate({ topics: 't', ...bed.configOf(name) })[0]).toMatchObject({
          key: 'table.name.format',
        });
    },
  );
});
