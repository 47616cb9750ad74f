// Configuration of a source that reads a table or a query of an SQL database.
import type { ConnectorConfig } from '../../../src/core/connector/config-def.ts';
import type { Config, Refuse, ValuesOf } from '../../../src/core/connector/config.ts';
import { config } from '../../../src/core/connector/config.ts';
import type { EverySource } from '../../../src/core/connector/every-source.ts';
import { isTopicName, tableTopic } from '../../../src/core/record/data-topic.ts';
import type { Zone } from '../../../src/core/time/time-zone.ts';
import { findZone, zoneAdvice } from '../../../src/core/time/time-zone.ts';
import { sourceKeys } from './config-keys.ts';
import type { DeletePolicy, Mode } from './config-keys.ts';
import type { ReadPlace, SqlDialect, SqlServer } from './dialect.ts';

/** How an incremental run finds what is new. */
export interface IncrementColumns {
  readonly mode: Mode;
  /** '': none. */
  readonly incrementing: string;
  readonly timestamps: readonly string[];
  readonly delayMs: number;
  readonly zone: Zone;
  readonly requireValues: boolean;
}

export interface SqlSourceOwnConfig {
  readonly server: SqlServer;
  readonly attempts: number;
  readonly backoffMs: number;
  readonly place: ReadPlace;
  /** For messages. */
  readonly name: string;
  readonly topic: string;
  readonly columns: readonly string[];
  readonly keyColumns: readonly string[];
  readonly increments: IncrementColumns;
  readonly connections: number;
  readonly deletes: DeletePolicy;
}

export type SqlSourceConfig = SqlSourceOwnConfig & EverySource;

type Values = ValuesOf<typeof sourceKeys>;

const names = {
  url: sourceKeys.url.def.name,
  table: sourceKeys.table.def.name,
  query: sourceKeys.query.def.name,
  prefix: sourceKeys.topicPrefix.def.name,
  mode: sourceKeys.mode.def.name,
  incrementing: sourceKeys.incrementing.def.name,
  timestamps: sourceKeys.timestamps.def.name,
  zone: sourceKeys.zone.def.name,
  deletes: sourceKeys.deletes.def.name,
};

/** Without I/O. */
export function sqlSourceConfig(dialects: readonly SqlDialect[]): Config<SqlSourceOwnConfig> {
  return config(sourceKeys, (values, refuse) => {
    const server = locate(dialects, values, refuse);
    const increments = readIncrements(values, refuse);
    if (server === null) return null;
    const place = readPlace(values, server, refuse);
    if (place === null || increments === null) return null;
    const { attempts, backoffMs, columns, keyColumns, connections, deletes } = values;
    if (place.kind === 'query' && deletes === 'reconcile')
      refuse(
        names.deletes,
        `keys are compared for tables with a key of their own, and this is a query; write ignore, or name the table in ${names.table}`,
      );
    const name = place.kind === 'query' ? 'the query' : [place.namespace, place.table].join('.');
    const topic = topicOf(values, place);
    if (!isTopicName(topic))
      refuse(names.prefix, 'write a prefix: without one the topic has no name that Kafka takes');
    return {
      server,
      attempts,
      backoffMs,
      place,
      name,
      topic,
      columns,
      keyColumns,
      increments,
      connections,
      deletes,
    };
  });
}

/** Hosts that the URL names, also of a configuration that is not complete. */
export function hostsOf(dialects: readonly SqlDialect[], flat: ConnectorConfig): readonly string[] {
  const url = flat[names.url] ?? '';
  const dialect = dialects.find((each) => each.reads(url));
  return dialect?.locate({ url, user: '', password: '', ca: null }, () => undefined)?.hosts ?? [];
}

export function locate(
  dialects: readonly SqlDialect[],
  values: Pick<Values, 'url' | 'user' | 'password' | 'ca'>,
  refuse: Refuse,
): SqlServer | null {
  const dialect = dialects.find((each) => each.reads(values.url));
  if (dialect !== undefined) return dialect.locate(values, refuse);
  refuse(
    names.url,
    `it is not a URL of ${dialects.map(({ name }) => name).join(', ')}, which begin with jdbc:`,
  );
  return null;
}

function readPlace({ table, query }: Values, server: SqlServer, refuse: Refuse): ReadPlace | null {
  if ((table === null) === (query === null)) {
    refuse(names.table, `name one of ${names.table} and ${names.query}: the table to read, or the query`);
    return null;
  }
  if (query !== null) {
    const complaint = query.endsWith(';')
      ? 'leave out the semicolon at its end'
      : (server.refuseQuery?.(query) ?? null);
    if (complaint === null) return { kind: 'query', sql: query };
    refuse(names.query, complaint);
    return null;
  }
  const parts = table ?? [];
  const [first = '', second, third] = withoutOwnDatabase(parts, server);
  if (third !== undefined) {
    refuse(names.table, `'${parts.join('.')}' has more parts than this database's names`);
    return null;
  }
  const namespace = second === undefined ? server.namespace : first;
  if (namespace !== null) return { kind: 'table', namespace, table: second ?? first };
  refuse(names.table, `no database: name it here (database.table) or in ${names.url}`);
  return null;
}

/** A name of three parts begins with the connection's own database. */
function withoutOwnDatabase(parts: readonly string[], { database }: SqlServer): readonly string[] {
  return parts.length === 3 && parts[0] === database ? parts.slice(1) : parts;
}

/** Confluent's: prefix and table; without a prefix the namespace stands in its place. */
function topicOf({ topicPrefix }: Values, place: ReadPlace): string {
  if (place.kind === 'query') return topicPrefix;
  if (topicPrefix === '') return tableTopic({ prefix: '', namespace: place.namespace, name: place.table });
  return `${topicPrefix}${tableTopic({ prefix: '', namespace: '', name: place.table }).slice(1)}`;
}

function readIncrements(values: Values, refuse: Refuse): IncrementColumns | null {
  const { mode, incrementing, timestamps, delayMs, requireValues } = values;
  const [wantsNumber, wantsTime] = [mode.includes('incrementing'), mode.includes('timestamp')];
  if (wantsNumber && incrementing === '')
    refuse(names.incrementing, `mode ${mode} needs it: name the column that grows`);
  if (!wantsNumber && incrementing !== '')
    refuse(names.incrementing, `mode ${mode} does not read it; leave it blank`);
  if (wantsTime && timestamps.length === 0)
    refuse(names.timestamps, `mode ${mode} needs it: name the column with the time of the last change`);
  if (!wantsTime && timestamps.length > 0)
    refuse(names.timestamps, `mode ${mode} does not read it; leave it blank`);
  const zone = findZone(values.zone);
  if (zone === null) {
    refuse(names.zone, `there is no zone '${values.zone}': ${zoneAdvice(values.zone)}`);
    return null;
  }
  return { mode, incrementing, timestamps, delayMs, zone, requireValues };
}
