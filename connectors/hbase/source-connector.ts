// The HBase source connector: tables of an HBase cluster into a topic, whole or by cell timestamp.
import type { ConnectorConfig } from '../../src/core/connector/config-def.ts';
import type { SourcePlugin } from '../../src/core/connector/contract.ts';
import { hbaseSourceConfig, parseSourceConfig, readSourceConfig, SOURCE_KEY, topicOf } from './config.ts';
import { testSourceConnection } from './connection-test.ts';
import { openSourceLook } from './looking/source-look.ts';
import { HBaseSourceTask } from './source-task.ts';

export const hbaseSource: SourcePlugin = {
  type: 'source',
  className: 'io.syncline.hbase.HBaseSourceConnector',
  aliases: [
    'org.pkuse.source.connector.hbase.DabotSourceConnector',
    'org.pkuse.source.connector.hbase.HBaseSourceConnector',
    'DabotSourceConnector',
    'DabotSource',
    'HBaseSourceConnector',
    'HBaseSource',
  ],
  version: '0.1.0',
  configDef: hbaseSourceConfig,
  validate: (config) => {
    const parsed = parseSourceConfig(config);
    return 'problems' in parsed ? parsed.problems : [];
  },
  testConnection: (config, signal) => testSourceConnection(readSourceConfig(config), signal),
  identity,
  topicOf,
  openLook: openSourceLook,
  openTask: (config, signal, slots) =>
    Promise.resolve(new HBaseSourceTask(readSourceConfig(config), signal, slots)),
};

/** Cluster, table, key, rows, and what increments go by. Other fields may change without a full run being demanded. */
function identity(config: ConnectorConfig): string {
  const { table, mapping, growing, rows } = readSourceConfig(config);
  const place = {
    zookeeper: config[SOURCE_KEY.zookeeperHosts] ?? '',
    port: config[SOURCE_KEY.zookeeperPort] ?? '',
    masters: config[SOURCE_KEY.masters] ?? '',
    znodeParent: config[SOURCE_KEY.znodeParent] ?? '',
  };
  const key = mapping.fields
    .filter((field) => field.isKey)
    .map(({ source, target, type, encoding, mapRule, byteRule }) => {
      return { source, target, type, encoding, mapRule, byteRule: byteRule.text };
    });
  // Positions of another column say nothing: the job must begin anew.
  const by = growing === null ? {} : { increment: growing.field.source };
  const range = rows.text === '' ? {} : { rows: rows.text };
  return JSON.stringify({ source: 'hbase', ...place, table, keyName: mapping.keyName, key, ...by, ...range });
}
