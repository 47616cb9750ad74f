// Do both sides of a job mean one table? By their configurations, and by the addresses of their hosts: localhost is 127.0.0.1, and an
// alias in DNS its server. A server that is reached by two addresses is not seen through.
import { normalize } from 'node:path';
import type { ConnectorConfig } from '../core/connector/config-def.ts';
import { readTableName } from '../core/connector/table-name.ts';
import { isSameHost } from '../core/network/check-hosts.ts';

export async function isSameTable(source: ConnectorConfig, sink: ConnectorConfig): Promise<boolean> {
  const from = tableOf(source['connection.url'], source['table.whitelist']);
  const to = tableOf(sink['connection.url'], sink['table.name.format']);
  if (from === null || to === null || from.name !== to.name) return false;
  return isSameHost(from.host, to.host);
}

interface NamedTable {
  /** '': a file's. */
  readonly host: string;
  /** Kind of server, port, database and table; of a file its path. */
  readonly name: string;
}

const ports: Readonly<Record<string, string>> = { mysql: '3306', postgresql: '5432' };

/** null: not both are named, or not in words that a connector reads. */
function tableOf(url = '', format = ''): NamedTable | null {
  const parts = partsOf(format);
  const table = parts.at(-1) ?? '';
  const place = url.replaceAll(/\s/g, '').replace(/^jdbc:mariadb:/i, 'jdbc:mysql:');
  if (place === '' || table === '') return null;
  const server =
    /^jdbc:(mysql|postgresql):\/\/(\[[^\]]*\]|[^/:?]*)(?::(\d*))?(?:\/([^?]*))?(?:\?(.*))?$/i.exec(place);
  const [, scheme = '', host = '', port = '', database = '', options = ''] = server ?? [];
  if (server === null) {
    const file = normalize(place.replace(/^jdbc:sqlite:/i, '').replace(/\?.*$/, ''));
    return { host: '', name: JSON.stringify([file, table]) };
  }
  const kind = scheme.toLowerCase();
  const [, schema = 'public'] = /(?:^|&)currentSchema=([^&]*)/i.exec(options) ?? [];
  const within = kind === 'mysql' ? [parts.at(-2) ?? database] : [database, parts.at(-2) ?? schema];
  return { host, name: JSON.stringify([kind, port === '' ? ports[kind] : port, ...within, table]) };
}

/** What no connector reads as a name is refused by the connector, in its words. */
function partsOf(format: string): readonly string[] {
  try {
    return readTableName(format);
  } catch {
    return [];
  }
}
