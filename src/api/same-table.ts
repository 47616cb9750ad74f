// Do both sides of a job mean one table? By the names in their configurations: a server that is known by two names is not seen through.
import type { ConnectorConfig } from '../core/connector/config-def.ts';

export function isSameTable(source: ConnectorConfig, sink: ConnectorConfig): boolean {
  const from = tableOf(source['connection.url'], source['table.whitelist']);
  return from !== null && from === tableOf(sink['connection.url'], sink['table.name.format']);
}

/** Server and full name; null: not both are named. */
function tableOf(url = '', name = ''): string | null {
  const place = url
    .replaceAll(/\s/g, '')
    .replace(/\?.*$/, '')
    .replace(/^jdbc:mariadb:/i, 'jdbc:mysql:');
  const parts = name.replaceAll(/[`"\s]/g, '').split('.');
  const table = parts.at(-1) ?? '';
  if (place === '' || table === '') return null;
  const [, server, database] = /^(jdbc:mysql:\/\/[^/]*)\/?(.*)$/i.exec(place) ?? [];
  if (server !== undefined) return [server.toLowerCase(), parts.at(-2) ?? database, table].join(' ');
  const schema = /^jdbc:postgresql:/i.test(place) ? (parts.at(-2) ?? 'public') : '';
  return [place.replace(/^jdbc:sqlite:/i, ''), schema, table].join(' ');
}
