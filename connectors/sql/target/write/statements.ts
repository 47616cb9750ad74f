// Rows as values of multi-row statements, in sizes of powers of two so that few are ever prepared.
import { counted } from '../../../../src/core/text.ts';
import { isUtf8 } from 'node:buffer';
import type { Field } from '../../../../src/core/connector/field-type.ts';
import { readRow } from '../../../../src/core/record/row-format.ts';
import type { SqlDialect } from '../dialect.ts';
import type { WritePlan } from '../table-shape.ts';

/** A value of a row: text, or bytes of a field of bytes. */
export type RowValue = string | Buffer | null;

const maxRows = 512;
const fewestParameters = 900;

/** Rows of the largest statement with so many values each: a power of two. */
export function largestStatement(
  values: number,
  { maxParameters = fewestParameters }: Pick<SqlDialect, 'maxParameters'>,
): number {
  let rows = maxRows;
  while (rows > 1 && rows * values > maxParameters) rows /= 2;
  return rows;
}

/** `behind`: what stands behind the values, so that a row whose key is there is changed. */
export function insertSql(
  { table, columns }: WritePlan,
  rows: number,
  { dialect, behind }: { readonly dialect: SqlDialect; readonly behind: string },
): string {
  const names = columns.map((column) => dialect.quote(column)).join(', ');
  const tuple = (row: number): string =>
    `(${columns.map((_, at) => dialect.parameter(row * columns.length + at + 1)).join(', ')})`;
  const tuples = Array.from({ length: rows }, (_, row) => tuple(row));
  return `INSERT INTO ${table} (${names}) VALUES ${tuples.join(', ')}${behind}`;
}

/** Changes the one row that has the key; a key alone has nothing to change, and is only looked for. `changed`: fields whose values stand before the key's. */
export function updateSql(
  plan: WritePlan,
  dialect: SqlDialect,
): { readonly sql: string; readonly changed: readonly number[] } {
  const { table, columns, key } = plan;
  const rest = columns.flatMap((_, index) => (key.includes(index) ? [] : [index]));
  const changed = rest.length > 0 ? rest : key;
  const set = changed.map(
    (index, at) => `${dialect.quote(columns[index] ?? '')} = ${dialect.parameter(at + 1)}`,
  );
  const where = keyCondition(plan, dialect, changed.length);
  return {
    sql: `UPDATE ${table} SET ${set.join(', ')} WHERE ${where}`,
    changed,
  };
}

/** That a row has the key whose values stand behind `before` others. */
export function keyCondition(
  { keyColumns }: WritePlan,
  { parameter }: Pick<SqlDialect, 'parameter'>,
  before = 0,
): string {
  return keyColumns
    .map(({ term, value }, place) => `${term} = ${value(parameter(before + place + 1))}`)
    .join(' AND ');
}

const backslash = 0x5c;

/**
 * The values of one row, or what is wrong with it before any server sees it. `textIsValid`: the whole batch is known to be
 * utf-8.
 */
export function readValues(
  fields: readonly Field[],
  bytes: Buffer,
  textIsValid: boolean,
): { values: RowValue[] } | { field: string; reason: string } {
  // Most rows have no escapes: one string, cut at the tabs.
  const plain = textIsValid && !bytes.includes(backslash) && !fields.some(isBytes);
  const values = plain ? bytes.toString('utf8').split('\t') : readRow(bytes);
  if (values.length !== fields.length)
    return {
      field: '',
      reason: `the row has ${counted(values.length, 'field')}, its schema has ${fields.length}`,
    };
  return plain ? { values } : decodeText(fields, values);
}

function decodeText(
  fields: readonly Field[],
  raw: readonly RowValue[],
): { values: RowValue[] } | { field: string; reason: string } {
  const values: RowValue[] = [];
  for (const [index, field] of fields.entries()) {
    const value = raw[index] ?? null;
    if (!Buffer.isBuffer(value) || isBytes(field)) values.push(value);
    else if (isUtf8(value)) values.push(value.toString('utf8'));
    else return { field: field.name, reason: 'the text is not valid utf-8' };
  }
  return { values };
}

function isBytes(field: Field): boolean {
  return field.type.kind === 'bytes';
}
