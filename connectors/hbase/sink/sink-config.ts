// Configuration of the HBase sink.
import type { ConnectorConfig } from '../../../src/core/connector/config-def.ts';
import type { Refuse, ValueOf, ValuesOf } from '../../../src/core/connector/config.ts';
import {
  choice,
  complain,
  config,
  flag,
  joined,
  list,
  parsed,
  readOrThrow,
  text,
  whole,
} from '../../../src/core/connector/config.ts';
import type { EverySink } from '../../../src/core/connector/every-sink.ts';
import { everySink, topicsKey } from '../../../src/core/connector/every-sink.ts';
import { clusterKeys, clusterName, readCluster } from '../cluster/cluster-config.ts';
import { writableEncodings } from '../encodings/encoder.ts';
import { printKey, readKey } from '../mapping/printable-key.ts';
import { canonicalTableName } from '../client/messages/table-name.ts';

const [table, rowKey, cells] = ['Table', 'Row key', 'Cells'];

const TABLE = 'table.name.format';
const LEDGER_TABLE = 'hbase.ledger.table';
const FAMILY = 'hbase.family';
const COLUMNS = 'hbase.columns';
const TIMESTAMP_RECORD = 'hbase.timestamp.record';

const tableKeys = {
  format: text(TABLE, {
    default: '${topic}',
    importance: 'HIGH',
    doc: {
      en: 'Target: `table` or `namespace:table`; `${topic}` allowed.',
      zh: '目标：`table` 或 `namespace:table`；可使用 `${topic}`。',
    },
    group: table,
  }),
  topics: topicsKey,
  autoCreate: flag('auto.create', {
    default: 'false',
    doc: { en: 'Create the table and the families when missing.', zh: '表和列族不存在时创建。' },
    group: table,
  }),
  presplit: flag('hbase.presplit', {
    default: 'true',
    doc: { en: 'Create a salted table with a region per bucket.', zh: '创建加盐表时每个桶一个 region。' },
    group: table,
  }),
  ledgerTable: text(LEDGER_TABLE, {
    default: 'syncline_ledger',
    doc: {
      en: 'Table in which the progress of runs is kept; all jobs that write to a table must name the same one.',
      zh: '保存运行进度的表；写同一目标表的所有作业须填写相同的表。',
    },
    group: table,
  }),
};

const rowKeyKeys = {
  keyMode: choice('pk.mode', ['record_value', 'record_key'], {
    default: 'record_value',
    doc: {
      en: 'Where the row key comes from; both mean the same here.',
      zh: '行键来源；两者在此含义相同。',
    },
    group: rowKey,
  }),
  keyFields: list('pk.fields', {
    default: '',
    importance: 'HIGH',
    doc: {
      en: 'Fields of the row key, in its order; empty: those the source marks with ispk=1.',
      zh: '按顺序组成行键的字段；留空：源中以 ispk=1 标记的字段。',
    },
    group: rowKey,
  }),
  delimiter: parsed(
    'hbase.row.key.delimiter',
    {
      default: '|',
      exact: true,
      doc: {
        en: 'Stands between the fields of the row key; bytes as \\xHH.',
        zh: '行键各字段之间的分隔符；字节写作 \\xHH。',
      },
      group: rowKey,
    },
    (written) => readKey(written) ?? complain('write bytes as \\xHH, and the backslash as \\x5C'),
  ),
  saltBuckets: whole('hbase.salt.buckets', {
    default: 0,
    min: 0,
    max: 256,
    doc: {
      en: 'Row keys begin with two hex digits: CRC-32 of the rest modulo this number; 0: without.',
      zh: '行键以两位十六进制开头：其余部分的 CRC-32 对该数取模；0：不加盐。',
    },
    group: rowKey,
  }),
};

