// Configuration of the MySQL sink: its keys, and one reader that turns the flat text into what the other files use.
import type { ConfigDef, ConfigProblem, ConnectorConfig } from '../../src/core/connector/config-def.ts';
import { SyncError } from '../../src/core/errors.ts';
import { checkTarget } from '../../src/core/sql-identifier.ts';
import {
  collectProblems,
  readTableSinkConfig,
  tableSinkKeys,
  type TableSinkConfig,
} from '../../src/core/connector/table-sink-config.ts';
import { readJdbcUrl, type JdbcTarget } from './jdbc-url.ts';

export interface MysqlTarget extends JdbcTarget {
  readonly user: string;
  readonly password: string;
}

export interface MysqlSinkConfig extends Omit<TableSinkConfig, 'database'> {
  readonly target: MysqlTarget;
  /** Of the target table, and of the ledger beside it. */
  readonly database: string;
}

const group = 'Connection';

export const mysqlSinkKeys: ConfigDef = [
  {
    name: 'connection.url',
    type: 'STRING',
    importance: 'HIGH',
    documentation: 'jdbc:mysql://host:port/database (or jdbc:mariadb:…).',
    group,
    displayName: 'JDBC URL',
    width: 'LONG',
    check: (value) => messageOf(() => readJdbcUrl(value)),
  },
  {
    name: 'connection.user',
    type: 'STRING',
    importance: 'HIGH',
    documentation: 'User of the target database.',
    group,
    displayName: 'User',
    width: 'MEDIUM',
  },
  {
    name: 'connection.password',
    type: 'PASSWORD',
    defaultValue: '',
    importance: 'HIGH',
    documentation: 'Password of that user.',
    group,
    displayName: 'Password',
    width: 'MEDIUM',
  },
  ...tableSinkKeys,
];

/** Throws BAD_INPUT or NOT_YET, naming the first wrong key. */
export function readMysqlSinkConfig(config: ConnectorConfig): MysqlSinkConfig {
  const url = readJdbcUrl(config['connection.url'] ?? '');
  const table = readTableSinkConfig(config);
  const user = config['connection.user'] ?? '';
  if (user === '')
    throw new SyncError('BAD_INPUT', {
      message: 'reading connection.user: it is empty',
      field: 'connection.user',
    });
  const database = table.database ?? url.database;
  if (database === null)
    throw new SyncError('BAD_INPUT', {
      message:
        'reading table.name.format: no database: name it in table.name.format (database.table) or in connection.url',
      field: 'table.name.format',
    });
  const problem = checkTarget(database, table.table);
  if (problem !== null)
    throw new SyncError('BAD_INPUT', {
      message: `reading connection.url: ${problem}`,
      field: 'connection.url',
    });
  return { ...table, database, target: { ...url, user, password: config['connection.password'] ?? '' } };
}

/** Problems between keys; those of single keys are the worker's to find by `mysqlSinkKeys`. */
export function findMysqlSinkProblems(config: ConnectorConfig): readonly ConfigProblem[] {
  return collectProblems(config, [readMysqlSinkConfig]);
}

/** What is written and under which key; no secrets. A change of it demands a full run. */
export function mysqlSinkIdentity(config: ConnectorConfig): string {
  const { target, database, table, keyMode, keyFields, insertMode } = readMysqlSinkConfig(config);
  return JSON.stringify({
    kind: 'mysql',
    host: target.host,
    port: target.port,
    table: [database, table],
    key: keyMode === 'none' ? null : [...keyFields].sort(),
    insertMode,
  });
}

function messageOf(act: () => unknown): string | null {
  try {
    act();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
