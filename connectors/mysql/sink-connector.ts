// The MySQL and MariaDB sink: what the worker and the executor see of it.
import type { SinkPlugin } from '../../src/core/connector/contract.ts';
import { checkConnection } from './check-connection.ts';
import { findMysqlSinkProblems, mysqlSinkIdentity, mysqlSinkKeys, readMysqlSinkConfig } from './config.ts';
import { openSinkStore } from './sink-store.ts';
import { openTargetLedger } from './target-ledger.ts';

export const mysqlSink: SinkPlugin = {
  type: 'sink',
  className: 'io.syncline.mysql.MySqlSinkConnector',
  aliases: [
    'io.confluent.connect.jdbc.MyJdbcSinkConnector',
    'io.confluent.connect.jdbc.JdbcSinkConnector',
    'MyJdbcSinkConnector',
    'MyJdbcSink',
    'JdbcSinkConnector',
    'JdbcSink',
    'MySqlSinkConnector',
    'MySqlSink',
  ],
  version: '0.1.0',
  configDef: mysqlSinkKeys,
  validate: findMysqlSinkProblems,
  testConnection: checkConnection,
  identity: mysqlSinkIdentity,
  openLedger: (config) => Promise.resolve(openTargetLedger(readMysqlSinkConfig(config))),
  openStore: (config, signal) => Promise.resolve(openSinkStore(readMysqlSinkConfig(config), signal)),
};
