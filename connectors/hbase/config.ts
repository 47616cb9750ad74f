// Configuration of the HBase source: the contract's keys (article 003) and ours, declared as data; and read into one object.
import type { ConfigDef, ConfigProblem, ConnectorConfig } from '../../src/core/connector/config-def.ts';
import { KEY } from '../../src/core/connector/keys.ts';
import { SyncError } from '../../src/core/errors.ts';
import { deletePolicies } from '../../src/core/status.ts';
import type { DeletePolicy } from '../../src/core/status.ts';
import { encodingNames } from './encodings/all-encodings.ts';
import { parseFieldMapping } from './field-mapping.ts';
import type { FieldMapping } from './field-mapping.ts';
import { findGrowingColumn } from './growing-column.ts';
import type { GrowingColumn } from './growing-column.ts';
import { CLUSTER_KEY, clusterKeys, readCluster } from './cluster-config.ts';
import { key, optional, whole } from './config-keys.ts';
import type { Read, Report } from './cluster-config.ts';
import { readKerberos } from './kerberos-config.ts';
import { ROW_RANGE_KEY, readRowRange, rowRangeKeys } from './row-range.ts';
import type { RowRange } from './row-range.ts';
import type { ClusterPlace } from './rpc/client.ts';
import type { TlsOptions } from './rpc/connection.ts';
import type { KerberosOptions } from './rpc/sasl/kerberos-options.ts';
import { readTls } from './tls-config.ts';

export const SOURCE_KEY = {
  topicPrefix: 'pkuse.kafka.topic.prefix',
  ...CLUSTER_KEY,
  namespace: 'pkuse.hbase.namespace',
  table: 'pkuse.hbase.table.name',
  mapping: 'pkuse.hbase.filed.mapping',
  keyName: 'pkuse.hbase.filed.columnsKey',
  encoding: 'pkuse.hbase.value.encoding',
  syncType: 'pkuse.datasyntype',
  incrementColumn: 'pkuse.incrementreadfields',
  incrementValue: 'pkuse.lastincrementvalue',
  deletes: 'hbase.deletes',
  count: 'hbase.count',
  ...ROW_RANGE_KEY,
  batchSize: 'pkuse.kafka.batch.size',
  scanners: 'hbase.scanners',
  scannersPerServer: 'hbase.scanners.per.server',
  retryMs: 'hbase.retry.ms',
} as const;

const table = 'Table';
const reading = 'Reading';
const run = 'Run';
const withoutEffect = 'Without effect';

