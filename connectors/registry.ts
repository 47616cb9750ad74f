// The explicit list of connectors. Made anew in the main thread and in each lane, from settings that can be sent to one.
import type { ConnectorPlugin } from '../src/core/connector/contract.ts';
import type { SqlConnections } from '../src/core/ports/sql-connections.ts';
import { createFileSink } from './file/sink-connector.ts';
import { createFileSource } from './file/source-connector.ts';
import { hbaseSink } from './hbase/sink/sink-connector.ts';
import { hbaseSource } from './hbase/source/source-connector.ts';
import { mysqlSink, mysqlTarget, useDatabase } from './mysql/sink-connector.ts';
import { postgresSink, postgresTarget } from './postgresql/sink-connector.ts';
import { mysqlDialect } from './mysql/source/server.ts';
import { postgresDialect } from './postgresql/source/server.ts';
import { refuseSql } from './sqlite/refused-words.ts';
import { createSqliteDialect } from './sqlite/source/server.ts';
import { createSqlSource } from './sql/source/source-connector.ts';
import { sqlConnections, statementServer } from './sql/connection/statement-runner.ts';
import { createSinkByUrl } from './sql/sink-by-url.ts';
import { loadPackages } from './packages/load-packages.ts';
import { createSqliteSink, sqliteTarget } from './sqlite/sink-connector.ts';

export interface PluginSettings {
  /** The only folder that the file and SQLite connectors reach. */
  readonly fileRoot: string;
}

/** The list, and what the named npm packages export. Throws as loadPackages. */
export async function loadPlugins(
  settings: PluginSettings & { readonly plugins: readonly string[] },
): Promise<readonly ConnectorPlugin[]> {
  const builtIn = createPlugins(settings);
  return [...builtIn, ...(await loadPackages(settings.plugins, builtIn))];
}

/** Where the SQL of jobs' steps runs. */
export function createSqlConnections({ fileRoot }: PluginSettings): SqlConnections {
  return sqlConnections([
    statementServer(mysqlTarget, {
      prefixes: ['jdbc:mysql:', 'jdbc:mariadb:'],
      table: 'any.step',
      enter: useDatabase,
      doubleQuotes: true,
    }),
    statementServer(postgresTarget, { prefixes: ['jdbc:postgresql:'], table: 'step' }),
    statementServer(sqliteTarget(fileRoot), { prefixes: ['jdbc:sqlite:'], table: 'step', refuse: refuseSql }),
  ]);
}

export function createPlugins({ fileRoot }: PluginSettings): readonly ConnectorPlugin[] {
  const sqliteSink = createSqliteSink(fileRoot);
  return [
    createFileSource(fileRoot),
    createFileSink(fileRoot),
    hbaseSource,
    hbaseSink,
    mysqlSink,
    postgresSink,
    createSqlSource([mysqlDialect, postgresDialect, createSqliteDialect(fileRoot)]),
    sqliteSink,
    createSinkByUrl([
      { prefixes: ['jdbc:mysql:', 'jdbc:mariadb:'], sink: mysqlSink },
      { prefixes: ['jdbc:postgresql:'], sink: postgresSink },
      { prefixes: ['jdbc:sqlite:'], sink: sqliteSink },
    ]),
  ];
}
