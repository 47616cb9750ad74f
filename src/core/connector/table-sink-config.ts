// Configuration of a sink that writes to an SQL table: the contract's keys (article 003).
import { checkIdentifier, checkTarget } from './sql-identifier.ts';
import type { Refuse, ValuesOf } from './config.ts';
import { choice, complain, flag, list, parsed } from './config.ts';
import { topicsKey } from './every-sink.ts';
import { readTableName } from './table-name.ts';

export interface TableSinkConfig {
  /** As `table.name.format` names it; null: the connection's own. */
  readonly database: string | null;
  readonly table: string;
  readonly autoCreate: boolean;
  readonly autoEvolve: boolean;
  /** false: rows that are gone in the source must not be removed. */
  readonly mayDelete: boolean;
  /** `none`: rows have no key (insert only). */
  readonly keyMode: 'record_value' | 'record_key' | 'none';
  /** Empty: the key of the rows' schema. */
  readonly keyFields: readonly string[];
  readonly insertMode: 'insert' | 'upsert' | 'update';
  /** Rows go into a table beside the target, which takes its place when the run completes. */
  readonly loadsAside: boolean;
}

const group = 'Table';

/** To be spread into the keys of a sink's configuration; `readTableSink` makes of their values what the sink works with. */
export const tableSinkKeys = {
  tableFormat: parsed(
    'table.name.format',
    {
      default: '${topic}',
      importance: 'HIGH',
      doc: {
        en: 'Target table: `table` or `database.table` (PostgreSQL: `schema.table`); a name that holds a dot stands in "quotes"; `${topic}` stands for the topic.',
        zh: '目标表：`table` 或 `database.table`（PostgreSQL：`schema.table`）；含点的名称写在 "引号" 中；`${topic}` 代表 topic。',
      },
      group,
      displayName: 'Table',
      width: 'LONG',
    },
    splitTableName,
  ),
  autoCreate: flag('auto.create', {
    default: 'false',
    doc: {
      en: 'Create the target table from the schema of the rows when it is missing.',
      zh: '目标表不存在时按行的结构创建。',
    },
    group,
    displayName: 'Create table',
  }),
  autoEvolve: flag('auto.evolve', {
    default: 'false',
    doc: {
      en: 'Add columns that the target table lacks for fields of the rows; rows that are there get NULL in them. No column is ever changed or dropped.',
      zh: '目标表缺少行中字段对应的列时添加该列，已有行在其中为 NULL。已有列从不修改或删除。',
    },
    group,
    displayName: 'Add columns',
  }),
  mayDelete: flag('delete.enabled', {
    default: 'true',
    doc: {
      en: "Remove rows that the source says are gone. false: refused together with a source that follows deletes. Confluent's default is false: write it if you want it.",
      zh: '删除源声明已消失的行。false：与跟随删除的源一起使用时会被拒绝。Confluent 的默认值为 false，需要时请写明。',
    },
    group,
    displayName: 'Delete rows',
  }),
  keyMode: choice('pk.mode', ['record_value', 'record_key', 'none'], {
    default: 'record_value',
    importance: 'HIGH',
    doc: {
      en: "Where the key comes from: record_value, record_key (the same here), or none (insert only; a run that is interrupted may write rows twice). Confluent's default is none: write it if you want it.",
      zh: '主键来源：record_value、record_key（此处相同）或 none（仅插入；运行中断时行可能重复写入）。Confluent 的默认值为 none，需要时请写明。',
    },
    group,
    displayName: 'Key mode',
  }),
  keyFields: list('pk.fields', {
    default: '',
    importance: 'HIGH',
    doc: {
      en: 'Fields of the key; empty: those the source marks with ispk=1.',
      zh: '主键字段；留空：源中以 ispk=1 标记的字段。',
    },
    group,
    displayName: 'Key fields',
    width: 'LONG',
  }),
  insertMode: choice('insert.mode', ['insert', 'upsert', 'update'], {
    default: 'upsert',
    importance: 'HIGH',
    doc: {
      en: "upsert: insert or replace by key. insert: a row that exists is refused. update: a row that is missing is refused. Confluent's default is insert: write it if you want it.",
      zh: 'upsert：按主键插入或替换；insert：已存在的行被拒绝；update：不存在的行被拒绝。Confluent 的默认值为 insert，需要时请写明。',
    },
    group,
    displayName: 'Insert mode',
  }),
  writeMode: choice('write.mode', ['1', '0'], {
    default: '1',
    doc: {
      en: '1: keep the rows that are there, and write to them. 0: load a table beside the target, made like it, and put it in its place when the run is complete, so that readers see all old rows or all new ones; rows that the source does not have are gone then. For jobs that read in full.',
      zh: '1：保留已有行并写入；0：先写入按目标表结构建立的旁表，运行完整后再替换目标表，读者只会看到全部旧行或全部新行；源没有的行随之消失。仅用于全量作业。',
    },
    group,
    displayName: 'Write mode',
  }),
  topics: topicsKey,
};

/** Names what is wrong between the keys. */
export function readTableSink(values: ValuesOf<typeof tableSinkKeys>, refuse: Refuse): TableSinkConfig {
  const { autoCreate, autoEvolve, mayDelete, keyMode, keyFields, insertMode } = values;
  const loadsAside = values.writeMode === '0';
  for (const field of keyFields) {
    const problem = checkIdentifier(field, `field '${field}'`);
    if (problem !== null) refuse(tableSinkKeys.keyFields.def.name, problem);
  }
  if (keyMode === 'none' && insertMode !== 'insert')
    refuse(
      tableSinkKeys.keyMode.def.name,
      `insert.mode=${insertMode} finds rows by their key: pk.mode must be record_value or record_key`,
    );
  const { writeMode } = tableSinkKeys;
  if (loadsAside && insertMode === 'update')
    refuse(
      writeMode.def.name,
      '0 loads a new table, in which insert.mode=update finds no row to change: use upsert or insert',
    );
  if (loadsAside && !mayDelete)
    refuse(
      writeMode.def.name,
      '0 drops the rows that the source does not have, and delete.enabled=false keeps them: set one of the two',
    );
  return {
    ...nameTable(values, refuse),
    autoCreate,
    autoEvolve,
    mayDelete,
    keyMode,
    keyFields,
    insertMode,
    loadsAside,
  };
}

interface TableName {
  readonly database: string | null;
  readonly table: string;
}

function splitTableName(format: string): TableName {
  const [first = '', second, third] = readTableName(format);
  if (third !== undefined) complain(`'${format}' is not of the form table or database.table`);
  return second === undefined ? { database: null, table: first } : { database: first, table: second };
}

/** The topic goes in behind the split: a dot in its name does not lead to another database. */
function nameTable({ tableFormat, topics }: ValuesOf<typeof tableSinkKeys>, refuse: Refuse): TableName {
  const key = tableSinkKeys.tableFormat.def.name;
  const ofTopic = [tableFormat.database, tableFormat.table].some((part) => part?.includes('${topic}'));
  if (topics.length > 1)
    refuse(
      tableSinkKeys.topics.def.name,
      `a Syncline sink reads one topic, found ${topics.length}; make a connector for each`,
    );
  if (ofTopic && topics.length === 0) {
    refuse(key, `\${topic} needs a topic in '${tableSinkKeys.topics.def.name}'`);
    return { database: null, table: '' };
  }
  const put = (part: string): string => part.replaceAll('${topic}', topics[0] ?? '');
  const database = tableFormat.database === null ? null : put(tableFormat.database);
  const table = put(tableFormat.table);
  const problem = checkTarget(database, table);
  if (problem !== null) refuse(key, problem);
  return { database, table };
}
