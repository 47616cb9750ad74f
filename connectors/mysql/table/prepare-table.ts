// Makes the target table fit for a run's rows, or says why it is not; chooses how they will be written.
import { SyncError } from '../../../src/core/errors.ts';
import type { Field, RowSchema } from '../../../src/core/connector/field-type.ts';
import { checkIdentifier, quoteIdentifier } from '../../../src/core/connector/sql-identifier.ts';
import type { TableNotes } from '../../../src/core/connector/sink-store.ts';
import { chooseKey, doubtNoKey, refuseTwinFields } from '../../../src/core/connector/table-key.ts';
import type { Text } from '../../../src/core/text.ts';
import { choosePath } from '../write/choose-path.ts';
import type { MysqlSinkConfig } from '../config.ts';
import { createTableSql } from './create-table.ts';
import { doubtTriggers } from './doubt-triggers.ts';
import { matchKey, type KeyColumn } from './key-columns.ts';
import { exactCollation } from '../ledger-tables.ts';
import { matchColumns } from './match-columns.ts';
import type { MysqlSession } from '../session/session.ts';
import { inspectTable } from './table-schema.ts';
import type { Column, TableShape } from './table-schema.ts';
import type { FieldCheck } from '../../sql/target/value-checks.ts';

export interface WritePlan {
  /** `database.table`, for messages. */
  readonly name: string;
  /** Quoted and qualified. */
  readonly table: string;
  readonly fields: readonly Field[];
  /** The table's columns in the order of the rows' fields. */
  readonly columns: readonly string[];
  /** Indexes of the key among the fields; empty: rows have no key. */
  readonly key: readonly number[];
  /** Their columns, in that order. */
  readonly keyColumns: readonly KeyColumn[];
  /** What values must pass before they are written. */
  readonly checks: readonly FieldCheck[];
  readonly insertMode: MysqlSinkConfig['insertMode'];
  /** The character set LOAD DATA reads the rows in; null: it is not safe here. */
  readonly loadCharset: 'binary' | 'utf8mb4' | null;
  /** Another unique key may lead an upsert to another row. */
  readonly guardKey: boolean;
}

export interface PreparedTable extends TableNotes {
  readonly plan: WritePlan;
  /** Different keys of the source may be one in the table. */
  readonly mergesKeys: boolean;
  /** As ReadyTable has it. */
  readonly replaceable: boolean;
}

/** Throws TARGET_SCHEMA, TARGET_DENIED, KEYS_MAY_MERGE. */
export async function prepareTable(
  session: MysqlSession,
  config: MysqlSinkConfig,
  schema: RowSchema,
): Promise<PreparedTable> {
  const target = nameTarget(config, schema);
  const shape =
    (await inspectTable(session, config.database, config.table)) ??
    (await createTable(session, config, target));
  return judgeTable(session.server, config, { ...target, shape });
}

/** What `prepareTable` would say, without making anything. `shape`: null when the table is still to be made. */
export async function foreseeTable(
  session: MysqlSession,
  config: MysqlSinkConfig,
  { schema, shape }: { readonly schema: RowSchema; readonly shape: TableShape | null },
): Promise<TableNotes> {
  const target = nameTarget(config, schema);
  if (shape !== null) return judgeTable(session.server, config, { ...target, shape });
  const sql = await tableSql(session, config, target);
  const { name, key, merging } = target;
  const doubts = [...merging, ...(key.length === 0 ? [doubtNoKey(name)] : [])];
  return { notes: [{ en: `it will be made: ${sql}`, zh: `将创建表：${sql}` }], doubts };
}

interface Target {
  /** `database.table`, for messages. */
  readonly name: string;
  /** Quoted and qualified. */
  readonly table: string;
  readonly schema: RowSchema;
  readonly key: readonly string[];
  readonly merging: readonly Text[];
}

