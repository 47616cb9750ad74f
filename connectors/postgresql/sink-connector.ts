// The PostgreSQL sink: what the worker and the executor see of it.
import { defineSink } from '../../src/core/connector/define.ts';
import { fullOnly } from '../sql/target/aside/full-only.ts';
import { openSqlLedger } from '../sql/target/ledger.ts';
import { openSqlStore } from '../sql/target/store.ts';
import { checkConnection } from './check-connection.ts';
import { postgresSinkConfig, postgresSinkIdentity } from './config.ts';
import { readJdbcUrl } from './session/jdbc-url.ts';
import { postgresTarget } from './target.ts';

export const postgresSink = defineSink({
  className: 'io.syncline.postgresql.PostgresSinkConnector',
  aliases: ['PostgresSinkConnector', 'PostgresSink'],
  version: '0.1.0',
  config: postgresSinkConfig,
  hosts: (flat) => [readJdbcUrl(flat['connection.url'] ?? '').host],
  testConnection: checkConnection,
  identity: postgresSinkIdentity,
  fullOnly,
  openLedger: (config) => Promise.resolve(openSqlLedger(postgresTarget, config)),
  openStore: (config, signal) => Promise.resolve(openSqlStore(postgresTarget, config, signal)),
});
