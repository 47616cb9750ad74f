// The SQL source and a user who may read one table and nothing else, whose role has limits of its own.
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { readAll } from '../conformance/sql-source-bed.ts';
import { english } from '../support/english.ts';
import type { MysqlSourceBed } from '../support/mysql-source-bed.ts';
import { openMysqlSourceBed } from '../support/mysql-source-bed.ts';
import type { PostgresSourceBed } from '../support/postgres-source-bed.ts';
import { openPostgresSourceBed } from '../support/postgres-source-bed.ts';

const stack = inject('stack');
const tables = ['CREATE TABLE mine (id INT PRIMARY KEY)', 'CREATE TABLE other (id INT PRIMARY KEY)'];

describe.skipIf(stack === null)('a user who may read one table only', () => {
  let mysql: MysqlSourceBed;
  let postgres: PostgresSourceBed;
  const reader = `one_table_${process.pid}`;
  beforeAll(async () => {
    if (stack === null) return;
    mysql = await openMysqlSourceBed(stack.mariadb);
    postgres = await openPostgresSourceBed(stack.postgresql);
    for (const bed of [mysql, postgres])
      for (const sql of [...tables, 'INSERT INTO mine VALUES (1), (2)']) await bed.execute(sql);
    await mysql.execute(`CREATE USER '${reader}'@'127.0.0.1' IDENTIFIED BY 'only'`);
    await mysql.execute(`GRANT SELECT ON mine TO '${reader}'@'127.0.0.1'`);
    // Limits that would end every long read.
    await postgres.execute(`CREATE ROLE ${reader} LOGIN PASSWORD 'only'; GRANT SELECT ON mine TO ${reader};
      ALTER ROLE ${reader} SET statement_timeout = '5s'; ALTER ROLE ${reader} SET idle_in_transaction_session_timeout = '1s';
      ALTER ROLE ${reader} SET default_transaction_read_only = on`);
  });
  afterAll(async () => {
    await mysql.execute(`DROP USER '${reader}'@'127.0.0.1'`);
    await postgres.execute(`DROP OWNED BY ${reader}; DROP ROLE ${reader}`);
    await mysql.close();
    await postgres.close();
  });

  const who = { 'connection.user': reader, 'connection.password': 'only', 'connection.attempts': '1' };
  const of = (table: string) => ({ ...who, 'table.whitelist': table });

  it('of MariaDB reads it; of another one it is said that it is not there, or not for this user', async () => {
    expect((await readAll(mysql, of('mine'))).rows.map(({ key }) => key)).toEqual(['1', '2']);
    await expect(readAll(mysql, of('other'))).rejects.toMatchObject({
      code: 'SOURCE_SCHEMA',
      message: expect.stringContaining('or this user may not read it') as unknown,
    });
  });

  it('of PostgreSQL reads it; of another one the GRANT is said', async () => {
    expect((await readAll(postgres, of('mine'))).rows.map(({ key }) => key)).toEqual(['1', '2']);
    await expect(readAll(postgres, of('other'))).rejects.toMatchObject({
      code: 'SOURCE_DENIED',
      message: expect.stringContaining('GRANT SELECT ON the table') as unknown,
    });
  });

  it('increments by a number work with that right, and the report says what it can not see', async () => {
    const by = { mode: 'incrementing', 'incrementing.column.name': 'id' };
    for (const bed of [mysql, postgres]) {
      const { plan, rows } = await readAll(bed, { ...of('mine'), ...by });
      expect([plan.window.to, rows.length]).toEqual(['3', 2]);
      expect(english(plan.notes).join()).toMatch(
        /the lag must exceed the longest .*(PROCESS|pg_read_all_stats)|(PROCESS|pg_read_all_stats).*the lag must exceed the longest/s,
      );
    }
  });

  it('limits of the role end no read', async () => {
    const slow = 'SELECT id, pg_sleep(3)::text AS s FROM mine';
    const { rows } = await readAll(postgres, { ...who, query: slow, 'sql.key.columns': 'id' });
    expect(rows).toHaveLength(2);
  });
});
