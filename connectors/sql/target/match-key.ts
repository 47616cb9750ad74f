// The columns by which a target's rows are told apart: a key of the table, found again by the values of the source.
import type { RowSchema } from '../../../src/core/connector/field-type.ts';
import { SyncError } from '../../../src/core/errors.ts';
import type { TableAccess } from './table-access.ts';
import type { Column, KeyColumn, TableShape } from './table-shape.ts';

export interface MatchedKey {
  /** Among the fields. */
  readonly indexes: readonly number[];
  readonly keyColumns: readonly KeyColumn[];
}

/** Throws TARGET_SCHEMA when the table has no such key, or its rows are not found again by it. */
export function matchKey<T extends TableShape<Column>>(
  access: TableAccess<T>,
  target: {
    readonly shape: T;
    readonly schema: RowSchema;
    /** Names of its fields; empty: rows have no key. */
    readonly key: readonly string[];
    /** In the order of the fields. */
    readonly columns: readonly T['columns'][number][];
  },
): MatchedKey {
  const { shape, schema, key, columns } = target;
  const indexes = key.map((field) => schema.fields.findIndex((each) => each.name === field));
  const found = indexes.flatMap((index) => {
    const [field, column] = [schema.fields[index], columns[index]];
    return field === undefined || column === undefined ? [] : [{ field, column }];
  });
  const names = found.map(({ column }) => column.name);
  const keys = shape.uniqueKeys.filter(
    ({ columns: its }) => its.length === names.length && names.every((each) => its.includes(each)),
  );
  if (found.length > 0 && keys.length === 0) throw notUnique(access, shape.primaryKey, names);
  return {
    indexes,
    keyColumns: found.map(({ field, column }) => {
      if (column.nullable && access.refusesNullKeys !== true)
        throw new SyncError('TARGET_SCHEMA', {
          message: `${access.name}: key column ${column.name} may be NULL, and NULLs are never equal; make it NOT NULL`,
          field: field.name,
        });
      return access.keyColumn(field, column, { shape, keys });
    }),
  };
}

function notUnique(
  { name, addUnique }: Pick<TableAccess<TableShape<Column>>, 'name' | 'addUnique'>,
  primaryKey: readonly string[],
  names: readonly string[],
): SyncError {
  const primary = primaryKey.length > 0 ? ` (that is ${primaryKey.join(', ')})` : '';
  return new SyncError('TARGET_SCHEMA', {
    message: `${name}: (${names.join(', ')}) is not its primary key${primary} nor a unique key; add one: ${addUnique(names)}; or set pk.fields`,
    field: 'pk.fields',
  });
}
