// The columns of a key as SQLite compares them.
import type { Field } from '../../src/core/connector/field-type.ts';
import { quoteIdentifier } from '../../src/core/connector/sql-identifier.ts';
import { comparedAs } from '../../src/core/record/key-order.ts';
import type { Text } from '../../src/core/text.ts';
import type { SqlValue } from '../sql/target/session.ts';
import type { KeyColumn } from '../sql/target/table-shape.ts';
import type { ComparedColumn } from '../sql/target/unclaimed-keys.ts';
import type { Affinity } from './column-fit.ts';
import type { SqliteColumn, SqliteKey } from './describe-table.ts';
import { toTyped } from './typed-values.ts';

/** `keys`: the table's keys of these columns. Where one folds, rows are found by it. */
export function keyColumnOf(
  field: Field,
  { name, isRowNumber, affinity }: SqliteColumn,
  { keys }: { readonly keys: readonly SqliteKey[] },
): KeyColumn {
  const folding = keys.find(foldsAny);
  const collation = (folding ?? keys[0])?.collations.get(name) ?? 'BINARY';
  const quoted = quoteIdentifier(name);
  const term = isRowNumber && keys.length === 1 ? quoted : `${quoted} COLLATE ${quoteIdentifier(collation)}`;
  return {
    term,
    // The sign takes the type from it: in a column of text a number is then compared as text, by the key's index.
    value: (parameter) => (isWhole(field) ? `+CAST(${parameter} AS INTEGER)` : parameter),
    bind: (value) => bindKey(field, value),
    mayHold: (value) => 'value' in toTyped(field, toBytes(value)),
    compared: comparedIn(field, affinity, { term, quoted }),
    merging: keys.some((key) => folds(key, name)) ? sayFolding(name, keys) : null,
  };
}

/** A decimal is kept as text, and so in another order than that of numbers. */
function comparedIn(
  field: Field,
  affinity: Affinity,
  { term, quoted }: { readonly term: string; readonly quoted: string },
): ComparedColumn | null {
  const as = comparedAs(field.type);
  // As bytes: the driver ends a text at its first NUL, and rounds long numbers.
  const read = `CAST(${quoted} AS BLOB)`;
  if (as !== 'number') return as === null ? null : { term, read, bound: (parameter) => parameter };
  if (field.type.kind === 'decimal' || affinity === 'text') return null;
  return { term, read, bound: (parameter) => `CAST(${parameter} AS INTEGER)` };
}

/** A column that is made for a decimal keeps text. */
export function comparesMade({ type }: Field): boolean {
  return type.kind !== 'decimal';
}

function isWhole({ type: { kind } }: Field): boolean {
  return kind.startsWith('int') || kind === 'boolean';
}

/** As it was stored, whole numbers as text. */
function bindKey(field: Field, value: string | Buffer): SqlValue {
  const typed = toTyped(field, toBytes(value));
  if (!('value' in typed)) return value;
  return typeof typed.value === 'bigint' ? String(typed.value) : typed.value;
}

function toBytes(value: string | Buffer): Buffer {
  return Buffer.isBuffer(value) ? value : Buffer.from(value);
}

function folds({ collations }: SqliteKey, column: string): boolean {
  return (collations.get(column) ?? 'BINARY') !== 'BINARY';
}

function foldsAny(key: SqliteKey): boolean {
  return key.columns.some((column) => folds(key, column));
}

function sayFolding(column: string, keys: readonly SqliteKey[]): Text {
  const collation = keys.find((key) => folds(key, column))?.collations.get(column) ?? '';
  return {
    en: `key column ${column} is compared by ${collation}, which takes different keys for one; declare it COLLATE BINARY`,
    zh: `主键列 ${column} 按 ${collation} 比较，会把不同的键当作同一个；请声明为 COLLATE BINARY`,
  };
}
