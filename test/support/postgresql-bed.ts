// A database and a user of the suite's own on the stack's PostgreSQL, for the suites of ledgers and stores. Its default collation is none
// of bytes, as in most databases.
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { postgresSink } from '../../connectors/postgresql/sink-connector.ts';
import type { PostgresqlEndpoint } from '../../src/stack/stack-endpoints.ts';
import type { SinkBed } from '../conformance/sink-bed.ts';

export interface PostgresBed extends SinkBed {
  readonly database: string;
  /** jdbc:postgresql://host:port/ */
  readonly server: string;
  /** Of the sink's sessions, and of nobody else's: may make tables in the schema public, and write to all. */
  readonly user: string;
  readonly password: string;
  /** A superuser in that database. */
  readonly root: pg.Client;
  /** Process ids of the sink's sessions. */
  sessions(): Promise<readonly number[]>;
}

let beds = 0;

export async function openPostgresBed(endpoint: PostgresqlEndpoint): Promise<PostgresBed> {
  beds += 1;
  const id = `${process.pid}_${Date.now().toString(36)}_${beds}`;
  const database = `syncline_sink_${id}`;
  const user = `sink_${id}`;
  const password = randomBytes(12).toString('base64url');
  const server = new pg.Client({ connectionString: endpoint.url });
  await server.connect();
  await server.query(
    `CREATE DATABASE ${database} TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'en-US' LOCALE 'C'`,
  );
  await server.query(`CREATE ROLE ${user} LOGIN PASSWORD '${password}'`);
  const url = new URL(endpoint.url);
  url.pathname = `/${database}`;
  const root = new pg.Client({
    connectionString: url.href,
    types: { getTypeParser: (type: number) => readers[type] ?? asText },
  });
  await root.connect();
  await root.query(`
    CREATE COLLATION folding (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
    GRANT CREATE, USAGE ON SCHEMA public TO ${user};
    ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO ${user}`);
  const textOf = async (sql: string): Promise<(string | null)[][]> => {
    const { rows } = await root.query<(string | null)[]>({ text: sql, rowMode: 'array' });
    return rows;
  };
  return {
    plugin: postgresSink,
    database,
    server: `jdbc:postgresql://${url.hostname}:${url.port}/`,
    user,
    password,
    root,
    sessions: async () => {
      const rows = await textOf(`SELECT pid FROM pg_stat_activity WHERE usename = '${user}'`);
      return rows.map(([pid]) => Number(pid));
    },
    exactKey: 'VARCHAR(32) COLLATE "C" NOT NULL',
    foldingKey: 'VARCHAR(32) COLLATE folding NOT NULL',
    storesNul: false,
    configOf: (table, more = {}) => ({
      'connection.url': `jdbc:postgresql://${url.hostname}:${url.port}/${database}`,
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
      const rows = await textOf(`SELECT ${columns.map(inItsWords).join(', ')} FROM "${table}"`);
      return rows.sort(([a], [b]) => compare(a ?? '', b ?? ''));
    },
    footprint: async () => {
      const tables = await textOf(
        `SELECT c.oid::regclass, c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname NOT IN ('pg_catalog', 'pg_toast', 'information_schema') AND c.relkind = 'r' ORDER BY 1`,
      );
      const rows = [];
      for (const [table] of tables)
        rows.push((await textOf(`SELECT * FROM ${String(table)}`)).map((row) => JSON.stringify(row)).sort());
      return [tables, rows];
    },
    close: async () => {
      await root.end();
      await server.query(`DROP DATABASE ${database} WITH (FORCE)`);
      await server.query(`DROP ROLE ${user}`);
      await server.end();
    },
  };
}

/** As the suites have booleans, and timestamps with all their digits. */
const readers: Readonly<Record<number, (value: string) => string>> = {
  16: (value) => (value === 't' ? '1' : '0'),
  1114: (value) => (value.includes('.') ? value : `${value}.000000`),
};

function asText(value: string): string {
  return value;
}

/** What the suites ask in MySQL's. */
function inItsWords(column: string): string {
  const hex = /^HEX\((\w+)\)$/.exec(column)?.[1];
  if (hex !== undefined) return `upper(encode(${hex}, 'hex'))`;
  const isNull = /^(\w+) IS NULL$/.exec(column)?.[1];
  if (isNull !== undefined) return `(${isNull} IS NULL)::int`;
  return column.replaceAll('`', '"');
}

/** Numbers by their size, all else by their bytes. */
function compare(a: string, b: string): number {
  const isNumber = /^-?\d+$/;
  if (isNumber.test(a) && isNumber.test(b)) return BigInt(a) < BigInt(b) ? -1 : 1;
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
