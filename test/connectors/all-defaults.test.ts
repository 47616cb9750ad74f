// Over all plugins: the default that a key's declaration names is the one that acts, in the connector and in the worker.
import { describe, expect, it } from 'vitest';
import { createPlugins } from '../../connectors/registry.ts';
import { readSinkRun, readSourceRun } from '../../src/worker/run-config.ts';
import { fullDef } from '../../src/worker/config/config-validation.ts';
import type { ConnectorConfig } from '../../src/core/connector/config-def.ts';
import type { ConnectorPlugin } from '../../src/core/connector/contract.ts';

const plugins = createPlugins({ fileRoot: '/files' });
const mapping = JSON.stringify([
  { sourceFiled: 'rowkey()', targetFiled: 'id', fieldType: 'string', ispk: '1' },
]);
/** What each needs beside its defaults. */
const needed: Readonly<Record<string, ConnectorConfig>> = {
  'org.apache.kafka.connect.file.FileStreamSourceConnector': { file: 'a', topic: 't' },
  'org.apache.kafka.connect.file.FileStreamSinkConnector': { file: 'a' },
  'io.syncline.hbase.HBaseSourceConnector': {
    'hbase.masters': 'h:1',
    'pkuse.hbase.table.name': 't',
    'pkuse.hbase.filed.mapping': mapping,
  },
  'io.syncline.hbase.HBaseSinkConnector': { 'hbase.masters': 'h:1' },
  'io.syncline.mysql.MySqlSinkConnector': { 'connection.url': 'jdbc:mysql://h/d', 'connection.user': 'u' },
  'io.syncline.postgresql.PostgresSinkConnector': {
    'connection.url': 'jdbc:postgresql://h/d',
    'connection.user': 'u',
  },
  'io.syncline.sql.SqlSinkConnector': {
    'connection.url': 'jdbc:postgresql://h/d',
    'connection.user': 'u',
  },
  'io.syncline.sql.SqlSourceConnector': {
    'connection.url': 'jdbc:mysql://h/d',
    'connection.user': 'u',
    'table.whitelist': 'orders',
  },
  'io.syncline.sqlite.SqliteSinkConnector': { 'connection.url': 'a.db' },
};

/** All that a plugin and the worker make of a configuration. */
function readAll(plugin: ConnectorPlugin, flat: ConnectorConfig): unknown {
  const run = plugin.type === 'source' ? readSourceRun(plugin, 'c', flat) : readSinkRun(plugin, 'c', flat);
  return { run, own: plugin.identity(flat) };
}

describe.each(plugins.map((plugin) => [plugin.className, plugin] as const))(
  'defaults of %s',
  (name, plugin) => {
    const config = { ...needed[name], ...(plugin.type === 'sink' ? { topics: 'orders' } : {}) };

    it('make a whole configuration of what is needed', () => {
      expect(plugin.validate(config)).toEqual([]);
    });

    it('act as each is documented', () => {
      const absent = readAll(plugin, config);
      for (const { name: key, defaultValue } of fullDef(plugin)) {
        if (defaultValue == null || Object.hasOwn(config, key)) continue;
        expect({ key, read: readAll(plugin, { ...config, [key]: defaultValue }) }).toEqual({
          key,
          read: absent,
        });
      }
    });

    it('come to where they act', () => {
      const documented = new Map(plugin.configDef.map((key) => [key.name, key.defaultValue]));
      if (plugin.type === 'sink') {
        const run = readSinkRun(plugin, 'c', config);
        expect([run.batchRows, run.retryMs, run.dirtyLimit, run.removalLimit].map(String)).toEqual(
          ['batch.size', 'retry.ms', 'dirty.limit', 'reconcile.limit.percent'].map((key) =>
            documented.get(key),
          ),
        );
      } else
        expect(String(readSourceRun(plugin, 'c', config).produceRows)).toBe(
          documented.get('pkuse.kafka.batch.size'),
        );
    });

    it('are explained in both languages, and each key once', () => {
      for (const { documentation } of fullDef(plugin)) {
        expect(documentation.en).toMatch(/[.)]$/);
        expect(documentation.zh).toMatch(/\p{Script=Han}/u);
      }
      const names = plugin.configDef.map((key) => key.name);
      expect(names).toEqual([...new Set(names)]);
    });
  },
);

it('of the HBase sink: 2,000 rows are one transaction', () => {
  const sink = plugins.find(({ className }) => className === 'io.syncline.hbase.HBaseSinkConnector');
  if (sink?.type !== 'sink') throw new Error('there is no HBase sink');
  expect(readSinkRun(sink, 'c', { 'hbase.masters': 'h:1', topics: 't' }).batchRows).toBe(2_000);
});