const cellKeys = {
  insertMode: choice('insert.mode', ['upsert'], {
    default: 'upsert',
    doc: { en: 'upsert: the only mode HBase has.', zh: 'upsert：HBase 仅有的方式。' },
    group: cells,
  }),
  family: text(FAMILY, {
    default: 'f',
    doc: {
      en: 'Family of the fields that hbase.columns does not name.',
      zh: 'hbase.columns 未列出的字段所在的列族。',
    },
    group: cells,
  }),
  columns: text(COLUMNS, {
    default: '',
    doc: {
      en: 'JSON array of {field, column: "family:qualifier", encoding, zone, charset}; a field not named goes to the column of its own name.',
      zh: 'JSON 数组，元素为 {field, column: "family:qualifier", encoding, zone, charset}；未列出的字段写入同名列。',
    },
    group: cells,
    width: 'LONG',
  }),
  encoding: choice('pkuse.hbase.value.encoding', writableEncodings, {
    default: 'text',
    doc: {
      en: 'How cells hold values, for fields without an encoding.',
      zh: '单元格值的编码，用于未指定 encoding 的字段。',
    },
    group: cells,
  }),
  nullValues: choice('hbase.null.values', ['delete', 'skip', 'empty'], {
    default: 'delete',
    doc: {
      en: 'A field that is NULL: delete takes its column away, skip leaves it as it is, empty writes no bytes.',
      zh: '字段为 NULL 时：delete 删除该列，skip 保持原样，empty 写入空值。',
    },
    group: cells,
  }),
  timestampField: text('hbase.timestamp.field', {
    default: null,
    doc: {
      en: 'Field with the timestamp of the cells (timestamp, date, or integer of ms); empty: timestamps of the ledger. With it runs are delivered, not proved.',
      zh: '提供单元格时间戳的字段（timestamp、date 或毫秒整数）；留空：使用账本的时间戳。设置后运行为“已送达”，不为“已证明”。',
    },
    group: cells,
  }),
  timestampRecord: flag(TIMESTAMP_RECORD, {
    default: 'false',
    doc: {
      en: "true: the cells' timestamp is that of their Kafka record. With it runs are delivered, not proved.",
      zh: 'true：单元格时间戳取自 Kafka 记录；此时运行为“已送达”，不为“已证明”。',
    },
    group: cells,
  }),
  retryMs: whole('hbase.retry.ms', {
    default: 60_000,
    min: 1,
    max: 3_600_000,
    doc: {
      en: 'A write without progress for so long, in milliseconds, fails.',
      zh: '写入在该时长（毫秒）内没有进展即失败。',
    },
    group: cells,
  }),
};

const keys = { ...clusterKeys, ...tableKeys, ...rowKeyKeys, ...cellKeys };
type Values = ValuesOf<typeof keys>;

/** Rows of a transaction, which one call to the servers carries. */
export const HBASE_BATCH_ROWS = 2_000;

export interface SinkColumn {
  readonly family: string;
  readonly qualifier: string;
  readonly encoding: string;
  /** Blank: the standard ones. */
  readonly zone: string;
  readonly charset: string;
}

export const hbaseSinkConfig = config(keys, (values, refuse) => {
  const cluster = readCluster(values, refuse);
  const settings = {
    /** `namespace:table`, as are all names of tables here. */
    table: readTarget(values, refuse),
    ledgerTable: readTable(LEDGER_TABLE, values.ledgerTable, refuse),
    autoCreate: values.autoCreate,
    presplit: values.presplit,
    /** Empty: the key of the rows' schema. */
    keyMode: values.keyMode,
    keyFields: values.keyFields,
    delimiter: values.delimiter,
    /** 0: no salt. */
    saltBuckets: values.saltBuckets,
    family: readFamily(values.family, refuse),
    /** By field. */
    columns: readColumns(values, refuse),
    encoding: values.encoding,
    nullValues: values.nullValues,
    /** null: the timestamps are the ledger's. */
    timestampField: values.timestampField,
    /** The timestamps are those of the Kafka records. */
    timestampRecord: values.timestampRecord,
    hbaseRetryMs: values.retryMs,
  };
  if (settings.table !== '' && settings.table === settings.ledgerTable)
    refuse(TABLE, "it is the table of Syncline's ledger");
  if (settings.timestampRecord && settings.timestampField !== null)
    refuse(
      TIMESTAMP_RECORD,
      `timestamps come from the field ${settings.timestampField} already; set one of the two`,
    );
  return cluster && { ...cluster, ...settings };
});

export type HBaseSinkConfig = ValueOf<typeof hbaseSinkConfig> & EverySink;

/** Throws BAD_INPUT naming the key of the first problem. */
export function readSinkConfig(flat: ConnectorConfig): HBaseSinkConfig {
  return readOrThrow(joined(hbaseSinkConfig, everySink(HBASE_BATCH_ROWS)), flat);
}

