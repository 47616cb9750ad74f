// A database of the suite's own on the stack's MariaDB, with a user who may read it and nothing else.
import { createConnection } from 'mysql2/promise';
import type { Connection } from 'mysql2/promise';
import { mysqlDialect } from '../../connectors/mysql/source/server.ts';
import { createSqlSource } from '../../connectors/sql/source/source-connector.ts';
import type { MariadbEndpoint } from '../../src/stack/stack-endpoints.ts';
import type { SqlBed } from '../conformance/sql-source-bed.ts';

export interface MysqlSourceBed extends SqlBed {
  readonly database: string;
  readonly root: Connection;
}

let beds = 0;

/** `sees`: the reader may see open transactions, too. */
export async function openMysqlSourceBed(
  endpoint: MariadbEndpoint,
  sees: 'tables' | 'transactions' = 'tables',
): Promise<MysqlSourceBed> {
  beds += 1;
  const { host, port, rootUser, rootPassword } = endpoint;
  const database = `syncline_source_${process.pid}_${beds}`;
  const reader = `reader_${process.pid}_${beds}`;
  const root = await createConnection({
    host,
    port,
    user: rootUser,
    password: rootPassword,
    charset: 'UTF8MB4_BIN',
    timezone: 'Z',
  });
  await root.query(`DROP DATABASE IF EXISTS \`${database}\``);
  await root.query(`CREATE DATABASE \`${database}\` CHARACTER SET utf8mb4`);
  await root.query(`CREATE OR REPLACE USER '${reader}'@'127.0.0.1' IDENTIFIED BY 'only'`);
  await root.query(`GRANT SELECT ON \`${database.replaceAll('_', '\\_')}\`.* TO '${reader}'@'127.0.0.1'`);
  if (sees === 'transactions') await root.query(`GRANT PROCESS ON *.* TO '${reader}'@'127.0.0.1'`);
  await root.query(`USE \`${database}\``);
  const open: Connection[] = [];
  return {
    plugin: createSqlSource([mysqlDialect]),
    dialect: mysqlDialect,
    database,
    root,
    place: {
      'connection.url': `jdbc:mysql://${host}:${port}/${database}`,
      'connection.user': reader,
      'connection.password': 'only',
    },
    execute: async (sql) => {
      await root.query(sql);
    },
    ask: async (sql) => {
      const [rows] = await root.query({
        sql,
        rowsAsArray: true,
        typeCast: (field) => field.buffer()?.toString('utf8') ?? null,
      });
      return rows as unknown as (string | null)[][];
    },
    bytes: (hex) => `X'${hex}'`,
    quote: (name) => `\`${name.replaceAll('`', '``')}\``,
    types: {
      int: 'INT',
      bigint: 'BIGINT',
      text: 'VARCHAR(64)',
      bytes: 'VARBINARY(64)',
      time: 'TIMESTAMP(6)',
      now: 'NOW(6)',
    },
    oddNames: [],
    widen: (column, type) => `MODIFY ${column} ${type}`,
    longText: 'LONGTEXT',
    repeated: (size) => `REPEAT('x', ${size})`,
    sharesViews: false,
    seesTransactions: sees === 'transactions',
    endSessions: async () => {
      const [rows] = await root.query('SELECT id FROM information_schema.processlist WHERE user = ?', [
        reader,
      ]);
      for (const { id } of rows as { id: number }[]) await root.query(`KILL ${id}`);
    },
    beginTransaction: async () => {
      const other = await createConnection({ host, port, user: rootUser, password: rootPassword, database });
      open.push(other);
      await other.query('BEGIN');
      return {
        execute: async (sql) => {
          await other.query(sql);
        },
        commit: async () => {
          await other.query('COMMIT');
          await other.end();
        },
      };
    },
    close: async () => {
      for (const other of open) other.destroy();
      await root.query(`DROP DATABASE IF EXISTS \`${database}\``);
      await root.query(`DROP USER IF EXISTS '${reader}'@'127.0.0.1'`);
      await root.end();
    },
  };
}
