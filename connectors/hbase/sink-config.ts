// Configuration of the HBase sink: its keys, and one reader that turns the flat text into what the other files use.
import type { ConfigDef, ConfigProblem, ConnectorConfig } from '../../src/core/connector/config-def.ts';
import { KEY } from '../../src/core/connector/keys.ts';
import { SyncError } from '../../src/core/errors.ts';
import { clusterKeys, CLUSTER_KEY, readCluster } from './cluster-config.ts';
import { optional, whole } from './config-keys.ts';
import { writableEncodings } from './encodings/encoder.ts';
import { readKerberos } from './kerberos-config.ts';
import type { ClusterPlace } from './rpc/client.ts';
import type { TlsOptions } from './rpc/connection.ts';
import type { KerberosOptions } from './rpc/sasl/kerberos-options.ts';
import { readTls } from './tls-config.ts';
import { canonicalTableName } from './rpc/messages/table-name.ts';

export const SINK_KEY = {
  table: 'table.name.format',
  autoCreate: 'auto.create',
  keyMode: 'pk.mode',
  keyFields: 'pk.fields',
  insertMode: 'insert.mode',
  batchSize: 'batch.size',
  family: 'hbase.family',
  columns: 'hbase.columns',
  encoding: 'pkuse.hbase.value.encoding',
  delimiter: 'hbase.row.key.delimiter',
  saltBuckets: 'hbase.salt.buckets',
  presplit: 'hbase.presplit',
  nullValues: 'hbase.null.values',
  timestampField: 'hbase.timestamp.field',
  timestampRecord: 'hbase.timestamp.record',
  ledgerTable: 'hbase.ledger.table',
  retryMs: 'hbase.retry.ms',
} as const;

const [table, rowKey, cells] = ['Table', 'Row key', 'Cells'];
const flag = ['true', 'false'];

export const hbaseSinkConfig: ConfigDef = [
  ...clusterKeys,
  {
    ...optional(
      SINK_KEY.table,
      table,
      'Target: `table` or `namespace:table`; `${topic}` allowed.',
      '${topic}',
    ),
    importance: 'HIGH',
  },
  {
    ...optional(SINK_KEY.autoCreate, table, 'Create the table and the families when missing.', 'false'),
    type: 'BOOLEAN',
  },
  {
    ...optional(SINK_KEY.presplit, table, 'Create a salted table with a region per bucket.', 'true'),
    type: 'BOOLEAN',
  },
  optional(
    SINK_KEY.ledgerTable,
    table,
    'Table in which the progress of runs is kept; all jobs that write to a table must name the same one.',
    'syncline_ledger',
  ),
  {
    ...optional(
      SINK_KEY.keyMode,
      rowKey,
      'Where the row key comes from; both mean the same here.',
      'record_value',
    ),
    oneOf: ['record_value', 'record_key'],
  },
  {
    ...optional(
      SINK_KEY.keyFields,
      rowKey,
      'Fields of the row key, in its order; empty: those the source marks with ispk=1.',
      '',
    ),
    type: 'LIST',
    importance: 'HIGH',
  },
  optional(SINK_KEY.delimiter, rowKey, 'Stands between the fields of the row key.', '|'),
  {
    ...whole(SINK_KEY.saltBuckets, rowKey, {
      text: 'Row keys begin with two hex digits: CRC-32 of the rest modulo this number; 0: without.',
      initial: 0,
      max: 256,
    }),
    min: 0,
  },
  {
    ...optional(SINK_KEY.insertMode, cells, 'upsert: the only mode HBase has.', 'upsert'),
    oneOf: ['upsert'],
  },
  optional(SINK_KEY.family, cells, 'Family of the fields that hbase.columns does not name.', 'f'),
  {
    ...optional(
      SINK_KEY.columns,
      cells,
      'JSON array of {field, column: "family:qualifier", encoding, zone, charset}; a field not named goes to the column of its own name.',
      '',
    ),
    width: 'LONG',
  },
  {
    ...optional(SINK_KEY.encoding, cells, 'How cells hold values, for fields without an encoding.', 'text'),
    oneOf: writableEncodings,
  },
  {
    ...optional(
      SINK_KEY.nullValues,
      cells,
      'A field that is NULL: delete takes its column away, skip leaves it as it is, empty writes no bytes.',
      'delete',
    ),
    oneOf: ['delete', 'skip', 'empty'],
  },
  optional(
    SINK_KEY.timestampField,
    cells,
    'Field with the timestamp of the cells (timestamp, date, or integer of ms); empty: timestamps of the ledger. With it runs are delivered, not proved.',
    '',
  ),
  {
    ...optional(
      SINK_KEY.timestampRecord,
      cells,
      "true: the cells' timestamp is that of their Kafka record. With it runs are delivered, not proved. (true:单元格时间戳取自 Kafka 记录;此时运行为 delivered 而非 proved。)",
      'false',
    ),
    oneOf: flag,
  },
  whole(SINK_KEY.batchSize, cells, {
    text: 'Most rows of one transaction and of one call.',
    initial: 2000,
    max: 100_000,
  }),
  {
    ...optional(
      KEY.keysMayMerge,
      rowKey,
      'Accept row keys that may be the same for different rows.',
      'false',
    ),
    type: 'BOOLEAN',
  },
  {
    ...optional(
      KEY.dirtyLimit,
      cells,
      'Rows that may be refused before the run fails; kept in the ledger.',
      '0',
    ),
    type: 'LONG',
    min: 0,
  },
  whole(SINK_KEY.retryMs, cells, {
    text: 'A write without progress for so long fails.',
    initial: 60_000,
    max: 3_600_000,
  }),
];

