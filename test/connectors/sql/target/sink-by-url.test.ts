// One class name for all SQL targets: the URL says which is meant.
import { describe, expect, it } from 'vitest';
import { createPlugins } from '../../../../connectors/registry.ts';
import { createPluginRegistry } from '../../../../src/core/connector/plugin-registry.ts';

const registry = createPluginRegistry(createPlugins({ fileRoot: '/files' }));
const common = { topics: 't', 'table.name.format': 't' };
const login = { 'connection.user': 'u', 'connection.password': 'p' };

describe('the sink named by its URL', () => {
  it.each([
    ['jdbc:mysql://h/d', 'io.syncline.mysql.MySqlSinkConnector'],
    ['jdbc:mariadb://h/d', 'io.syncline.mysql.MySqlSinkConnector'],
    ['JDBC:PostgreSQL://h/d', 'io.syncline.postgresql.PostgresSinkConnector'],
    ['jdbc:sqlite:a.db', 'io.syncline.sqlite.SqliteSinkConnector'],
  ])('%s is that of %s', (url, className) => {
    for (const name of ['io.confluent.connect.jdbc.JdbcSinkConnector', 'MyJdbcSink', 'JdbcSink']) {
      const sink = registry.require(name);
      const flat = { ...common, ...login, 'connection.url': url };
      expect(sink.validate(flat)).toEqual([]);
      expect(sink.identity(flat)).toBe(registry.require(className).identity(flat));
    }
  });

  it('asks for what the target meant needs, and for no more', () => {
    const sink = registry.require('JdbcSinkConnector');
    const keysOf = (url: string): readonly string[] =>
      sink.validate({ ...common, 'connection.url': url }).map(({ key }) => key);
    expect(keysOf('jdbc:postgresql://h/d')).toEqual(['connection.user']);
    expect(keysOf('jdbc:sqlite:a.db')).toEqual([]);
    expect(keysOf('')).toEqual(['connection.url']);
    const [problem] = sink.validate({ ...common, 'connection.url': 'jdbc:oracle:thin:@h' });
    expect(problem).toMatchObject({
      key: 'connection.url',
      message: 'it begins with none of jdbc:mysql:…, jdbc:mariadb:…, jdbc:postgresql:…, jdbc:sqlite:…',
    });
  });

  it('names no host, and finds nothing, where the URL means nobody', async () => {
    const sink = registry.require('JdbcSinkConnector');
    const flat = { ...common, 'connection.url': 'jdbc:oracle:thin:@h' };
    expect(() => sink.hosts?.(flat)).toThrow('connection.url');
    expect(await sink.testConnection(flat, new AbortController().signal)).toMatchObject([{ ok: false }]);
    expect(sink.hosts?.({ 'connection.url': 'jdbc:postgresql://db.example:5433/d' })).toEqual(['db.example']);
  });
});
