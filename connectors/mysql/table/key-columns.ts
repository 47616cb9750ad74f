// The columns by which a target's rows are told apart: a key of the table, found again by the values of the source.
import { SyncError } from '../../../src/core/errors.ts';
import type { Field, RowSchema } from '../../../src/core/connector/field-type.ts';
import { quoteIdentifier } from '../../../src/core/connector/sql-identifier.ts';
import type { Text } from '../../../src/core/text.ts';
import { mergesKeys } from './column-fit.ts';
import type { MysqlSinkConfig } from '../config.ts';
import type { Column, TableShape } from './table-schema.ts';

export interface KeyColumn {
  /** Quoted. */
  readonly column: string;
  /**
   * SQL of a value that the column is compared with. Values are bound as text; beside a number, text would be compared as DOUBLE,
   * under which long numbers are equal.
   */
  readonly placeholder: string;
  /** May a value be in the column? What is no number or time would be compared as one all the same. */
  readonly mayHold: (value: string | Buffer) => boolean;
  /** Its values stand in the order of their bytes. */
  readonly inByteOrder: boolean;
}

export interface MatchedKey {
  /** Among the fields. */
  readonly indexes: readonly number[];
  readonly keyColumns: readonly KeyColumn[];
  /** Columns in which different keys are one. */
  readonly merging: readonly Text[];
}

/** Throws TARGET_SCHEMA when the table has no such key, or its rows are not found again by it. */
export function matchKey(
  shape: TableShape,
  schema: RowSchema,
  target: {
    key: readonly string[];
    name: string;
    columns: readonly Column[];
    insertMode: MysqlSinkConfig['insertMode'];
  },
): MatchedKey {
  const { key, name, columns } = target;
  const indexes = key.map((field) => schema.fields.findIndex((each) => each.name === field));
  const found = indexes.flatMap((index) => {
    const [field, column] = [schema.fields[index], columns[index]];
    return field === undefined || column === undefined ? [] : [{ field, column }];
  });
  if (found.length > 0)
    requireUnique(
      shape,
      name,
      found.map(({ column }) => column.name),
    );
  const guarded = target.insertMode === 'upsert' && shape.uniqueKeys.length > 1;
  for (const { field, column } of found) requireFound({ field, column, guarded }, name);
  return {
    indexes,
    keyColumns: found.map(({ column }) => toKeyColumn(column)),
    merging: found.flatMap(({ field, column }) =>
      mergesKeys(field, column) ? [doubtColumn(column, name)] : [],
    ),
  };
}

function requireUnique(shape: TableShape, table: string, names: readonly string[]): void {
  const isKey = shape.uniqueKeys.some(
    (unique) =>
      unique.columns.length === names.length && names.every((each) => unique.columns.includes(each)),
  );
  if (isKey) return;
  const primary = shape.uniqueKeys.find((unique) => unique.name === 'PRIMARY')?.columns ?? [];
  throw new SyncError('TARGET_SCHEMA', {
    message: `${table}: (${names.join(', ')}) is not its primary key${primary.length > 0 ? ` (that is ${primary.join(', ')})` : ''} nor a unique key; add one: ALTER TABLE ${table} ADD UNIQUE KEY (${names.join(', ')}); or set pk.fields`,
    field: 'pk.fields',
  });
}

/** `guarded`: an upsert that another unique key leads to another row sets the key to NULL, which must be an error. */
function requireFound(
  { field, column, guarded }: { field: Field; column: Column; guarded: boolean },
  table: string,
): void {
  const refuse = (problem: string): SyncError =>
    new SyncError('TARGET_SCHEMA', {
      message: `${table}: key column ${column.name} ${problem}`,
      field: field.name,
    });
  if (column.nullable) throw refuse('may be NULL, and NULLs are never equal; make it NOT NULL');
  if (guarded && column.dataType === 'timestamp')
    throw refuse(
      'is TIMESTAMP, and the table has another unique key: rows that meet there could not be told apart; make it DATETIME',
    );
  if (column.dataType === 'float')
    throw refuse('is FLOAT, in which a key is not found again; make it DECIMAL or VARCHAR');
}

const integer = /^-?\d+$/;
const notNegative = /^-?0+$|^\d+$/;
const number = /^-?\d+(\.\d+)?$/;
const floating = /^-?\d+(\.\d+)?(e[-+]?\d+)?$/i;
const day = /^\d{4}-\d\d-\d\d$/;
const instant = /^\d{4}-\d\d-\d\d( \d\d:\d\d:\d\d(\.\d+)?)?$/;
const timeOfDay = /^-?\d{2,3}:\d\d:\d\d(\.\d+)?$/;

function toKeyColumn(found: Column): KeyColumn {
  const { name, dataType, declared, charset, collation } = found;
  const of = (form: RegExp, placeholder = '?'): KeyColumn => ({
    column: quoteIdentifier(name),
    placeholder,
    mayHold: (value) => form.test(String(value)),
    inByteOrder: false,
  });
  if (dataType === 'decimal')
    return of(number, `CAST(? AS DECIMAL(${found.numericPrecision}, ${found.numericScale}))`);
  if (dataType.endsWith('int'))
    return declared.includes('unsigned')
      ? of(notNegative, 'CAST(? AS UNSIGNED)')
      : of(integer, 'CAST(? AS SIGNED)');
  if (dataType === 'double') return of(floating);
  if (dataType === 'date') return of(day);
  if (dataType === 'datetime' || dataType === 'timestamp') return of(instant);
  if (dataType === 'time') return of(timeOfDay);
  // The order of an ENUM is that of its members, the one of a SET that of their bits.
  const ordered = charset === null || (charset.startsWith('utf8') && collation?.endsWith('_bin') === true);
  return {
    column: quoteIdentifier(name),
    placeholder: '?',
    mayHold: () => true,
    inByteOrder: ordered && dataType !== 'enum' && dataType !== 'set',
  };
}

function doubtColumn({ name: column, declared, collation }: Column, table: string): Text {
  if (collation === null)
    return {
      en: `key column ${column} is ${declared}, in which 0 and -0 are one; make it DECIMAL or VARCHAR`,
      zh: `主键列 ${column} 的类型为 ${declared}，其中 0 与 -0 相同；请改为 DECIMAL 或 VARCHAR`,
    };
  const found = `${column} (${declared}, ${collation})`;
  const change = `ALTER TABLE ${table} MODIFY ${column} ${declared.replace(/^char/i, 'varchar')} CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL;`;
  return {
    en: `key column ${found} takes different keys for one; change it: ${change} (on MySQL 8: utf8mb4_0900_bin)`,
    zh: `主键列 ${found} 会把不同的键当作同一个；请修改：${change}（MySQL 8 为 utf8mb4_0900_bin）`,
  };
}