function nameTarget(config: MysqlSinkConfig, schema: RowSchema): Target {
  const name = `${config.database}.${config.table}`;
  refuseTwinFields(schema, name);
  const { fields: key, merging } = chooseKey(config, schema, name);
  const table = `${quoteIdentifier(config.database)}.${quoteIdentifier(config.table)}`;
  return { name, table, schema, key, merging };
}

function judgeTable(
  server: MysqlSession['server'],
  config: MysqlSinkConfig,
  target: Target & { readonly shape: TableShape },
): PreparedTable {
  const { name, table, schema, key, shape } = target;
  const { insertMode } = config;
  const { columns, checks, ...matched } = matchColumns(shape, schema, name);
  const found = matchKey(shape, schema, { key, name, columns, insertMode });
  if (found.merging.length > 0 && !config.keysMayMerge)
    throw new SyncError('KEYS_MAY_MERGE', {
      message: `${name}: ${found.merging.map(({ en }) => en).join('; ')}`,
    });
  const merging = [...target.merging, ...found.merging];
  const { fields } = schema;
  const { charset, reasons } = choosePath(server, { shape, fields, columns, insertMode });
  const notes = [
    ...config.target.notes,
    ...matched.notes.map((note) => ofTable(name, note)),
    ...(reasons.length > 0 ? [noteNoLoad(name, reasons)] : []),
  ];
  const doubts = [...matched.doubts, ...doubtTriggers(shape, insertMode)].map((doubt) =>
    ofTable(name, doubt),
  );
  const plan: WritePlan = {
    name,
    table,
    fields,
    columns: columns.map((column) => column.name),
    key: found.indexes,
    keyColumns: found.keyColumns,
    checks,
    insertMode,
    loadCharset: charset,
    guardKey: shape.uniqueKeys.length > 1,
  };
  return {
    plan,
    mergesKeys: merging.length > 0,
    replaceable: merging.length === 0 && isReplaceable(shape, columns, config),
    notes,
    doubts: [...merging, ...doubts, ...(key.length === 0 ? [doubtNoKey(name)] : [])],
  };
}

/** No column, trigger, other table or history would lose by it. */
function isReplaceable(
  shape: TableShape,
  columns: readonly Column[],
  { insertMode }: MysqlSinkConfig,
): boolean {
  const isWhole = shape.columns.every((column) => column.generated || columns.includes(column));
  const hangsOn = shape.hasTrigger || shape.isReferenced || shape.keepsHistory || !shape.seesAll;
  return insertMode === 'upsert' && isWhole && !hangsOn;
}

function ofTable(table: string, text: Text): Text {
  return { en: `${table}: ${text.en}`, zh: `${table}:${text.zh}` };
}

function noteNoLoad(name: string, reasons: readonly Text[]): Text {
  return {
    en: `${name}: LOAD DATA is not used: ${reasons.map(({ en }) => en).join('; ')}`,
    zh: `${name}：未使用 LOAD DATA：${reasons.map(({ zh }) => zh).join('；')}`,
  };
}

async function createTable(
  session: MysqlSession,
  config: MysqlSinkConfig,
  target: Target,
): Promise<TableShape> {
  await session.command(await tableSql(session, config, target));
  const shape = await inspectTable(session, config.database, config.table);
  if (shape === null)
    throw new SyncError('TARGET_SCHEMA', { message: `${target.name} was created, but is not to be seen` });
  return shape;
}

async function tableSql(session: MysqlSession, config: MysqlSinkConfig, target: Target): Promise<string> {
  const { schema, name } = target;
  if (!config.autoCreate)
    throw new SyncError('TARGET_SCHEMA', {
      message: `${name} does not exist; create it, or set auto.create=true`,
      field: 'auto.create',
    });
  for (const field of schema.fields) {
    const problem = checkIdentifier(field.name, `field '${field.name}'`);
    if (problem !== null) throw new SyncError('TARGET_SCHEMA', { message: problem, field: field.name });
  }
  const keyCollation = await exactCollation(session);
  const [found] = await session.read('SELECT @@innodb_page_size AS bytes');
  return createTableSql({ ...target, keyCollation, pageBytes: Number(found?.['bytes']) });
}
