// The general path: rows as values of prepared multi-row statements, in sizes of powers of two so that few are ever prepared.
import { isUtf8 } from 'node:buffer';
import type { Field } from '../../../src/core/connector/field-type.ts';
import { readRow } from '../../../src/core/record/row-format.ts';
import { quoteIdentifier } from '../../../src/core/connector/sql-identifier.ts';
import type { MysqlPlan } from './plan.ts';
import type { Value } from '../session/session.ts';

const maxRows = 512;
/** The protocol counts placeholders in 16 bits. */
const maxPlaceholders = 65_535;

/** Rows of the largest statement: a power of two. */
export function largestStatement(columns: number): number {
  let rows = maxRows;
  while (rows > 1 && rows * columns > maxPlaceholders) rows /= 2;
  return rows;
}

export function insertSql(plan: MysqlPlan, rows: number): string {
  const columns = plan.columns.map(quoteIdentifier);
  const tuple = `(${columns.map(() => '?').join(', ')})`;
  const insert = `INSERT INTO ${plan.table} (${columns.join(', ')}) VALUES ${new Array(rows).fill(tuple).join(', ')}`;
  if (plan.insertMode === 'insert') return insert;
  const set = columns.flatMap((column, index) => {
    if (!plan.key.includes(index)) return [`${column} = VALUES(${column})`];
    // Found by another unique key, the row is not ours to change: NULL in a key column is an error.
    return plan.guardKey ? [`${column} = IF(${column} <=> VALUES(${column}), ${column}, NULL)`] : [];
  });
  const keyOnly = columns
    .filter((_, index) => plan.key.includes(index))
    .map((column) => `${column} = ${column}`);
  return `${insert} ON DUPLICATE KEY UPDATE ${(set.length > 0 ? set : keyOnly).join(', ')}`;
}

/** Changes the one row that has the key; a key alone has nothing to change, and is only looked for. */
export function updateSql(plan: MysqlPlan): { sql: string; order: readonly number[] } {
  const columns = plan.columns.map(quoteIdentifier);
  const rest = columns.flatMap((_, index) => (plan.key.includes(index) ? [] : [index]));
  const set = (rest.length > 0 ? rest : plan.key).map((index) => `${columns[index] ?? ''} = ?`);
  return {
    sql: `UPDATE ${plan.table} SET ${set.join(', ')} WHERE ${keyCondition(plan)}`,
    order: [...(rest.length > 0 ? rest : plan.key), ...plan.key],
  };
}

/** That a row has the key of the values that follow. */
export function keyCondition({ keyColumns }: MysqlPlan): string {
  return keyColumns.map(({ term, value }) => `${term} = ${value('?')}`).join(' AND ');
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
): { values: Value[] } | { field: string; reason: string } {
  // Most rows have no escapes: one string, cut at the tabs.
  const plain = textIsValid && !bytes.includes(backslash) && !fields.some(isBytes);
  const values = plain ? bytes.toString('utf8').split('\t') : readRow(bytes);
  if (values.length !== fields.length)
    return { field: '', reason: `the row has ${values.length} fields, its schema has ${fields.length}` };
  return plain ? { values } : decodeText(fields, values);
}

function decodeText(
  fields: readonly Field[],
  raw: readonly Value[],
): { values: Value[] } | { field: string; reason: string } {
  const values: Value[] = [];
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