export interface SinkColumn {
  readonly family: string;
  readonly qualifier: string;
  readonly encoding: string;
  /** Blank: the standard ones. */
  readonly zone: string;
  readonly charset: string;
}

export interface HBaseSinkConfig {
  readonly cluster: ClusterPlace;
  readonly user: string;
  readonly kerberos: KerberosOptions | undefined;
  readonly tls: TlsOptions | undefined;
  /** `namespace:table`, as are all names of tables here. */
  readonly table: string;
  readonly ledgerTable: string;
  readonly autoCreate: boolean;
  readonly presplit: boolean;
  readonly keyMode: 'record_value' | 'record_key';
  readonly keyFields: readonly string[];
  readonly delimiter: string;
  readonly saltBuckets: number;
  readonly family: string;
  /** By field; the others go to `family`. */
  readonly columns: ReadonlyMap<string, SinkColumn>;
  readonly encoding: string;
  readonly nullValues: 'delete' | 'skip' | 'empty';
  readonly timestampField: string | null;
  /** The cells' timestamp is the record's. */
  readonly timestampRecord: boolean;
  readonly batchSize: number;
  readonly keysMayMerge: boolean;
  readonly retryMs: number;
}

type Parsed = { readonly settings: HBaseSinkConfig } | { readonly problems: readonly ConfigProblem[] };

/** The configuration, or all its problems. Pure. */
export function parseSinkConfig(config: ConnectorConfig): Parsed {
  const problems: ConfigProblem[] = [];
  const report = (name: string, message: string): void => {
    problems.push({ key: name, value: config[name] ?? null, message });
  };
  const value = (name: string): string => {
    const standard = hbaseSinkConfig.find((known) => known.name === name)?.defaultValue ?? '';
    const text = config[name] ?? '';
    return text.trim() === '' ? standard : name === SINK_KEY.delimiter ? text : text.trim();
  };
  const chosen = <const T extends string>(name: string, values: readonly T[]): T => {
    const found = values.find((candidate) => candidate === value(name).toLowerCase());
    if (found === undefined) report(name, `'${value(name)}' is not one of ${values.join(', ')}`);
    return found ?? (values[0] as T);
  };
  const cluster = readCluster(value, report);
  const settings = {
    user: value(CLUSTER_KEY.user),
    kerberos: readKerberos(value, report),
    tls: readTls(value, report),
    table: readTable(SINK_KEY.table, value, report, config[KEY.topics] ?? ''),
    ledgerTable: readTable(SINK_KEY.ledgerTable, value, report, ''),
    autoCreate: chosen(SINK_KEY.autoCreate, flag) === 'true',
    presplit: chosen(SINK_KEY.presplit, flag) === 'true',
    keyMode: chosen(SINK_KEY.keyMode, ['record_value', 'record_key']),
    keyFields: listOf(value(SINK_KEY.keyFields)),
    delimiter: value(SINK_KEY.delimiter),
    saltBuckets: readNumber(SINK_KEY.saltBuckets, value, report),
    family: readFamily(value(SINK_KEY.family), report),
    columns: readColumns(value, report),
    encoding: chosen(SINK_KEY.encoding, writableEncodings),
    nullValues: chosen(SINK_KEY.nullValues, ['delete', 'skip', 'empty']),
    timestampField: value(SINK_KEY.timestampField) === '' ? null : value(SINK_KEY.timestampField),
    timestampRecord: chosen(SINK_KEY.timestampRecord, flag) === 'true',
    batchSize: readNumber(SINK_KEY.batchSize, value, report),
    keysMayMerge: chosen(KEY.keysMayMerge, flag) === 'true',
    retryMs: readNumber(SINK_KEY.retryMs, value, report),
  };
  chosen(SINK_KEY.insertMode, ['upsert']);
  if (settings.table !== '' && settings.table === settings.ledgerTable)
    report(SINK_KEY.table, "it is the table of Syncline's ledger");
  if (settings.timestampRecord && settings.timestampField !== null)
    report(
      SINK_KEY.timestampRecord,
      `timestamps come from the field ${settings.timestampField} already; set one of the two`,
    );
  return problems.length > 0 || cluster === null ? { problems } : { settings: { ...settings, cluster } };
}

