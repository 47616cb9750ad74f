// The keys of a source that reads a table or a query: Confluent's JDBC source's, each as documented there or refused by name, and ours.
import {
  choice,
  complain,
  flag,
  list,
  parsed,
  secret,
  text,
  whole,
} from '../../../src/core/connector/config.ts';
import type { Text } from '../../../src/core/text.ts';
import { readTableName } from '../../../src/core/connector/table-name.ts';

const [connection, table, increments, reading] = ['Connection', 'Table', 'Increments', 'Reading'];

export const modes = ['bulk', 'incrementing', 'timestamp', 'timestamp+incrementing'] as const;
export const deletePolicies = ['ignore', 'reconcile'] as const;
export type DeletePolicy = (typeof deletePolicies)[number];
export type Mode = (typeof modes)[number];

export const connectionKeys = {
  url: text('connection.url', {
    importance: 'HIGH',
    doc: {
      en: "jdbc:mysql://host:port/database (or jdbc:mariadb:…), jdbc:postgresql://host:port/database, or jdbc:sqlite:<file> below the worker's folder for files; without user and password.",
      zh: 'jdbc:mysql://host:port/database（或 jdbc:mariadb:…）、jdbc:postgresql://host:port/database，或 jdbc:sqlite:<文件>（位于工作节点的文件目录之下）；不含用户名和密码。',
    },
    group: connection,
    displayName: 'JDBC URL',
    width: 'LONG',
  }),
  user: text('connection.user', {
    default: '',
    importance: 'HIGH',
    doc: {
      en: 'User of the source database; the right to read the table is enough.',
      zh: '源数据库的用户；有读取该表的权限即可。',
    },
    group: connection,
    displayName: 'User',
  }),
  password: secret('connection.password', {
    default: '',
    importance: 'HIGH',
    doc: { en: 'Password of that user.', zh: '该用户的密码。' },
    group: connection,
    displayName: 'Password',
  }),
  ca: text('connection.tls.ca', {
    default: null,
    doc: {
      en: 'Certificates of whom to trust, as PEM text, where connection.url asks for a certificate that is verified; blank: those that Node trusts.',
      zh: 'connection.url 要求验证证书时受信任的证书，PEM 文本；留空：Node 信任的证书。',
    },
    group: connection,
    displayName: 'CA certificates',
    width: 'LONG',
  }),
  attempts: whole('connection.attempts', {
    default: 3,
    min: 1,
    max: 100,
    doc: { en: 'How often a connection is tried.', zh: '尝试建立连接的次数。' },
    group: connection,
  }),
  backoffMs: whole('connection.backoff.ms', {
    default: 10_000,
    min: 1,
    max: 600_000,
    doc: { en: 'Pause between those tries, in milliseconds.', zh: '两次尝试之间的间隔，毫秒。' },
    group: connection,
  }),
};

const tableKeys = {
  table: parsed(
    'table.whitelist',
    {
      default: null,
      importance: 'HIGH',
      doc: {
        en: 'The table or view to read: table, or database.table (in PostgreSQL schema.table); a name that holds a dot or a comma in "quotes". One: a job reads one table.',
        zh: '要读取的表或视图：table 或 database.table（PostgreSQL 为 schema.table）；名称含点或逗号时用 "引号" 括起。只能有一个：一个作业读取一张表。',
      },
      group: table,
      displayName: 'Table',
      width: 'LONG',
    },
    readOneTable,
  ),
  query: text('query', {
    default: null,
    importance: 'HIGH',
    doc: {
      en: 'Instead of a table: one SELECT, without a semicolon at its end. It is read as a table of its own, so it may have any clause.',
      zh: '代替表：一条 SELECT 语句，末尾不带分号。它作为一张表读取，因此可以含任何子句。',
    },
    group: table,
    width: 'LONG',
    templates: { fill: (value, fill) => fill(value, 'sql') },
  }),
  columns: list('sql.columns', {
    default: '',
    doc: {
      en: 'Only these columns are read, in this order; blank: all.',
      zh: '只读取这些列，按此顺序；留空：全部。',
    },
    group: table,
  }),
  keyColumns: list('sql.key.columns', {
    default: '',
    doc: {
      en: 'Columns that tell the rows apart; blank: those of the primary key, or of a unique index without NULL. For views, queries and tables without one.',
      zh: '能区分各行的列；留空：主键的列，或不含 NULL 的唯一索引的列。用于视图、查询和没有主键的表。',
    },
    group: table,
  }),
  topicPrefix: parsed(
    'topic.prefix',
    {
      default: '',
      importance: 'HIGH',
      doc: {
        en: 'Topic = prefix + table; of a query, the prefix alone. Blank: database + _ + table.',
        zh: 'topic = 前缀 + 表名；查询时即为前缀。留空：数据库 + _ + 表名。',
      },
      group: table,
    },
    (value) =>
      /^[A-Za-z0-9._-]{0,200}$/.test(value)
        ? value
        : complain('at most 200 letters, digits, ., _ and -: Kafka takes no others'),
  ),
};

