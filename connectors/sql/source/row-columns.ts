// Which columns are read, what fields they become, and by which of them rows are told apart.
import { SyncError } from '../../../src/core/errors.ts';
import type { FieldType, RowSchema } from '../../../src/core/connector/field-type.ts';
import type { DeleteWay } from '../../../src/core/deletes.ts';
import type { Text } from '../../../src/core/text.ts';
import type { SqlSourceOwnConfig } from './config.ts';
import type { FoundTable, SourceColumn } from './dialect.ts';
import type { WrittenField } from './row-writer.ts';

export interface RowColumns {
  readonly columns: readonly SourceColumn[];
  readonly fields: readonly WrittenField[];
  readonly schema: RowSchema;
  /** The columns by whose values ranges are bounded; empty: none. */
  readonly bounds: readonly SourceColumn[];
}

type Choosing = Pick<SqlSourceOwnConfig, 'columns' | 'keyColumns' | 'name' | 'server' | 'deletes'>;

/** @throws SyncError SOURCE_SCHEMA, BAD_INPUT naming the key */
export function chooseColumns(config: Choosing, found: FoundTable): RowColumns {
  const { name, server } = config;
  const columns = config.columns.length === 0 ? found.columns : pick(config.columns, found, 'sql.columns');
  const twice = columns.find(
    (column, index) => columns.findIndex((other) => other.name === column.name) !== index,
  );
  if (twice !== undefined)
    throw refuse(`${name} has two columns named ${twice.name}: give one another name in the query`, 'query');
  refuseUnreadable(columns, name);
  const nullsZeros = server.zeroDates === 'null';
  const fields = columns.map(({ name: field, type, nullable, form }): WrittenField => {
    const optional = nullable || (nullsZeros && (form === 'date' || form === 'timestamp'));
    return { field: { name: field, type: type as FieldType, optional }, form };
  });
  const key = chooseKey(config, found, columns);
  const way = deleteWay(config);
  return {
    columns,
    fields,
    schema: {
      fields: fields.map(({ field }) => field),
      key: key.names,
      ...(key.merging === null ? {} : { merging: { reason: key.merging, chosen: true } }),
      ...(way !== null && { deletes: way }),
    },
    bounds: boundsOf(found),
  };
}

/** null: deletes are not followed. */
export function deleteWay({ deletes }: Pick<SqlSourceOwnConfig, 'deletes'>): DeleteWay | null {
  return deletes === 'ignore' ? null : { by: 'keys', setting: 'sql.deletes' };
}

function refuseUnreadable(columns: readonly SourceColumn[], name: string): void {
  const reasons = columns.flatMap(({ name: column, type }) =>
    typeof type === 'string' ? [`${column}: ${type}`] : [],
  );
  if (reasons.length === 0) return;
  const said = reasons.join('; ');
  throw refuse(
    `reading ${name}: ${said}; leave such columns out with sql.columns, or convert them in query`,
    'sql.columns',
  );
}

function pick(names: readonly string[], { columns }: FoundTable, key: string): readonly SourceColumn[] {
  return names.map((name) => {
    const found =
      columns.find((column) => column.name === name) ??
      columns.find((column) => column.name.toLowerCase() === name.toLowerCase());
    if (found !== undefined) return found;
    throw refuse(
      `${key}: there is no column ${name}; there are ${columns.map((each) => each.name).join(', ')}`,
      key,
    );
  });
}

/** The table's own key, if all of it is read; else the columns that the user named, which nobody checks. */
function chooseKey(
  { keyColumns, name }: Choosing,
  found: FoundTable,
  columns: readonly SourceColumn[],
): { readonly names: readonly string[]; readonly merging: Text | null } {
  const read = { ...found, columns };
  if (keyColumns.length === 0) {
    const isRead = found.key.every((part) => columns.some((column) => column.name === part));
    return { names: isRead ? found.key : [], merging: null };
  }
  const chosen = pick(keyColumns, read, 'sql.key.columns').map((column) => column.name);
  const isOwn = chosen.length === found.key.length && found.key.every((part) => chosen.includes(part));
  return { names: chosen, merging: isOwn ? null : unchecked(name, chosen) };
}

function unchecked(name: string, chosen: readonly string[]): Text {
  return {
    en: `${name} has no key of its own on ${chosen.join(', ')} (sql.key.columns): rows that are equal there become one`,
    zh: `${name} 在 ${chosen.join(', ')} 上没有自身的唯一键（sql.key.columns）：这些列相同的行会合并为一行`,
  };
}

/** The table's own key, where all its columns have an order that can be written in SQL. */
function boundsOf({ key, columns, kind }: FoundTable): readonly SourceColumn[] {
  if (kind === 'query') return [];
  const parts = key.map((name) => columns.find((column) => column.name === name));
  return parts.every((part) => part !== undefined && part.order !== 'other')
    ? parts.filter((part) => part !== undefined)
    : [];
}

function refuse(message: string, field: string): SyncError {
  return new SyncError('SOURCE_SCHEMA', { message, field });
}
