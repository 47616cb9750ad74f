// The columns by which a target's rows are told apart: a key of the table, found again by the values of the source.
import { SyncError } from '../../../src/core/errors.ts';
import type { Field, RowSchema } from '../../../src/core/connector/field-type.ts';
import type { Column, KeyColumn, TableShape, UniqueKey } from './table-shape.ts';

export interface MatchedKey {
  /** Among the fields. */
  readonly indexes: readonly number[];
  readonly keyColumns: readonly KeyColumn[];
}

export interface KeyRules<C extends Column, K extends UniqueKey> {
  /** `keys`: those of the table that are of just the key's columns. Throws TARGET_SCHEMA where rows are not found again by the column. */
  readonly keyColumn: (
    field: Field,
    column: C,
    table: { readonly keys: readonly K[]; readonly name: string },
  ) => KeyColumn;
  /** `ADD UNIQUE …` of that table and those columns, for messages. */
  readonly addUnique: (table: string, columns: readonly string[]) => string;
}

/** Throws TARGET_SCHEMA when the table has no such key, or its rows are not found again by it. */
export function matchKey<C extends Column, K extends UniqueKey>(
  shape: TableShape<C, K>,
  target: {
    readonly schema: RowSchema;
    /** Names of its fields; empty: rows have no key. */
    readonly key: readonly string[];
    readonly name: string;
    /** In the order of the fields. */
    readonly columns: readonly C[];
  },
  rules: KeyRules<C, K>,
): MatchedKey {
  const { schema, key, name, columns } = target;
  const indexes = key.map((field) => schema.fields.findIndex((each) => each.name === field));
  const found = indexes.flatMap((index) => {
    const [field, column] = [schema.fields[index], columns[index]];
    return field === undefined || column === undefined ? [] : [{ field, column }];
  });
  const names = found.map(({ column }) => column.name);
  const keys = shape.uniqueKeys.filter(
    ({ columns: its }) => its.length === names.length && names.every((each) => its.includes(each)),
  );
  if (found.length > 0 && keys.length === 0) throw notUnique(shape.primaryKey, { name, names }, rules);
  return {
    indexes,
    keyColumns: found.map(({ field, column }) => {
      if (column.nullable)
        throw new SyncError('TARGET_SCHEMA', {
          message: `${name}: key column ${column.name} may be NULL, and NULLs are never equal; make it NOT NULL`,
          field: field.name,
        });
      return rules.keyColumn(field, column, { keys, name });
    }),
  };
}

function notUnique(
  primaryKey: readonly string[],
  { name, names }: { readonly name: string; readonly names: readonly string[] },
  { addUnique }: Pick<KeyRules<Column, UniqueKey>, 'addUnique'>,
): SyncError {
  const primary = primaryKey.length > 0 ? ` (that is ${primaryKey.join(', ')})` : '';
  return new SyncError('TARGET_SCHEMA', {
    message: `${name}: (${names.join(', ')}) is not its primary key${primary} nor a unique key; add one: ${addUnique(name, names)}; or set pk.fields`,
    field: 'pk.fields',
  });
}