const incrementKeys = {
  mode: choice('mode', modes, {
    default: 'bulk',
    importance: 'HIGH',
    doc: {
      en: 'How an incremental run finds what is new. bulk: it reads everything. incrementing: by a number that grows with every new row; changes are not seen. timestamp: by the time of the last change. timestamp+incrementing: likewise, and the number tells rows of one time apart.',
      zh: '增量运行如何找到新数据。bulk：读取全部；incrementing：按每个新行都增大的数值，看不到修改；timestamp：按最后修改时间；timestamp+incrementing：同上，并以数值区分同一时间的行。',
    },
    group: increments,
  }),
  incrementing: text('incrementing.column.name', {
    default: '',
    importance: 'MEDIUM',
    doc: { en: 'The column that grows: whole numbers.', zh: '递增列：整数。' },
    group: increments,
  }),
  timestamps: list('timestamp.column.name', {
    default: '',
    importance: 'MEDIUM',
    doc: {
      en: 'Column with the time of the last change; of several, the first that is not NULL counts.',
      zh: '最后修改时间所在的列；有多列时取第一个非 NULL 的值。',
    },
    group: increments,
  }),
  delayMs: whole('timestamp.delay.interval.ms', {
    default: 0,
    min: 0,
    max: 30 * 86_400_000,
    doc: {
      en: "How far a window stays behind the server's clock, in milliseconds, where it is more than the job's lag. It must exceed the longest transaction.",
      zh: '窗口落后服务器时钟的时长（毫秒），以其与作业的延迟（lag）中较大者为准；必须大于最长的事务。',
    },
    group: increments,
  }),
  zone: text('db.timezone', {
    default: 'UTC',
    doc: {
      en: 'Zone of the time columns that have none (DATETIME, timestamp without time zone), for windows only: their values are sent as they stand.',
      zh: '不带时区的时间列（DATETIME、timestamp without time zone）所用的时区，仅用于窗口：其值按原样发送。',
    },
    group: increments,
  }),
  requireValues: flag('validate.non.null', {
    default: 'true',
    doc: {
      en: 'Refuse columns for increments that may be NULL: such rows are seen by full runs only.',
      zh: '拒绝可为 NULL 的增量列：这样的行只在全量运行时可见。',
    },
    group: increments,
  }),
};

const readingKeys = {
  connections: whole('sql.connections', {
    default: 4,
    min: 1,
    max: 32,
    doc: {
      en: 'Connections that read key ranges at the same time.',
      zh: '同时读取键范围的连接数。',
    },
    group: reading,
  }),
  deletes: choice('sql.deletes', deletePolicies, {
    default: 'ignore',
    doc: {
      en: 'Rows deleted in the source: ignore; reconcile (the keys of source and target are compared in every run).',
      zh: '源中已删除的行：ignore 不跟随；reconcile 每次运行比对源与目标的键。',
    },
    group: reading,
  }),
};

/** Accepted where they ask for what is done anyway. */
const fixed = {
  numericMapping: only('numeric.mapping', 'none', 'numbers keep all their digits; CAST them in query'),
  precisionMapping: only(
    'numeric.precision.mapping',
    'false',
    'numbers keep all their digits; CAST them in query',
  ),
  initial: only(
    'timestamp.initial',
    '',
    "the job's position says where the next run begins: set it there (PUT …/watermark)",
  ),
  granularity: only(
    'timestamp.granularity',
    'connect_logical',
    'times keep all their digits; CAST them in query',
  ),
  quote: only('quote.sql.identifiers', 'always', 'names are always quoted'),
  isolation: only(
    'transaction.isolation.mode',
    'DEFAULT',
    'all is read from one view of the data: REPEATABLE READ',
  ),
  querySuffix: only('query.suffix', '', 'write it into query'),
  queryRetries: only('query.retry.attempts', '-1', "a run that fails is tried again by the job's policy"),
  pollMs: only('poll.interval.ms', '5000', "a run reads once; the job's schedule says how often"),
  tablePollMs: only('table.poll.interval.ms', '60000', 'a job reads one table, which it names'),
  maxRows: only(
    'batch.max.rows',
    '100',
    'rows are streamed; pkuse.kafka.batch.size says how many go into a batch of the topic',
  ),
  blacklist: only('table.blacklist', '', 'a job reads one table: name it in table.whitelist'),
  include: only('table.include.list', '', 'a job reads one table: name it in table.whitelist'),
  exclude: only('table.exclude.list', '', 'a job reads one table: name it in table.whitelist'),
  timestampMapping: only('timestamp.columns.mapping', '', 'a job reads one table: timestamp.column.name'),
  incrementingMapping: only(
    'incrementing.column.mapping',
    '',
    'a job reads one table: incrementing.column.name',
  ),
  types: only(
    'table.types',
    'TABLE',
    'the table or view that table.whitelist names is read, whatever its type',
  ),
  catalog: only('catalog.pattern', '', 'name the table with its database in table.whitelist'),
  schema: only('schema.pattern', '', 'name the table with its schema in table.whitelist'),
  dialectName: only('dialect.name', '', 'connection.url says which database it is'),
};

export const sourceKeys = { ...connectionKeys, ...tableKeys, ...incrementKeys, ...readingKeys, ...fixed };

function only(name: string, value: string, instead: string) {
  const doc: Text = {
    en: `Of Confluent's connector; ${value === '' ? 'must be blank' : `only its default ${value} is taken`}: ${instead}.`,
    zh: `Confluent 连接器的配置项；${value === '' ? '必须留空' : `只接受默认值 ${value}`}。`,
  };
  return parsed(name, { default: value, importance: 'LOW', doc, group: "Of Confluent's, fixed" }, (given) =>
    given.toLowerCase() === value.toLowerCase()
      ? value
      : complain(`has no effect here: ${instead}; remove it`),
  );
}

function readOneTable(value: string): readonly string[] {
  const outside = value.replaceAll(/"(?:[^"]|"")*"|`(?:[^`]|``)*`/g, '');
  if (outside.includes(',')) complain('names several tables; a job reads one: make a job for each');
  return readTableName(value);
}
