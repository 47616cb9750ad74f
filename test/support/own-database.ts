// A database of a test's own on a server of the stack, gone afterwards.
import { randomBytes } from 'node:crypto';
import mysql from 'mysql2/promise';
import pg from 'pg';
import type { TestStack } from './stack-setup.ts';

export interface OwnDatabase {
  readonly url: string;
  /** Every value of every row of every table, as text. */
  dump(): Promise<string>;
  execute(sql: string): Promise<void>;
  drop(): Promise<void>;
}

export async function createMariadbDatabase({ mariadb }: TestStack): Promise<OwnDatabase> {
  const { host, port, user, password } = mariadb;
  const name = ownName();
  const connection = await mysql.createConnection({ host, port, user, password });
  await connection.query(`CREATE DATABASE ${name}`);
  const rows = async (sql: string): Promise<Record<string, unknown>[]> => {
    const [answer] = await connection.query(sql);
    return answer as Record<string, unknown>[];
  };
  return {
    url: `mysql://${user}:${encodeURIComponent(password)}@${host}:${port}/${name}`,
    dump: async () => {
      const tables = await rows(
        `SELECT table_name AS t FROM information_schema.tables WHERE table_schema = '${name}'`,
      );
      const contents = [];
      for (const { t } of tables) contents.push(await rows(`SELECT * FROM ${name}.${String(t)}`));
      return JSON.stringify(contents);
    },
    execute: async (sql) => {
      await connection.query(`USE ${name}`);
      await connection.query(sql);
    },
    drop: async () => {
      await connection.query(`DROP DATABASE ${name}`);
      await connection.end();
    },
  };
}

export async function createPostgresqlDatabase({ postgresql }: TestStack): Promise<OwnDatabase> {
  const name = ownName();
  const server = new pg.Client({ connectionString: postgresql.url });
  await server.connect();
  await server.query(`CREATE DATABASE ${name}`);
  const url = new URL(postgresql.url);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    dump: async () => {
      const client = new pg.Client({ connectionString: url.href });
      await client.connect();
      const tables = await client.query<{ tablename: string }>(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public'",
      );
      const contents = [];
      for (const { tablename } of tables.rows)
        contents.push((await client.query(`SELECT * FROM ${tablename}`)).rows);
      await client.end();
      return JSON.stringify(contents);
    },
    execute: async (sql) => {
      const client = new pg.Client({ connectionString: url.href });
      await client.connect();
      await client.query(sql);
      await client.end();
    },
    drop: async () => {
      await server.query(`DROP DATABASE ${name} WITH (FORCE)`);
      await server.end();
    },
  };
}

/** Databases whose name begins with `syncline` are the test user's to make. */
function ownName(): string {
  return `syncline_store_${process.pid}_${randomBytes(4).toString('hex')}`;
}
