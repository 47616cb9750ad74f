// The HBase source connector: tables of an HBase cluster into a topic, whole or by cell timestamp.
import { defineSource } from '../../../src/core/connector/define.ts';
import { clusterHosts, clusterName } from '../cluster/cluster-config.ts';
import type { HBaseSourceConfig } from './source-config.ts';
import { hbaseSourceConfig } from './source-config.ts';
import { readSchema, testSourceConnection } from './source-connection-test.ts';
import { openSourceLook } from '../look/source-look.ts';
import { positionsOf } from './positions.ts';
import { deleteWay } from './deleted-rows.ts';
import { HBaseSourceTask } from './source-task.ts';

export const hbaseSource = defineSource({
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
  config: hbaseSourceConfig,
  hosts: clusterHosts,
  deletes: deleteWay,
  positions: ({ growing }) => positionsOf(growing),
  testConnection: testSourceConnection,
  schemaOf: readSchema,
  identity,
  content,
  topicOf: ({ topic }) => topic,
  openLook: openSourceLook,
  open: (opening) => new HBaseSourceTask(opening),
});

/** Cluster, table, key, rows, and what increments go by. Other fields may change without a full run being demanded. */
function identity({ cluster, table, mapping, growing, rows }: HBaseSourceConfig): string {
  const key = mapping.fields
    .filter((field) => field.isKey)
    .map(({ source, target, type, encoding, mapRule, byteRule }) => {
      return { source, target, type, encoding, mapRule, byteRule: byteRule.text };
    });
  // Positions of another column say nothing: the job must begin anew.
  const by = growing === null ? {} : { increment: growing.field.source };
  const range = rows.text === '' ? {} : { rows: rows.text };
  const place = { cluster: clusterName(cluster), table };
  return JSON.stringify({ source: 'hbase', ...place, keyName: mapping.keyName, key, ...by, ...range });
}

/** All that decides what is in a row: fields with what is done to their values, and which rows pass. */
function content({ mapping }: HBaseSourceConfig): string {
  return JSON.stringify(
    mapping.fields.map(
      ({ source, target, type, encoding, settings, misfit, mapRule, byteRule, condition }) => ({
        source,
        target,
        type,
        encoding,
        zone: settings.zone.name,
        charset: settings.charset,
        misfit,
        mapRule,
        byteRule: byteRule.text,
        condition: condition?.text ?? null,
      }),
    ),
  );
}
