// Configuration of a sink that writes to an SQL table: the contract's keys (article 003), declared and read.
import { KEY } from './keys.ts';
import type { ConfigDef, ConfigProblem, ConnectorConfig } from './config-def.ts';
import { SyncError } from '../errors.ts';
import { checkIdentifier, checkTarget } from '../sql-identifier.ts';

export interface TableSinkConfig {
  /** As `table.name.format` names it; null: the connection's own. */
  readonly database: string | null;
  readonly table: string;
  readonly autoCreate: boolean;
  /** `none`: rows have no key (insert only). */
  readonly keyMode: 'record_value' | 'record_key' | 'none';
  /** Empty: the key of the rows' schema. */
  readonly keyFields: readonly string[];
  readonly insertMode: 'insert' | 'upsert' | 'update';
  readonly keysMayMerge: boolean;
}

/** Of the target's rows. */
export const defaultRemovalPercent = 20;

const group = 'Table';
const flag = ['true', 'false'];

export const tableSinkKeys: ConfigDef = [
  {
    name: 'table.name.format',
    type: 'STRING',
    defaultValue: '${topic}',
    importance: 'HIGH',
    documentation: 'Target table: `table` or `database.table`; `${topic}` stands for the topic.',
    group,
    displayName: 'Table',
    width: 'LONG',
  },
  {
    name: 'auto.create',
    type: 'BOOLEAN',
    defaultValue: 'false',
    importance: 'MEDIUM',
    documentation: 'Create the target table from the schema of the rows when it is missing.',
    group,
    displayName: 'Create table',
    width: 'SHORT',
  },
  {
    name: 'pk.mode',
    type: 'STRING',
    defaultValue: 'record_value',
    importance: 'HIGH',
    documentation:
      'Where the key comes from: record_value, record_key (the same here), or none (insert only).',
    group,
    displayName: 'Key mode',
    width: 'MEDIUM',
    oneOf: ['record_value', 'record_key', 'none'],
  },
  {
    name: 'pk.fields',
    type: 'LIST',
    defaultValue: '',
    importance: 'HIGH',
    documentation: 'Fields of the key; empty: those the source marks with ispk=1.',
    group,
    displayName: 'Key fields',
    width: 'LONG',
  },
  {
    name: 'insert.mode',
    type: 'STRING',
    defaultValue: 'upsert',
    importance: 'HIGH',
    documentation:
      'upsert: insert or replace by key. insert: a row that exists is refused. update: a row that is missing is refused.',
    group,
    displayName: 'Insert mode',
    width: 'MEDIUM',
    oneOf: ['insert', 'upsert', 'update'],
  },
  {
    name: 'write.mode',
    type: 'STRING',
    defaultValue: '1',
    importance: 'MEDIUM',
    documentation: '1: keep existing rows and upsert. 0 (empty the table first) is not supported yet.',
    group,
    displayName: 'Write mode',
    width: 'SHORT',
  },
  {
    name: KEY.batchSize,
    type: 'INT',
    defaultValue: '20000',
    importance: 'MEDIUM',
    documentation: 'Most rows of one transaction.',
    group,
    displayName: 'Batch size',
    width: 'SHORT',
    min: 1,
    max: 100_000,
  },
  {
    name: KEY.retryMs,
    type: 'INT',
    defaultValue: '60000',
    importance: 'LOW',
    documentation:
      'A transaction that fails for so long, in milliseconds, for reasons that may pass, fails the run.',
    group,
    displayName: 'Try again for',
    width: 'SHORT',
    min: 1,
    max: 3_600_000,
  },
  {
    name: KEY.keysMayMerge,
    type: 'BOOLEAN',
    defaultValue: 'false',
    importance: 'LOW',
    documentation:
      'Accept a target key under which different source keys can be one row; its runs are delivered, not proved.',
    group,
    displayName: 'Keys may merge',
    width: 'SHORT',
  },
  {
    name: KEY.removalLimit,
    type: 'INT',
    defaultValue: String(defaultRemovalPercent),
    importance: 'MEDIUM',
    documentation:
      'hbase.deletes=reconcile: the most rows of the target, in percent, that a run may remove; beyond it the run fails and removes none. Up to 50 rows may always go, but never all. 100: no limit. (比对键时一次运行最多可删除的目标行百分比;超出则运行失败且不删除任何行。50 行以内始终允许,但不允许删光;100 表示不限。)',
    group,
    displayName: 'Removal limit',
    width: 'SHORT',
    min: 1,
    max: 100,
  },
  {
    name: KEY.dirtyLimit,
    type: 'LONG',
    defaultValue: '0',
    importance: 'MEDIUM',
    documentation: 'Rows that may be refused before the run fails; they are kept in syncline_dirty.',
    group,
    displayName: 'Dirty rows allowed',
    width: 'SHORT',
    min: 0,
  },
];

