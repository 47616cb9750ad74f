// The MySQL and MariaDB sink: what the worker and the executor see of it.
import { defineSink } from '../../src/core/connector/define.ts';
import { fullOnly } from '../sql/target/aside/full-only.ts';
import { openSqlLedger } from '../sql/target/ledger.ts';
import { openSqlStore } from '../sql/target/store.ts';
import { checkConnection } from './check-connection.ts';
import { mysqlSinkConfig, mysqlSinkIdentity } from './config.ts';
import { readJdbcUrl } from './session/jdbc-url.ts';
import { mysqlTarget } from './target.ts';

export const mysqlSink = defineSink({
  className: 'io.syncline.mysql.MySqlSinkConnector',
  aliases: ['MySqlSinkConnector', 'MySqlSink'],
  version: '0.1.0',
  config: mysqlSinkConfig,
  hosts: (flat) => [readJdbcUrl(flat['connection.url'] ?? '').host],
  testConnection: checkConnection,
  identity: mysqlSinkIdentity,
  fullOnly,
  openLedger: (config) => Promise.resolve(openSqlLedger(mysqlTarget, config)),
  openStore: (config, signal) => Promise.resolve(openSqlStore(mysqlTarget, config, signal)),
});
