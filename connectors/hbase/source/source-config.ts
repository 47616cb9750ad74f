// Configuration of the HBase source: the contract's keys (article 003) and ours.
import type { ConnectorConfig } from '../../../src/core/connector/config-def.ts';
import type { Refuse, ValueOf, ValuesOf } from '../../../src/core/connector/config.ts';
import { choice, config, joined, readOrThrow, text, whole } from '../../../src/core/connector/config.ts';
import type { EverySource } from '../../../src/core/connector/every-source.ts';
import { everySource } from '../../../src/core/connector/every-source.ts';
import { KEY } from '../../../src/core/connector/keys.ts';
import { tableTopic } from '../../../src/core/record/data-topic.ts';
import { deletePolicies } from './followed-deletes.ts';
import { encodingNames } from '../encodings/all-encodings.ts';
import { parseFieldMapping } from '../mapping/field-mapping.ts';
import type { FieldMapping } from '../mapping/field-mapping.ts';
import { findGrowingColumn } from './growing-column.ts';
import type { GrowingColumn } from './growing-column.ts';
import { clusterKeys, readCluster } from '../cluster/cluster-config.ts';
import { readRowRange, rowRangeKeys } from '../plan/row-range.ts';
import type { RowRange } from '../plan/row-range.ts';

const [table, reading] = ['Table', 'Reading'];

const MAPPING = 'pkuse.hbase.filed.mapping';
const DELETES = 'hbase.deletes';
const TOPIC_PREFIX = 'pkuse.kafka.topic.prefix';
const INCREMENT = 'pkuse.incrementreadfields';

