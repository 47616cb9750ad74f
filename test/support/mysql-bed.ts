// A database and a user of the suite's own on the stack's MariaDB, for the suites of ledgers and stores.
import { randomBytes } from 'node:crypto';
import { createConnection, type Connection } from 'mysql2/promise';
import { mysqlSink } from '../../connectors/mysql/sink-connector.ts';
import type { MariadbEndpoint } from '../../src/stack/stack-endpoints.ts';
import type { SinkBed } from '../conformance/sink-bed.ts';

export interface MysqlBed extends SinkBed {
  readonly database: string;
  readonly endpoint: MariadbEndpoint;
  /** Of the sink's sessions, and of nobody else's: may do everything in the database, nothing outside. */
  readonly user: string;
  /** As root. */
  readonly root: Connection;
  /** Ids of the sink's sessions. */
  sessions(): Promise<readonly number[]>;
}

let beds = 0;

export async function openMysqlBed(endpoint: MariadbEndpoint): Promise<MysqlBed> {
  beds += 1;
  const database = `syncline_sink_${process.pid}_${beds}`;
  const root = await createConnection({
    host: endpoint.host,
    port: endpoint.port,
    user: endpoint.rootUser,
    password: endpoint.rootPassword,
    charset: 'UTF8MB4_BIN',
  });
  await root.query(`DROP DATABASE IF EXISTS \`${database}\``);
  await root.query(`CREATE DATABASE \`${database}\` CHARACTER SET utf8mb4`);
  const user = `sink_${process.pid}_${beds}`;
  const password = randomBytes(12).toString('base64url');
  await root.query(`CREATE OR REPLACE USER '${user}'@'127.0.0.1' IDENTIFIED BY '${password}'`);
  await root.query(`GRANT ALL ON \`${database.replaceAll('_', '\\_')}\`.* TO '${user}'@'127.0.0.1'`);
  await root.query(`USE \`${database}\``);
  return {
    plugin: mysqlSink,
    database,
    endpoint,
    user,
    root,
    sessions: async () => {
      const [rows] = await root.query('SELECT id FROM information_schema.processlist WHERE user = ?', [user]);
      return (rows as { id: number }[]).map((row) => row.id);
    },
    exactKey: 'VARCHAR(32) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL',
    foldingKey: 'VARCHAR(32) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci NOT NULL',
    configOf: (table, more = {}) => ({
      'connection.url': `jdbc:mysql://${endpoint.host}:${endpoint.port}/${database}`,
      'connection.user': user,
      'connection.password': password,
      'table.name.format': table,
      'auto.create': 'true',
      ...more,
    }),
    execute: async (sql) => {
      await root.query(sql);
    },
    readRows: async (table, columns) => {
      const [rows] = await root.query({
        sql: `SELECT ${columns.join(', ')} FROM \`${table}\` ORDER BY 1`,
        rowsAsArray: true,
        typeCast: (field) => field.buffer()?.toString('utf8') ?? null,
      });
      return rows as unknown as (string | null)[][];
    },
    footprint: async () => {
      const [tables] = await root.query(
        'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = ? ORDER BY 1',
        [database],
      );
      return Promise.all(
        (tables as { name: string }[]).map(async ({ name }) => [
          (await root.query(`SHOW CREATE TABLE \`${name}\``))[0],
          (await root.query(`SELECT * FROM \`${name}\``))[0],
        ]),
      );
    },
    close: async () => {
      await root.query(`DROP DATABASE IF EXISTS \`${database}\``);
      await root.query(`DROP USER IF EXISTS '${user}'@'127.0.0.1'`);
      await root.end();
    },
  };
}
