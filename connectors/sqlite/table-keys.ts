// The unique keys of a table in an SQLite file, and the one of them by which rows are told apart.
import { SyncError } from '../../src/core/errors.ts';
import { quoteIdentifier } from '../../src/core/connector/sql-identifier.ts';
import type { Text } from '../../src/core/text.ts';
import type { Field } from '../../src/core/connector/field-type.ts';
import { comparedAs } from '../../src/core/record/key-order.ts';
import type { ComparedColumn } from '../sql/target/unclaimed-keys.ts';
import type { Affinity } from './column-fit.ts';
import type { Row, SqliteDatabase } from './database.ts';

export interface TableKeyChoice {
  /** Key columns as statements compare them: by the collation of their key, which may be another than the column's. Quoted. */
  readonly terms: readonly string[];
  /** Key columns of which different values are one; empty: none. */
  readonly merging: readonly Text[];
}

interface KeyPart {
  readonly column: string;
  readonly collation: string;
}

/** What a table says of its columns, by name. */
export interface TableColumns {
  /** Those that rows have their key in. */
  readonly key: readonly string[];
  readonly primary: readonly string[];
  /** INTEGER PRIMARY KEY: SQLite's own number of the row, which has no index. */
  readonly rowNumber: string | null;
}

/** Throws TARGET_SCHEMA. */
export function chooseTableKey(
  database: SqliteDatabase,
  table: string,
  { key: columns, primary, rowNumber }: TableColumns,
): TableKeyChoice {
  if (columns.length === 0) return { terms: [], merging: [] };
  if (rowNumber !== null && columns.length === 1 && columns[0] === rowNumber)
    return { terms: [quoteIdentifier(rowNumber)], merging: [] };
  const isTheirs = (others: readonly string[]): boolean =>
    others.length === columns.length && columns.every((name) => others.includes(name));
  const keys = readUniqueKeys(database, table).filter((key) => isTheirs(key.map((part) => part.column)));
  const folding = keys.filter((key) => key.some(folds));
  const chosen = folding[0] ?? keys[0];
  if (chosen !== undefined)
    return {
      terms: columns.map((name) => termOf(name, chosen)),
      merging: folding.flatMap((key) => key.filter(folds)).map(sayFolding),
    };
  throw new SyncError('TARGET_SCHEMA', {
    message: `${table}: (${columns.join(', ')}) is not its primary key${primary.length > 0 ? ` (that is ${primary.join(', ')})` : ''} nor a unique key; add one: CREATE UNIQUE INDEX … ON ${table} (${columns.join(', ')}); or set pk.fields`,
    field: 'pk.fields',
  });
}

/** A decimal is kept as text, and so in another order than that of numbers. */
export function comparedIn(
  field: Field | undefined,
  column: { readonly name: string; readonly affinity: Affinity } | undefined,
  term: string | undefined,
): ComparedColumn | null {
  if (field === undefined || column === undefined || term === undefined) return null;
  // As bytes: the driver ends a text at its first NUL, and rounds long numbers.
  const read = `CAST(${quoteIdentifier(column.name)} AS BLOB)`;
  const isNumber = comparedAs(field.type) === 'number';
  if (!isNumber)
    return comparedAs(field.type) === null ? null : { term, read, bound: (parameter) => parameter };
  if (field.type.kind === 'decimal' || column.affinity === 'text') return null;
  return { term, read, bound: (parameter) => `CAST(${parameter} AS INTEGER)` };
}

function termOf(name: string, key: readonly KeyPart[]): string {
  const { collation } = key.find((part) => part.column === name) ?? { collation: 'BINARY' };
  return `${quoteIdentifier(name)} COLLATE ${quoteIdentifier(collation)}`;
}

function folds({ collation }: KeyPart): boolean {
  return collation !== 'BINARY';
}

function sayFolding({ column, collation }: KeyPart): Text {
  return {
    en: `key column ${column} is compared by ${collation}, which takes different keys for one; declare it COLLATE BINARY`,
    zh: `主键列 ${column} 按 ${collation} 比较，会把不同的键当作同一个；请声明为 COLLATE BINARY`,
  };
}

function readUniqueKeys(database: SqliteDatabase, table: string): readonly (readonly KeyPart[])[] {
  const rows = database.all(
    `SELECT list.name AS name, part.name AS column_name, part.coll AS collation
     FROM pragma_index_list(?) AS list, pragma_index_xinfo(list.name) AS part
     WHERE list."unique" = 1 AND list.partial = 0 AND part.key = 1 ORDER BY list.seq, part.seqno`,
    [table],
  );
  const keys = new Map<string, KeyPart[]>();
  for (const row of rows) {
    const part = { column: textOf(row, 'column_name'), collation: textOf(row, 'collation').toUpperCase() };
    const parts = keys.get(textOf(row, 'name'));
    if (parts === undefined) keys.set(textOf(row, 'name'), [part]);
    else parts.push(part);
  }
  return [...keys.values()];
}

/** '' where there is none: an expression has no column's name. */
function textOf(row: Row, column: string): string {
  const value = row[column];
  return typeof value === 'string' ? value : '';
}