/** Throws BAD_INPUT or NOT_YET, naming the first wrong key. */
export function readTableSinkConfig(config: ConnectorConfig): TableSinkConfig {
  const insertMode = oneOf(config, 'insert.mode', ['insert', 'upsert', 'update']);
  const keyMode = oneOf(config, 'pk.mode', ['record_value', 'record_key', 'none']);
  const keyFields = listOf(config['pk.fields'] ?? '');
  for (const field of keyFields) refuse('pk.fields', checkIdentifier(field, `field '${field}'`));
  if (keyMode === 'none' && insertMode !== 'insert')
    refuse(
      'pk.mode',
      `insert.mode=${insertMode} finds rows by their key: pk.mode must be record_value or record_key`,
    );
  refuseWriteMode(config['write.mode'] ?? '1');
  return {
    ...readTableName(config),
    autoCreate: oneOf(config, 'auto.create', flag) === 'true',
    keyMode,
    keyFields,
    insertMode,
    keysMayMerge: oneOf(config, KEY.keysMayMerge, flag) === 'true',
  };
}

/** Runs readers over a configuration and gives every refusal as a problem; anything but BAD_INPUT and NOT_YET is thrown on. */
export function collectProblems(
  config: ConnectorConfig,
  readers: readonly ((config: ConnectorConfig) => unknown)[],
): readonly ConfigProblem[] {
  return readers.flatMap((read) => {
    try {
      read(config);
      return [];
    } catch (error) {
      if (!(error instanceof SyncError) || error.field === undefined) throw error;
      return [{ key: error.field, value: config[error.field] ?? null, message: error.message }];
    }
  });
}

function readTableName(config: ConnectorConfig): { database: string | null; table: string } {
  const key = 'table.name.format';
  const format = (config[key] ?? '${topic}').trim();
  const parts = format.split('.');
  if (parts.length > 2) refuse(key, `'${format}' is not of the form table or database.table`);
  // The topic goes in behind the split: a dot in its name does not lead to another database.
  const names = parts.map((part) =>
    part.includes('${topic}') ? part.replaceAll('${topic}', onlyTopic(config)) : part,
  );
  const table = names.at(-1) ?? '';
  const database = names.length === 2 ? (names[0] ?? '') : null;
  refuse(key, checkTarget(database, table));
  return { database, table };
}

function onlyTopic(config: ConnectorConfig): string {
  const topics = listOf(config[KEY.topics] ?? '');
  if (topics.length !== 1)
    refuse(
      'table.name.format',
      `\${topic} needs exactly one topic in '${KEY.topics}', found ${topics.length}`,
    );
  return topics[0] ?? '';
}

function refuseWriteMode(mode: string): void {
  if (mode.trim() === '1') return;
  if (mode.trim() !== '0') refuse('write.mode', `'${mode}' is not 0 or 1`);
  throw new SyncError('NOT_YET', {
    message:
      'write.mode=0 (empty the table first) is not supported yet: readers would see the table half filled. Use 1 (keep rows and upsert)',
    field: 'write.mode',
  });
}

/** A key with a closed set of values; its default stands in `tableSinkKeys`. */
function oneOf<const Value extends string>(
  config: ConnectorConfig,
  name: string,
  values: readonly Value[],
): Value {
  const standard = tableSinkKeys.find((key) => key.name === name)?.defaultValue ?? '';
  const given = (config[name] ?? '').trim() || standard;
  const value = values.find((candidate) => candidate === given.toLowerCase());
  if (value !== undefined) return value;
  throw new SyncError('BAD_INPUT', {
    message: `reading ${name}: '${given}' is not one of ${values.join(', ')}`,
    field: name,
  });
}

function listOf(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

function refuse(field: string, problem: string | null): void {
  if (problem !== null) throw new SyncError('BAD_INPUT', { message: `reading ${field}: ${problem}`, field });
}
