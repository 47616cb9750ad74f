// Names by which a plugin is found, and versions that are asked for.
import { describe, expect, it } from 'vitest';
import { createPluginRegistry } from '../../src/core/connector/plugin-registry.ts';
import { refuseOtherVersion } from '../../src/worker/rest/plugin-version.ts';
import { createFakeSink, createFakeSource } from '../fakes/fake-plugins.ts';
import { createMemoryTarget } from '../fakes/memory-target.ts';

const sink = {
  ...createFakeSink(createMemoryTarget()),
  className: 'io.syncline.mysql.MySqlSinkConnector',
  aliases: ['io.confluent.connect.jdbc.JdbcSinkConnector'],
};
const source = { ...createFakeSource(), className: 'io.syncline.hbase.HBaseSourceConnector', aliases: [] };

describe('finding a plugin', () => {
  const registry = createPluginRegistry([source, sink]);

  it.each([
    'io.syncline.mysql.MySqlSinkConnector',
    'MySqlSinkConnector',
    'MySqlSink',
    'io.confluent.connect.jdbc.JdbcSinkConnector',
    'JdbcSinkConnector',
    'JdbcSink',
  ])('knows it as %s', (name) => {
    expect(registry.find(name)).toBe(sink);
  });

  it.each(['', 'MySql', 'Sink', 'jdbcsink', 'io.syncline.MySqlSink', '__proto__', 'constructor'])(
    'does not know it as %j',
    (name) => {
      expect(registry.find(name)).toBeNull();
    },
  );

  it('lists sinks before sources', () => {
    expect(registry.all).toEqual([sink, source]);
  });

  it('refuses a short name that two plugins share, and still takes the full ones', () => {
    const other = { ...source, className: 'org.other.MySqlSinkConnector', aliases: [] };
    const ambiguous = createPluginRegistry([sink, other]);
    expect(() => ambiguous.find('MySqlSink')).toThrow('More than one connector matches alias MySqlSink');
    expect(ambiguous.find('org.other.MySqlSinkConnector')).toBe(other);
  });
});

describe('asking for a version', () => {
  const plugin = { className: 'X', version: '4.3.1' };

  it.each(['latest', '4.3.1', '[4.0,5.0)', '[4.3.1]', '(,5)', '[4.3.1,)', '(4.3,4.10]'])(
    '%s is there',
    (text) => {
      expect(() => refuseOtherVersion(plugin, text)).not.toThrow();
    },
  );

  it.each(['99', '4.3', '(4.3.1,)', '[5,6]', '(,4.3.1)'])('%s is not there', (text) => {
    expect(() => refuseOtherVersion(plugin, text)).toThrow('not found that matches the version range');
  });

  it.each(['[abc', '', '[1,2,3]', '(1', '[1]x'])('%j can not be read', (text) => {
    expect(() => refuseOtherVersion(plugin, text)).toThrow('Invalid version specification');
  });
});