export const hbaseSourceConfig: ConfigDef = [
  ...clusterKeys,
  optional(SOURCE_KEY.namespace, table, 'Namespace of the table.', 'default'),
  { ...key(SOURCE_KEY.table, table, 'Name of the table, without namespace.'), importance: 'HIGH' },
  {
    ...key(SOURCE_KEY.mapping, table, 'JSON array of {sourceFiled, targetFiled, fieldType, ispk, …}.'),
    importance: 'HIGH',
    width: 'LONG',
  },
  optional(
    SOURCE_KEY.keyName,
    table,
    'The key field: the row key where the table has no column of that name.',
    '',
  ),
  {
    ...optional(
      SOURCE_KEY.encoding,
      table,
      'How cells hold values, for mapping entries without an encoding.',
      'text',
    ),
    oneOf: encodingNames,
  },
  { ...optional(SOURCE_KEY.syncType, reading, '1 full, 2 incremental.', '1'), oneOf: ['1', '2'] },
  optional(
    SOURCE_KEY.incrementColumn,
    reading,
    'Mapped column whose values only grow (whole number, date or timestamp); blank: by cell timestamp.',
    '',
  ),
  optional(
    SOURCE_KEY.incrementValue,
    reading,
    'Where an incremental run by hand starts: the value to start after; by cell timestamp, milliseconds since the epoch.',
    '',
  ),
  {
    ...optional(
      SOURCE_KEY.deletes,
      reading,
      'Rows deleted in the source: ignore; markers (followed by their markers, which last until a major compaction, or a minor one of all files of a store); reconcile (the keys of source and target are compared in every run). (源中已删除的行:ignore 不跟随;markers 按删除标记跟随,标记在 major compaction 或合并某个 store 全部文件的 minor compaction 后消失;reconcile 每次运行比对源与目标的键。)',
      'ignore',
    ),
    oneOf: deletePolicies,
  },
  ...rowRangeKeys,
  {
    ...optional(
      SOURCE_KEY.count,
      reading,
      'How many rows a full read will find: estimate, from the sizes of regions (small tables are counted); exact, counted by the region servers first, which read the table once more, for 30 s at most. (全量读取的预计行数:estimate 按 region 大小估计,小表直接计数;exact 先由 RegionServer 计数,多读一遍表,最长 30 秒。)',
      'estimate',
    ),
    oneOf: ['estimate', 'exact'],
  },
  whole(SOURCE_KEY.batchSize, reading, {
    text: 'Most records per produce batch.',
    initial: 4000,
    max: 1_000_000,
  }),
  whole(SOURCE_KEY.scanners, reading, {
    text: 'Key ranges read at the same time, as far as the worker lets so many be read on one cluster.',
    initial: 4,
    max: 64,
  }),
  whole(SOURCE_KEY.scannersPerServer, reading, {
    text: 'Of them, at most so many on one region server, as far as the worker lets all jobs together.',
    initial: 2,
    max: 64,
  }),
  whole(SOURCE_KEY.retryMs, reading, {
    text: 'A read without progress for so long fails.',
    initial: 120_000,
    max: 3_600_000,
  }),
  optional(SOURCE_KEY.topicPrefix, run, 'Topic = prefix + namespace + _ + table.', ''),
  optional(KEY.connectorName, run, 'Name of the connector in status messages.', ''),
  optional(KEY.taskId, run, 'Id of this run.', ''),
  optional(KEY.brokers, run, 'Brokers for the status topic.', ''),
  {
    ...optional(
      KEY.endMarker,
      run,
      'Whether an END record or the last data record carries isEnd.',
      'control',
    ),
    oneOf: ['control', 'record'],
  },
  optional('pkuse.isftpfile', withoutEffect, 'Accepted, without effect.', ''),
  optional('pkuse.daboturl', withoutEffect, 'Accepted, without effect.', ''),
  optional('pkuse.hasbigfield', withoutEffect, 'Accepted, without effect.', ''),
];

export interface HBaseSourceConfig {
  readonly cluster: ClusterPlace;
  readonly user: string;
  readonly kerberos: KerberosOptions | undefined;
  readonly tls: TlsOptions | undefined;
  /** `namespace:table` */
  readonly table: string;
  readonly mapping: FieldMapping;
  readonly deletes: DeletePolicy;
  /** How the rows of a full read are predicted. */
  readonly count: 'estimate' | 'exact';
  /** Rows outside are none of the job's. */
  readonly rows: RowRange;
  /** The column by whose value increments are read; null: by cell timestamp. */
  readonly growing: GrowingColumn | null;
  readonly scanners: number;
  readonly scannersPerServer: number;
  readonly retryMs: number;
}

/** The configuration, or all its problems. Pure: nothing is asked for over the network. */
export function parseSourceConfig(
  config: ConnectorConfig,
): { readonly settings: HBaseSourceConfig } | { readonly problems: readonly ConfigProblem[] } {
  const problems: ConfigProblem[] = [];
  const report = (name: string, message: string): void => {
    problems.push({ key: name, value: config[name] ?? null, message });
  };
  const value = (name: string): string => {
    const text = (config[name] ?? '').trim();
    return text === '' ? (hbaseSourceConfig.find((known) => known.name === name)?.defaultValue ?? '') : text;
  };
  const place = readCluster(value, report);
  const kerberos = readKerberos(value, report);
  const tls = readTls(value, report);
  const mapping = readMapping(value, report);
  checkTable(value, report);
  checkNumbers(value, report);
  const growing = mapping === null ? null : readGrowing(value, mapping, report);
  const rows = readRowRange(value, report);
  checkDeletes(value, rows, report);
  if (problems.length > 0 || place === null || mapping === null) return { problems };
  return {
    settings: {
      cluster: place,
      user: value(SOURCE_KEY.user),
      kerberos,
      tls,
      table: `${value(SOURCE_KEY.namespace)}:${value(SOURCE_KEY.table)}`,
      mapping,
      growing,
      rows,
      deletes: deletePolicies.find((policy) => policy === value(SOURCE_KEY.deletes)) ?? 'ignore',
      count: value(SOURCE_KEY.count) === 'exact' ? 'exact' : 'estimate',
      scanners: Number(value(SOURCE_KEY.scanners)),
      scannersPerServer: Number(value(SOURCE_KEY.scannersPerServer)),
      retryMs: Number(value(SOURCE_KEY.retryMs)),
    },
  };
}