const tableKeys = {
  namespace: text('pkuse.hbase.namespace', {
    default: 'default',
    doc: { en: 'Namespace of the table.', zh: '表所在的命名空间。' },
    group: table,
  }),
  table: text('pkuse.hbase.table.name', {
    importance: 'HIGH',
    doc: { en: 'Name of the table, without namespace.', zh: '表名，不含命名空间。' },
    group: table,
  }),
  mapping: text(MAPPING, {
    importance: 'HIGH',
    doc: {
      en: 'JSON array of {sourceFiled, targetFiled, fieldType, ispk, …}.',
      zh: 'JSON 数组，元素为 {sourceFiled, targetFiled, fieldType, ispk, …}。',
    },
    group: table,
    width: 'LONG',
    // Article 003 prints its mapping as ` [{…"ma prule"…`, broken by its line wrapping.
    repairs: [
      {
        what: 'a blank before the bracket of the mapping',
        apply: (value) => value.replace(/^\s+(?=\[)/, ''),
      },
      {
        what: 'a blank inside the name maprule',
        apply: (value) => value.replace(/"ma prule"(?=\s*:)/g, '"maprule"'),
      },
    ],
    templates: { fill: fillConditions },
  }),
  keyName: text('pkuse.hbase.filed.columnsKey', {
    default: '',
    doc: {
      en: 'The key field: the row key where the table has no column of that name.',
      zh: '主键字段：表中没有该名称的列时即为行键。',
    },
    group: table,
  }),
  encoding: choice('pkuse.hbase.value.encoding', encodingNames, {
    default: 'text',
    doc: {
      en: 'How cells hold values, for mapping entries without an encoding.',
      zh: '单元格值的编码，用于未指定 encoding 的映射条目。',
    },
    group: table,
  }),
};

const readingKeys = {
  incrementColumn: text(INCREMENT, {
    default: '',
    doc: {
      en: 'Mapped column whose values only grow (whole number, date or timestamp); blank: by cell timestamp.',
      zh: '取值只增的映射列（整数、日期或时间戳）；留空：按单元格时间戳。',
    },
    group: reading,
  }),
  deletes: choice(DELETES, deletePolicies, {
    default: 'ignore',
    doc: {
      en: 'Rows deleted in the source: ignore; markers (followed by their markers, which last until a major compaction, or a minor one of all files of a store); reconcile (the keys of source and target are compared in every run).',
      zh: '源中已删除的行：ignore 不跟随；markers 按删除标记跟随，标记在 major compaction 或合并某个 store 全部文件的 minor compaction 后消失；reconcile 每次运行比对源与目标的键。',
    },
    group: reading,
  }),
  ...rowRangeKeys,
  count: choice('hbase.count', ['estimate', 'exact'], {
    default: 'estimate',
    doc: {
      en: 'How many rows a full read will find: estimate, from the sizes of regions (small tables are counted); exact, counted by the region servers first, which read the table once more, for 30 s at most.',
      zh: '全量读取的预计行数：estimate 按 region 大小估计，小表直接计数；exact 先由 RegionServer 计数，多读一遍表，最长 30 秒。',
    },
    group: reading,
  }),
  scanners: whole('hbase.scanners', {
    default: 4,
    min: 1,
    max: 64,
    doc: {
      en: 'Key ranges read at the same time, as far as the worker lets so many be read on one cluster.',
      zh: '同时读取的键范围数，不超过工作节点对单个集群的上限。',
    },
    group: reading,
  }),
  scannersPerServer: whole('hbase.scanners.per.server', {
    default: 2,
    min: 1,
    max: 64,
    doc: {
      en: 'Of them, at most so many on one region server, as far as the worker lets all jobs together.',
      zh: '其中单个 RegionServer 上的上限，不超过工作节点对所有作业的总上限。',
    },
    group: reading,
  }),
  retryMs: whole('hbase.retry.ms', {
    default: 120_000,
    min: 1,
    max: 3_600_000,
    doc: {
      en: 'A read without progress for so long, in milliseconds, fails.',
      zh: '读取在该时长（毫秒）内没有进展即失败。',
    },
    group: reading,
  }),
};

const runKeys = {
  topicPrefix: text(TOPIC_PREFIX, {
    default: '',
    doc: {
      en: 'Topic = prefix + namespace + _ + table; what Kafka does not take is escaped as -x<hex>-.',
      zh: 'topic = 前缀 + 命名空间 + _ + 表名；Kafka 不接受的字符转义为 -x<十六进制>-。',
    },
    group: 'Run',
  }),
  endMarker: choice(KEY.endMarker, ['control', 'record'], {
    default: 'control',
    doc: {
      en: 'Whether an END record or the last data record carries isEnd.',
      zh: 'isEnd 由 END 记录还是最后一条数据记录携带。',
    },
    group: 'Run',
  }),
};

const withoutEffect = { en: 'Accepted, without effect.', zh: '可以填写，没有作用。' };
/** Of article 003. */
const emptyKeys = {
  ftpFile: text('pkuse.isftpfile', { default: '', doc: withoutEffect, group: 'Without effect' }),
  dabotUrl: text('pkuse.daboturl', { default: '', doc: withoutEffect, group: 'Without effect' }),
  bigField: text('pkuse.hasbigfield', { default: '', doc: withoutEffect, group: 'Without effect' }),
};

const keys = { ...clusterKeys, ...tableKeys, ...readingKeys, ...runKeys, ...emptyKeys };
type Values = ValuesOf<typeof keys>;

export const hbaseSourceConfig = config(keys, (values, refuse) => {
  const cluster = readCluster(values, refuse);
  const mapping = readMapping(values, refuse);
  const topic = checkTable(values, refuse);
  const growing = mapping === null ? null : readGrowing(values, mapping, refuse);
  const rows = readRowRange(values, refuse);
  checkDeletes(values, rows, refuse);
  if (cluster === null || mapping === null) return null;
  const { deletes, count, scanners, scannersPerServer, retryMs } = values;
  return {
    ...cluster,
    /** `namespace:table` */
    table: `${values.namespace}:${values.table}`,
    topic,
    mapping,
    /** The column by whose value increments are read; null: by cell timestamp. */
    growing,
    /** Rows outside are none of the job's. */
    rows,
    deletes,
    /** How the rows of a full read are predicted. */
    count,
    scanners,
    scannersPerServer,
    retryMs,
  };
});

export type HBaseSourceConfig = ValueOf<typeof hbaseSourceConfig> & EverySource;

/** Throws BAD_INPUT naming the key of the first problem. */
export function readSourceConfig(flat: ConnectorConfig): HBaseSourceConfig {
  return readOrThrow(joined(hbaseSourceConfig, everySource), flat);
}

/** In the conditions of its entries; a mapping that can't be read stays as it is, and what is wrong with it is said where it is read. */
function fillConditions(mapping: string, fill: (text: string, place: 'filter') => string): string {
  try {
    const entries = JSON.parse(mapping) as readonly Readonly<Record<string, unknown>>[];
    const filled = entries.map((entry) => {
      const { limitcondition } = entry;
      return typeof limitcondition === 'string'
        ? { ...entry, limitcondition: fill(limitcondition, 'filter') }
        : entry;
    });
    return JSON.stringify(filled);
  } catch {
    return mapping;
  }
}

function readMapping({ mapping, keyName, encoding }: Values, refuse: Refuse): FieldMapping | null {
  const parsed = parseFieldMapping({ text: mapping, keyName, defaultEncoding: encoding });
  if ('mapping' in parsed) return parsed.mapping;
  for (const problem of parsed.problems) refuse(MAPPING, problem);
  return null;
}

function readGrowing(values: Values, { fields }: FieldMapping, refuse: Refuse): GrowingColumn | null {
  if (values.incrementColumn === '') return null;
  const growing = findGrowingColumn(values.incrementColumn, fields);
  if (typeof growing !== 'string') return growing;
  refuse(INCREMENT, growing);
  return null;
}

function checkDeletes({ deletes, endMarker, incrementColumn }: Values, rows: RowRange, refuse: Refuse): void {
  if (deletes === 'reconcile' && endMarker === 'record')
    refuse(DELETES, 'only sinks of Syncline compare keys; write ignore or markers');
  if (deletes === 'reconcile' && rows.text !== '')
    refuse(
      DELETES,
      'keys are compared for whole tables; write ignore or markers, or leave hbase.start.row and hbase.stop.row blank',
    );
  if (deletes === 'markers' && incrementColumn !== '')
    refuse(
      DELETES,
      `markers stand in no column's values; write ignore or reconcile, or leave ${INCREMENT} blank`,
    );
}

/** The topic. */
function checkTable({ namespace, table, topicPrefix }: Values, refuse: Refuse): string {
  if (!/^[\p{L}\p{N}_]+$/u.test(namespace)) refuse('pkuse.hbase.namespace', 'HBase has no such namespaces');
  if (!/^[\p{L}\p{N}_][\p{L}\p{N}_.-]*$/u.test(table))
    refuse(
      'pkuse.hbase.table.name',
      "write the table's name without its namespace, which goes to pkuse.hbase.namespace",
    );
  if (!/^[A-Za-z0-9._-]{0,100}$/.test(topicPrefix))
    refuse(TOPIC_PREFIX, 'write at most 100 letters, digits, ., _ and -: Kafka takes no others');
  return tableTopic({ prefix: topicPrefix, namespace, name: table });
}
