// Makes the target table fit for a run's rows, or says why it is not.
import type { EverySink } from '../../../src/core/connector/every-sink.ts';
import type { TableSinkConfig } from '../../../src/core/connector/table-sink-config.ts';
import { SyncError } from '../../../src/core/errors.ts';
import type { RowSchema } from '../../../src/core/connector/field-type.ts';
import type { ReadyTable } from '../../../src/core/connector/sink-store.ts';
import { chooseKey, doubtNoKey, refuseTwinFields } from '../../../src/core/connector/table-key.ts';
import type { Text } from '../../../src/core/text.ts';
import { requireNames } from './create-table.ts';
import { matchColumns, type ColumnRules } from './match-columns.ts';
import { matchKey, type KeyRules } from './match-key.ts';
import type { Column, TableShape, UniqueKey, WritePlan } from './table-shape.ts';

export type TableConfig = Pick<TableSinkConfig, 'autoCreate' | 'keyMode' | 'keyFields' | 'insertMode'> &
  Pick<EverySink, 'keysMayMerge'>;

/** The table of one target, on one session. */
export interface TableAccess<C extends Column, K extends UniqueKey> extends ColumnRules<C>, KeyRules<C, K> {
  /** `schema.table`, for messages. */
  readonly name: string;
  /** Quoted and qualified. */
  readonly table: string;
  readonly maxNameBytes: number;
  /** null: there is no such table. Throws TARGET_SCHEMA for what is no plain table. */
  describe(): Promise<TableShape<C, K> | null>;
  /** Makes it, where another one may make it at the same time. */
  create(rows: { readonly schema: RowSchema; readonly key: readonly string[] }): Promise<void>;
}

export interface PreparedTable<C extends Column, K extends UniqueKey> {
  readonly ready: ReadyTable;
  readonly plan: WritePlan;
  readonly shape: TableShape<C, K>;
  /** In the order of the fields. */
  readonly columns: readonly C[];
  /** Different keys of the source may be one in the table. */
  readonly mergesKeys: boolean;
  /** auto.create made it just now. */
  readonly isNew: boolean;
}

/** Throws TARGET_SCHEMA, TARGET_DENIED, KEYS_MAY_MERGE. */
export async function prepareTable<C extends Column, K extends UniqueKey>(
  access: TableAccess<C, K>,
  config: TableConfig,
  schema: RowSchema,
): Promise<PreparedTable<C, K>> {
  const { name } = access;
  refuseTwinFields(schema, name);
  const { fields: key, merging: mergingRows } = chooseKey(config, schema, name);
  const { shape, isNew } = await findOrCreate(access, config, { schema, key });
  const { columns, checks, ...matched } = matchColumns(shape, { schema, name }, access);
  const { indexes, keyColumns } = matchKey(shape, { schema, key, name, columns }, access);
  const mergingColumns = keyColumns.flatMap(({ merging }) => (merging === null ? [] : [merging]));
  if (mergingColumns.length > 0 && !config.keysMayMerge)
    throw new SyncError('KEYS_MAY_MERGE', {
      message: `${name}: ${mergingColumns.map(({ en }) => en).join('; ')}`,
    });
  const merging = [...mergingRows, ...mergingColumns];
  const doubts = [...matched.doubts, ...shape.doubts].map((doubt) => ofTable(name, doubt));
  const isWhole = shape.columns.every((column) => column.generated || columns.includes(column));
  const { fields } = schema;
  const { insertMode } = config;
  return {
    ready: {
      key: indexes,
      notes: matched.notes.map((note) => ofTable(name, note)),
      doubts: [...merging, ...doubts, ...(key.length === 0 ? [doubtNoKey(name)] : [])],
      replaceable: merging.length === 0 && isWhole && !shape.hangsOn && insertMode === 'upsert',
    },
    plan: {
      name,
      table: access.table,
      fields,
      columns: columns.map((column) => column.name),
      key: indexes,
      keyColumns,
      checks,
      insertMode,
    },
    shape,
    columns,
    mergesKeys: merging.length > 0,
    isNew,
  };
}

async function findOrCreate<C extends Column, K extends UniqueKey>(
  access: TableAccess<C, K>,
  config: TableConfig,
  rows: { readonly schema: RowSchema; readonly key: readonly string[] },
): Promise<{ readonly shape: TableShape<C, K>; readonly isNew: boolean }> {
  const found = await access.describe();
  if (found !== null) return { shape: found, isNew: false };
  const { name } = access;
  if (!config.autoCreate)
    throw new SyncError('TARGET_SCHEMA', {
      message: `${name} does not exist; create it, or set auto.create=true`,
      field: 'auto.create',
    });
  requireNames(rows.schema, access.maxNameBytes);
  await access.create(rows);
  const shape = await access.describe();
  if (shape === null)
    throw new SyncError('TARGET_SCHEMA', { message: `${name} was created, but is not to be seen` });
  return { shape, isNew: true };
}

function ofTable(table: string, text: Text): Text {
  return { en: `${table}: ${text.en}`, zh: `${table}：${text.zh}` };
}
