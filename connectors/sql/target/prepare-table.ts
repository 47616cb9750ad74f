// Makes the target table fit for a run's rows, or says why it is not; and foresees both without making anything.
import type { EverySink } from '../../../src/core/connector/every-sink.ts';
import type { RowSchema } from '../../../src/core/connector/field-type.ts';
import type { ReadyTable, TableNotes } from '../../../src/core/connector/sink-store.ts';
import {
  chooseKey,
  doubtNoKey,
  refuseTwinFields,
  type TableKey,
} from '../../../src/core/connector/table-key.ts';
import type { TableSinkConfig } from '../../../src/core/connector/table-sink-config.ts';
import { SyncError } from '../../../src/core/errors.ts';
import { keyOrderOf } from '../../../src/core/record/key-order.ts';
import type { Text } from '../../../src/core/text.ts';
import { addColumnsSql, requireNames } from './create-table.ts';
import type { SqlDialect } from './dialect.ts';
import { matchColumns, missingFields } from './match-columns.ts';
import { matchKey } from './match-key.ts';
import type { TableAccess } from './table-access.ts';
import type { Column, TableShape, WritePlan } from './table-shape.ts';
import { requireComparable } from './unclaimed-keys.ts';

export type TableConfig = Pick<
  TableSinkConfig,
  'autoCreate' | 'autoEvolve' | 'keyMode' | 'keyFields' | 'insertMode'
> &
  Pick<EverySink, 'keysMayMerge'>;

export interface PreparedTable<T extends TableShape<Column>> {
  readonly ready: ReadyTable;
  readonly plan: WritePlan;
  readonly shape: T;
  /** In the order of the fields. */
  readonly columns: readonly T['columns'][number][];
  /** Different keys of the source may be one in the table. */
  readonly mergesKeys: boolean;
  /** Columns were added to a table that was there. */
  readonly evolved: boolean;
}

type Access<T extends TableShape<Column>> = TableAccess<T> & Pick<SqlDialect, 'quote' | 'addsOneByOne'>;

/** Throws TARGET_SCHEMA, TARGET_DENIED, KEYS_MAY_MERGE. */
export async function prepareTable<T extends TableShape<Column>>(
  access: Access<T>,
  config: TableConfig,
  schema: RowSchema,
): Promise<PreparedTable<T>> {
  const key = keyOf(access, config, schema);
  const found = await access.describe();
  const ddl = await missingDdl(access, config, { schema, key, shape: found });
  for (const sql of ddl) await access.run(sql);
  const shape = ddl.length === 0 ? found : await access.describe();
  if (shape === null)
    throw new SyncError('TARGET_SCHEMA', { message: `${access.name} was created, but is not to be seen` });
  const judged = judgeTable(access, config, { schema, key, shape });
  return { ...judged, evolved: found !== null && ddl.length > 0 };
}

/** What `prepareTable` would say, without making anything. */
export async function foreseeTable<T extends TableShape<Column>>(
  access: Access<T>,
  config: TableConfig,
  { schema, shape }: { readonly schema: RowSchema; readonly shape: T | null },
): Promise<PreparedTable<T> | TableNotes> {
  const key = keyOf(access, config, schema);
  const ddl = await missingDdl(access, config, { schema, key, shape });
  if (shape !== null && ddl.length === 0) return judgeTable(access, config, { schema, key, shape });
  const sql = ddl.join('; ');
  return {
    notes: [{ en: `it will be made: ${sql}`, zh: `将执行：${sql}` }],
    doubts: [...key.merging, ...(key.fields.length === 0 ? [doubtNoKey(access.name)] : [])],
  };
}

function keyOf({ name }: { readonly name: string }, config: TableConfig, schema: RowSchema): TableKey {
  refuseTwinFields(schema, name);
  return chooseKey(config, schema, name);
}

/** What auto.create and auto.evolve make; empty: all is there, or is not to be made. */
async function missingDdl<T extends TableShape<Column>>(
  access: Access<T>,
  { autoCreate, autoEvolve }: TableConfig,
  { schema, key, shape }: { readonly schema: RowSchema; readonly key: TableKey; readonly shape: T | null },
): Promise<readonly string[]> {
  if (shape !== null) {
    const missing = missingFields(shape.columns, schema);
    if (!autoEvolve || missing.length === 0) return [];
    requireNames(schema, access.maxNameBytes);
    return addColumnsSql(access, missing);
  }
  if (!autoCreate)
    throw new SyncError('TARGET_SCHEMA', {
      message: `${access.name} does not exist; create it, or set auto.create=true`,
      field: 'auto.create',
    });
  requireNames(schema, access.maxNameBytes);
  requireComparable(access.name, schema, {
    mergesKeys: key.merging.length > 0,
    keeps: (name) =>
      key.fields.includes(name) &&
      schema.fields.every((field) => field.name !== name || access.comparesMade?.(field) !== false),
  });
  return [await access.createSql({ schema, key: key.fields })];
}

function judgeTable<T extends TableShape<Column>>(
  access: Access<T>,
  { insertMode, keysMayMerge }: TableConfig,
  { schema, key, shape }: { readonly schema: RowSchema; readonly key: TableKey; readonly shape: T },
): PreparedTable<T> {
  const { name, table } = access;
  const { columns, checks, ...matched } = matchColumns(access, shape, schema);
  const { indexes, keyColumns } = matchKey(access, { shape, schema, key: key.fields, columns });
  const folding = keyColumns.flatMap(({ merging }) => (merging === null ? [] : [merging]));
  if (folding.length > 0 && !keysMayMerge)
    throw new SyncError('KEYS_MAY_MERGE', { message: `${name}: ${folding.map(({ en }) => en).join('; ')}` });
  const merging = [...key.merging, ...folding];
  const doubts = [...matched.doubts, ...shape.doubts].map((doubt) => ofTable(name, doubt));
  requireComparable(name, schema, {
    mergesKeys: merging.length > 0,
    keeps: (field) => keyColumns[key.fields.indexOf(field)]?.compared != null,
  });
  const isWhole = shape.columns.every((column) => column.generated || columns.includes(column));
  const names = columns.map((column) => column.name);
  return {
    ready: {
      key: indexes,
      columns: names,
      notes: matched.notes.map((note) => ofTable(name, note)),
      doubts: [...merging, ...doubts, ...(indexes.length === 0 ? [doubtNoKey(name)] : [])],
      replaceable: merging.length === 0 && isWhole && !shape.hangsOn && insertMode === 'upsert',
    },
    plan: {
      name,
      table,
      fields: schema.fields,
      columns: names,
      key: indexes,
      keyColumns,
      keyOrder: keyOrderOf(schema),
      checks,
      insertMode,
    },
    shape,
    columns,
    mergesKeys: merging.length > 0,
    evolved: false,
  };
}

export function ofTable(table: string, text: Text): Text {
  return { en: `${table}: ${text.en}`, zh: `${table}：${text.zh}` };
}
