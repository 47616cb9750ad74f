// Configuration of the MySQL sink.
import type { ConnectorConfig } from '../../src/core/connector/config-def.ts';
import type { Refuse, ValueOf } from '../../src/core/connector/config.ts';
import { config, joined, parsed, readOrThrow } from '../../src/core/connector/config.ts';
import type { EverySink } from '../../src/core/connector/every-sink.ts';
import { everySink } from '../../src/core/connector/every-sink.ts';
import { checkTarget } from '../../src/core/connector/sql-identifier.ts';
import {
  readTableSink,
  tableSinkKeys,
  type TableSinkConfig,
} from '../../src/core/connector/table-sink-config.ts';
import { dialectKey, passwordKey, userKey } from '../sql/connection/keys.ts';
import { checkCa, tlsCaKey, type TlsTarget } from '../sql/connection/tls.ts';
import { readJdbcUrl, tlsWords, type JdbcTarget } from './session/jdbc-url.ts';

export interface MysqlTarget extends JdbcTarget, TlsTarget {
  readonly user: string;
  readonly password: string;
}

export type MysqlSinkConfig = ValueOf<typeof mysqlSinkConfig> & EverySink;

const group = 'Connection';

export const mysqlSinkConfig = config(
  {
    url: parsed(
      'connection.url',
      {
        importance: 'HIGH',
        doc: {
          en: 'jdbc:mysql://host:port/database (or jdbc:mariadb:…), without user and password.',
          zh: 'jdbc:mysql://host:port/database（或 jdbc:mariadb:…），不含用户名和密码。',
        },
        group,
        displayName: 'JDBC URL',
        width: 'LONG',
      },
      readJdbcUrl,
    ),
    user: userKey,
    password: passwordKey,
    tlsCa: tlsCaKey(tlsWords),
    dialect: dialectKey('MySqlDatabaseDialect'),
    ...tableSinkKeys,
  },
  ({ url, user, password, tlsCa: ca, ...values }, refuse) => {
    checkCa({ ca, tls: url.tls }, tlsWords, refuse);
    const { database: named, ...table } = readTableSink(values, refuse);
    const schema = named ?? databaseOf(table, url, refuse);
    return { ...table, schema, target: { ...url, user, password, ca } };
  },
);

/** Of the connection, where the table's name has none. */
function databaseOf(
  { table }: Pick<TableSinkConfig, 'table'>,
  { database }: JdbcTarget,
  refuse: Refuse,
): string {
  if (database === null) {
    refuse(
      'table.name.format',
      'no database: name it in table.name.format (database.table) or in connection.url',
    );
    return '';
  }
  const problem = table === '' ? null : checkTarget(database, table);
  if (problem !== null) refuse('connection.url', problem);
  return database;
}

/** Throws BAD_INPUT, naming the first wrong key. */
export function readMysqlSinkConfig(flat: ConnectorConfig): MysqlSinkConfig {
  return readOrThrow(joined(mysqlSinkConfig, everySink()), flat);
}
