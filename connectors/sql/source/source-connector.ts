// The source for SQL databases: a table or a query of any database that it is given a dialect for.
import type { SourcePlugin } from '../../../src/core/connector/contract.ts';
import { defineSource } from '../../../src/core/connector/define.ts';
import { hostsOf, sqlSourceConfig } from './config.ts';
import type { SqlSourceConfig } from './config.ts';
import type { SqlDialect } from './dialect.ts';
import { openSourceLook } from './look/source-look.ts';
import { positionsOf } from './increments/positions.ts';
import { deleteWay } from './row-columns.ts';
import { SqlSourceTask } from './source-task.ts';
import { readSchema, testSourceConnection } from './connection-test.ts';

export function createSqlSource(dialects: readonly SqlDialect[]): SourcePlugin {
  return defineSource({
    className: 'io.syncline.sql.SqlSourceConnector',
    aliases: [
      'io.confluent.connect.jdbc.JdbcSourceConnector',
      'JdbcSourceConnector',
      'JdbcSource',
      'SqlSourceConnector',
      'SqlSource',
    ],
    version: '0.1.0',
    config: sqlSourceConfig(dialects),
    hosts: (flat) => hostsOf(dialects, flat),
    testConnection: testSourceConnection,
    schemaOf: readSchema,
    identity,
    content,
    deletes: deleteWay,
    positions: ({ increments }) => positionsOf(increments),
    topicOf: ({ topic }) => topic,
    openLook: (flat, signal) => openSourceLook(dialects, flat, signal),
    open: ({ config, signal, clock }) => new SqlSourceTask(config, signal, clock),
  });
}

/** Server, table or query, key, and what increments go by. Other columns may change without a full run being demanded. */
function identity({ server, place, keyColumns, increments }: SqlSourceConfig): string {
  const { mode, incrementing, timestamps, zone } = increments;
  const { dialect, address, database } = server;
  const key = keyColumns.length === 0 ? {} : { key: keyColumns };
  const by = mode === 'bulk' ? {} : { mode, incrementing, timestamps };
  // In another zone the same position is another local time.
  const where = timestamps.length === 0 ? {} : { zone: zone.name };
  return JSON.stringify({ source: dialect, address, database, place, ...key, ...by, ...where });
}

function content({ columns, server }: SqlSourceConfig): string {
  return JSON.stringify({ columns, zeroDates: server.zeroDates });
}
