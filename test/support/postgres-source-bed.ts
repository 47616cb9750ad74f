// A database of the suite's own on the stack's PostgreSQL, with a user who may read it and nothing else.
import { Client } from 'pg';
import { postgresDialect } from '../../connectors/postgresql/source/server.ts';
import { createSqlSource } from '../../connectors/sql/source/source-connector.ts';
import type { SqlBed } from '../conformance/sql-source-bed.ts';

export interface PostgresSourceBed extends SqlBed {
  readonly owner: Client;
}

let beds = 0;
const asText = { getTypeParser: () => String };

export async function openPostgresSourceBed({ url }: { readonly url: string }): Promise<PostgresSourceBed> {
  beds += 1;
  const name = `syncline_source_${process.pid}_${beds}`;
  const admin = new Client({ connectionString: url });
  await admin.connect();
  await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  await admin.query(`CREATE DATABASE ${name}`);
  const place = new URL(url);
  place.pathname = `/${name}`;
  const owner = new Client({ connectionString: place.href });
  await owner.connect();
  await owner.query("SET TimeZone = 'UTC'");
  return {
    plugin: createSqlSource([postgresDialect]),
    dialect: postgresDialect,
    owner,
    place: {
      'connection.url': `jdbc:postgresql://${place.host}/${name}`,
      'connection.user': place.username,
      'connection.password': place.password,
    },
    execute: async (sql) => {
      await owner.query(sql);
    },
    ask: async (sql) =>
      (await owner.query<(string | null)[]>({ text: sql, rowMode: 'array', types: asText })).rows,
    bytes: (hex) => `'\\x${hex}'`,
    quote: (text) => `"${text.replaceAll('"', '""')}"`,
    types: {
      int: 'INT',
      bigint: 'BIGINT',
      text: 'TEXT',
      bytes: 'BYTEA',
      time: 'TIMESTAMPTZ',
      now: 'clock_timestamp()',
    },
    oddNames: ['😀'],
    widen: (column, type) => `ALTER COLUMN ${column} TYPE ${type}`,
    longText: 'TEXT',
    repeated: (size) => `repeat('x', ${size})`,
    sharesViews: true,
    seesTransactions: true,
    endSessions: async () => {
      await admin.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = '${name}' AND application_name = 'syncline reader'`);
    },
    beginTransaction: async () => {
      const other = new Client({ connectionString: place.href });
      await other.connect();
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
      await owner.end();
      await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      await admin.end();
    },
  };
}
