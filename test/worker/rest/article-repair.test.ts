// The two request bodies of article 003, byte for byte as printed, and what is not repaired.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createPlugins } from '../../../connectors/registry.ts';
import { createPluginRegistry } from '../../../src/core/connector/plugin-registry.ts';
import { readRepaired } from '../../../src/worker/rest/article-repair.ts';
import { readCreateBody } from '../../../src/worker/rest/request-bodies.ts';

const registry = createPluginRegistry(createPlugins({ fileRoot: '/files' }));
const golden = (name: string): string =>
  readFileSync(new URL(`../../golden/${name}`, import.meta.url), 'utf8');
const source = golden('article-003-source.txt');
const sink = golden('article-003-sink.txt');

describe('the source body of article 003', () => {
  it('is not JSON as printed', () => {
    expect(() => readCreateBody(source)).toThrow('Unrecognized character escape');
  });

  it('is read with its whole mapping', () => {
    const { body, repairs } = readRepaired(source, readCreateBody, registry);
    expect(body.name).toBe('hbasesource_connector_001');
    expect(body.config?.['connector.class']).toBe('org.pkuse.source.connector.hbase.DabotSourceConnector');
    expect(body.config?.['pkuse.task.id']).toBe('100003');
    const mapping = body.config?.['pkuse.hbase.filed.mapping'] ?? '';
    expect(mapping.startsWith('[')).toBe(true);
    const entries = JSON.parse(mapping) as Record<string, string>[];
    expect(
      entries.map(({ sourceFiled, fieldType, ispk, maprule }) => [sourceFiled, fieldType, ispk, maprule]),
    ).toEqual([
      ['id', 'int', '1', ' '],
      ['name', 'string', '0', ' '],
      ['sex', 'string', '0', ' '],
      ['salary', 'bigint', '0', ' '],
    ]);
    expect(repairs).toEqual([
      'a blank between a backslash and its quote',
      'a blank before the bracket of the mapping',
      'a blank inside the name maprule',
    ]);
  });
});

describe('the sink body of article 003', () => {
  it('is JSON as printed, and gets the URL that was meant', () => {
    const { body, repairs } = readRepaired(sink, readCreateBody, registry);
    expect(body.config).toMatchObject({
      'connector.class': 'io.confluent.connect.jdbc.MyJdbcSinkConnector',
      'connection.url':
        'jdbc:mysql://192.168.130.247:3306/test03?autoReconnect=true&useUnicode=true&characterEncoding=utf-8&useSSL=false',
      'pkuse.task.id': '100003',
    });
    expect(repairs).toEqual(['a blank inside the JDBC URL']);
  });
});

describe('everything else', () => {
  it.each([
    ['damage of another kind', source.replace('"config"', 'config')],
    ['the same damage without pkuse.', '{"name":"a","config":{"x":"\\ "}}'],
    ['a text that breaks off', source.slice(0, -30)],
  ])('stays broken: %s', (_what, text) => {
    expect(() => readRepaired(text, readCreateBody, registry)).toThrow();
  });

  it('leaves a sound body as it is', () => {
    const text = JSON.stringify({
      name: 'a',
      config: {
        'pkuse.task.id': '1',
        note: ' ["ma prule"] a\\ "b',
        'connection.url': 'jdbc:mysql://h/d?a=b&c=d',
      },
    });
    expect(readRepaired(text, readCreateBody, registry)).toEqual({ body: readCreateBody(text), repairs: [] });
  });

  it('does not join an escaped backslash with the quote that ends the text', () => {
    const text = '{"name":"a","config":{"pkuse.x":"c:\\\\ ","y":"\\ "z\\""}}';
    const { body } = readRepaired(text, readCreateBody, registry);
    expect(body.config).toEqual({ 'pkuse.x': 'c:\\ ', y: '"z"' });
  });
});