/** What is written, and how rows become keys and cells. A change of it demands a full run. */
export function sinkIdentity(settings: HBaseSinkConfig): string {
  const { cluster, table: target, keyFields, delimiter, saltBuckets, family, columns, encoding } = settings;
  return JSON.stringify({
    kind: 'hbase',
    cluster: clusterName(cluster),
    table: target,
    key: { fields: keyFields, delimiter: printKey(delimiter), saltBuckets },
    cells: { family, encoding, columns: [...columns].sort(([a], [b]) => (a < b ? -1 : 1)) },
    nulls: settings.nullValues,
    timestamp: settings.timestampRecord ? { of: 'record' } : settings.timestampField,
  });
}

function readTarget({ format, topics }: Values, refuse: Refuse): string {
  if (topics.length > 1)
    refuse(
      topicsKey.def.name,
      `a Syncline sink reads one topic, found ${topics.length}; make a connector for each`,
    );
  if (format.includes('${topic}') && topics.length === 0) {
    refuse(TABLE, `\${topic} needs a topic in '${topicsKey.def.name}'`);
    return '';
  }
  return readTable(TABLE, format.replaceAll('${topic}', topics[0] ?? ''), refuse);
}

function readTable(name: string, text: string, refuse: Refuse): string {
  if (/^(?:[\p{L}\p{N}_]+:)?[\p{L}\p{N}_][\p{L}\p{N}_.-]*$/u.test(text)) return canonicalTableName(text);
  refuse(name, `HBase has no such names: '${text}'; write table or namespace:table`);
  return '';
}

/** Printable and without a colon, as HBase wants it. */
function readFamily(text: string, refuse: Refuse, name: string = FAMILY): string {
  if (!/^[^\p{Cc}:/.][^\p{Cc}:/]{0,99}$/u.test(text)) refuse(name, `HBase has no such families: '${text}'`);
  return text;
}

function readColumns(values: Values, refuse: Refuse): ReadonlyMap<string, SinkColumn> {
  const columns = new Map<string, SinkColumn>();
  const { columns: text } = values;
  if (text === '') return columns;
  let entries: unknown;
  try {
    entries = JSON.parse(text);
  } catch {
    entries = null;
  }
  if (!Array.isArray(entries)) {
    refuse(COLUMNS, 'write a JSON array of {field, column, encoding, zone, charset}');
    return columns;
  }
  for (const [index, entry] of (entries as readonly unknown[]).entries()) {
    const { field, ...rest } = (entry ?? {}) as Readonly<Record<string, unknown>>;
    if (typeof field !== 'string' || field === '') refuse(COLUMNS, `entry ${index + 1}: name its field`);
    else if (columns.has(field)) refuse(COLUMNS, `entry ${index + 1}: field ${field} is there twice`);
    else columns.set(field, readColumn({ index, field, ...rest }, values, refuse));
  }
  return columns;
}

function readColumn(
  entry: { readonly index: number; readonly field: string } & Readonly<Record<string, unknown>>,
  values: Values,
  report: Refuse,
): SinkColumn {
  const { index, field } = entry;
  const refuse = (problem: string): void => report(COLUMNS, `entry ${index + 1}: ${problem}`);
  const known = ['index', 'field', 'column', 'encoding', 'zone', 'charset'];
  const unknown = Object.keys(entry).find((name) => !known.includes(name));
  if (unknown !== undefined) refuse(`unknown key '${unknown}'; known: ${known.slice(1).join(', ')}`);
  const textOf = (name: string, standard: string): string => {
    const found = entry[name] ?? standard;
    if (typeof found === 'string') return found.trim();
    refuse(`write its ${name} as text`);
    return '';
  };
  const [family = '', ...rest] = textOf('column', `${values.family}:${field}`).split(':');
  if (rest.length === 0) refuse('write its column as family:qualifier');
  else readFamily(family, report, COLUMNS);
  const encoding = textOf('encoding', values.encoding);
  if (!writableEncodings.includes(encoding))
    refuse(`its encoding is not one of ${writableEncodings.join(', ')}`);
  const [zone, charset] = [textOf('zone', ''), textOf('charset', '')];
  return { family, qualifier: rest.join(':'), encoding, zone, charset };
}
