// Configuration of the PostgreSQL sink.
import type { Refuse, ValueOf } from '../../src/core/connector/config.ts';
import { config, parsed } from '../../src/core/connector/config.ts';
import type { EverySink } from '../../src/core/connector/every-sink.ts';
import { readTableSink, tableSinkKeys } from '../../src/core/connector/table-sink-config.ts';
import { dialectKey, passwordKey, userKey } from '../sql/connection/keys.ts';
import { checkCa, tlsCaKey, type TlsTarget } from '../sql/connection/tls.ts';
import { readJdbcUrl, tlsWords, type JdbcTarget } from './session/jdbc-url.ts';

export interface PostgresTarget extends JdbcTarget, TlsTarget {
  readonly database: string;
  /** Of the target table, and of the ledger beside it. */
  readonly schema: string;
  readonly user: string;
  readonly password: string;
}

export type PostgresSinkConfig = ValueOf<typeof postgresSinkConfig> & EverySink;

export const postgresSinkConfig = config(
  {
    url: parsed(
      'connection.url',
      {
        importance: 'HIGH',
        doc: {
          en: 'jdbc:postgresql://host:port/database, without user and password.',
          zh: 'jdbc:postgresql://host:port/database，不含用户名和密码。',
        },
        group: 'Connection',
        displayName: 'JDBC URL',
        width: 'LONG',
      },
      readJdbcUrl,
    ),
    user: userKey,
    password: passwordKey,
    tlsCa: tlsCaKey(tlsWords),
    dialect: dialectKey('PostgreSqlDatabaseDialect'),
    ...tableSinkKeys,
  },
  ({ url, user, password, tlsCa: ca, ...values }, refuse) => {
    checkCa({ ca, tls: url.tls }, tlsWords, refuse);
    const { database: named, ...table } = readTableSink(values, refuse);
    const schema = named ?? url.schema ?? 'public';
    checkNames({ schema, table: table.table }, refuse);
    if (url.database === null)
      refuse('connection.url', 'it names no database: jdbc:postgresql://host:port/database');
    const target: PostgresTarget = { ...url, database: url.database ?? '', schema, user, password, ca };
    return { ...table, schema, target };
  },
);

/** Longer names the server would cut without a word. */
export const maxNameBytes = 63;

function checkNames(
  { schema, table }: { readonly schema: string; readonly table: string },
  refuse: Refuse,
): void {
  const format = tableSinkKeys.tableFormat.def.name;
  if (/^pg_/i.test(schema)) refuse(format, `${schema} belongs to the database server`);
  for (const name of [schema, table]) {
    const bytes = Buffer.byteLength(name);
    if (bytes > maxNameBytes)
      refuse(format, `${name} has ${bytes} bytes, PostgreSQL allows ${maxNameBytes} in a name`);
  }
}