/** Throws BAD_INPUT naming the key of the first problem. */
export function readSinkConfig(config: ConnectorConfig): HBaseSinkConfig {
  const parsed = parseSinkConfig(config);
  if ('settings' in parsed) return parsed.settings;
  const message = parsed.problems.map((problem) => `reading ${problem.key}: ${problem.message}`).join('; ');
  throw new SyncError('BAD_INPUT', { message, field: parsed.problems[0]?.key ?? '' });
}

/** What is written, and how rows become keys and cells. A change of it demands a full run. */
export function sinkIdentity(config: ConnectorConfig): string {
  const settings = readSinkConfig(config);
  const { cluster, table: target, keyFields, delimiter, saltBuckets, family, columns, encoding } = settings;
  return JSON.stringify({
    kind: 'hbase',
    cluster,
    table: target,
    key: { fields: keyFields, delimiter, saltBuckets },
    cells: { family, encoding, columns: [...columns].sort(([a], [b]) => (a < b ? -1 : 1)) },
    nulls: settings.nullValues,
    timestamp: settings.timestampRecord ? { of: 'record' } : settings.timestampField,
  });
}

type Read = (name: string) => string;
type Report = (name: string, message: string) => void;

function listOf(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

function readNumber(name: string, value: Read, report: Report): number {
  const { min = 1, max = Infinity } = hbaseSinkConfig.find((known) => known.name === name) ?? {};
  const number = Number(value(name));
  if (!Number.isInteger(number) || number < min || number > max)
    report(name, `write a whole number from ${min} to ${max}`);
  return number;
}

function readTable(name: string, value: Read, report: Report, topics: string): string {
  const [topic = '', ...others] = listOf(topics);
  const format = value(name);
  if (format.includes('${topic}') && (topic === '' || others.length > 0))
    report(name, `\${topic} needs exactly one topic in '${KEY.topics}'`);
  const text = format.replaceAll('${topic}', topic);
  if (!/^(?:[\p{L}\p{N}_]+:)?[\p{L}\p{N}_][\p{L}\p{N}_.-]*$/u.test(text)) {
    report(name, `HBase has no such names: '${text}'; write table or namespace:table`);
    return '';
  }
  return canonicalTableName(text);
}

/** Printable and without a colon, as HBase wants it. */
function readFamily(text: string, report: Report, name: string = SINK_KEY.family): string {
  if (!/^[^\p{Cc}:/.][^\p{Cc}:/]{0,99}$/u.test(text)) report(name, `HBase has no such families: '${text}'`);
  return text;
}

function readColumns(value: Read, report: Report): ReadonlyMap<string, SinkColumn> {
  const columns = new Map<string, SinkColumn>();
  const name = SINK_KEY.columns;
  const text = value(name);
  if (text === '') return columns;
  let entries: unknown;
  try {
    entries = JSON.parse(text);
  } catch {
    entries = null;
  }
  if (!Array.isArray(entries)) {
    report(name, 'write a JSON array of {field, column, encoding, zone, charset}');
    return columns;
  }
  for (const [index, entry] of (entries as readonly unknown[]).entries()) {
    const { field, ...rest } = (entry ?? {}) as Readonly<Record<string, unknown>>;
    if (typeof field !== 'string' || field === '') report(name, `entry ${index}: name its field`);
    else if (columns.has(field)) report(name, `entry ${index}: field ${field} is there twice`);
    else columns.set(field, readColumn({ index, field, ...rest }, value, report));
  }
  return columns;
}

function readColumn(
  entry: { readonly index: number; readonly field: string } & Readonly<Record<string, unknown>>,
  value: Read,
  report: Report,
): SinkColumn {
  const { index, field } = entry;
  const refuse = (problem: string): void => report(SINK_KEY.columns, `entry ${index}: ${problem}`);
  const known = ['index', 'field', 'column', 'encoding', 'zone', 'charset'];
  const unknown = Object.keys(entry).find((name) => !known.includes(name));
  if (unknown !== undefined) refuse(`unknown key '${unknown}'; known: ${known.slice(1).join(', ')}`);
  const textOf = (name: string, standard: string): string => {
    const found = entry[name] ?? standard;
    if (typeof found === 'string') return found.trim();
    refuse(`write its ${name} as text`);
    return '';
  };
  const [family = '', ...rest] = textOf('column', `${value(SINK_KEY.family)}:${field}`).split(':');
  if (rest.length === 0) refuse('write its column as family:qualifier');
  else readFamily(family, report, SINK_KEY.columns);
  const encoding = textOf('encoding', value(SINK_KEY.encoding));
  if (!writableEncodings.includes(encoding))
    refuse(`its encoding is not one of ${writableEncodings.join(', ')}`);
  const [zone, charset] = [textOf('zone', ''), textOf('charset', '')];
  return { family, qualifier: rest.join(':'), encoding, zone, charset };
}