/** @throws SyncError MAPPING_INVALID or BAD_INPUT naming the key of the first problem */
export function readSourceConfig(config: ConnectorConfig): HBaseSourceConfig {
  const parsed = parseSourceConfig(config);
  if ('settings' in parsed) return parsed.settings;
  const [first] = parsed.problems;
  const field = first?.key ?? '';
  const code = field === SOURCE_KEY.mapping ? 'MAPPING_INVALID' : 'BAD_INPUT';
  const message = parsed.problems.map((problem) => `reading ${problem.key}: ${problem.message}`).join('; ');
  throw new SyncError(code, { message, field });
}

export function topicOf(config: ConnectorConfig): string {
  const namespace = (config[SOURCE_KEY.namespace] ?? '').trim();
  const prefix = config[SOURCE_KEY.topicPrefix] ?? '';
  return `${prefix}${namespace === '' ? 'default' : namespace}_${config[SOURCE_KEY.table] ?? ''}`;
}

function readMapping(value: Read, report: Report): FieldMapping | null {
  const parsed = parseFieldMapping({
    text: value(SOURCE_KEY.mapping),
    keyName: value(SOURCE_KEY.keyName),
    defaultEncoding: value(SOURCE_KEY.encoding),
  });
  if ('mapping' in parsed) return parsed.mapping;
  for (const problem of parsed.problems) report(SOURCE_KEY.mapping, problem);
  return null;
}

function readGrowing(value: Read, { fields }: FieldMapping, report: Report): GrowingColumn | null {
  const name = value(SOURCE_KEY.incrementColumn);
  if (name === '') return null;
  const growing = findGrowingColumn(name, fields);
  if (typeof growing !== 'string') return growing;
  report(SOURCE_KEY.incrementColumn, growing);
  return null;
}

function checkDeletes(value: Read, rows: RowRange, report: Report): void {
  const policy = value(SOURCE_KEY.deletes);
  if (!deletePolicies.some((known) => known === policy))
    report(SOURCE_KEY.deletes, `write one of ${deletePolicies.join(', ')}`);
  if (policy === 'reconcile' && value(KEY.endMarker) === 'record')
    report(SOURCE_KEY.deletes, 'only sinks of Syncline compare keys; write ignore or markers');
  if (policy === 'reconcile' && rows.text !== '')
    report(
      SOURCE_KEY.deletes,
      `keys are compared for whole tables; write ignore or markers, or leave ${ROW_RANGE_KEY.startRow} and ${ROW_RANGE_KEY.stopRow} blank`,
    );
  if (policy === 'markers' && value(SOURCE_KEY.incrementColumn) !== '')
    report(
      SOURCE_KEY.deletes,
      `markers stand in no column's values; write ignore or reconcile, or leave ${SOURCE_KEY.incrementColumn} blank`,
    );
}

function checkNumbers(value: Read, report: Report): void {
  for (const { name, type, min = 1, max = Infinity } of hbaseSourceConfig) {
    const number = Number(value(name));
    if (type === 'INT' && !(Number.isInteger(number) && number >= min && number <= max))
      report(name, `write a whole number from ${min} to ${max}`);
  }
}

function checkTable(value: Read, report: Report): void {
  if (!/^[\p{L}\p{N}_]+$/u.test(value(SOURCE_KEY.namespace)))
    report(SOURCE_KEY.namespace, 'HBase has no such namespaces');
  if (!/^[\p{L}\p{N}_][\p{L}\p{N}_.-]*$/u.test(value(SOURCE_KEY.table)))
    report(
      SOURCE_KEY.table,
      `write the table's name without its namespace, which goes to ${SOURCE_KEY.namespace}`,
    );
  const topic = `${value(SOURCE_KEY.topicPrefix)}${value(SOURCE_KEY.namespace)}_${value(SOURCE_KEY.table)}`;
  if (!/^[A-Za-z0-9._-]{1,249}$/.test(topic))
    report(
      SOURCE_KEY.topicPrefix,
      `the topic would be '${topic}'; Kafka takes letters, digits, ., _ and - only`,
    );
}
