// Removes rows from the table inside the open transaction: those named by their key, or those that a claim does not name.
import { setImmediate } from 'node:timers/promises';
import { SyncError } from '../../src/core/errors.ts';
import { readRow } from '../../src/core/record/row-format.ts';
import { digestRow } from '../../src/core/row-digest.ts';
import { rowsOf } from '../../src/core/record/row-key.ts';
import type { KeyClaim, RowBatch } from '../../src/core/connector/sink-store.ts';
import { quoteIdentifier } from '../../src/core/connector/sql-identifier.ts';
import { findUnclaimed } from '../sql/target/unclaimed-keys.ts';
import type { Row, SqliteDatabase, Value } from './database.ts';
import { dialect } from './ledger-tables.ts';
import type { WritePlan } from './table-schema.ts';
import { toTyped } from './typed-values.ts';

const LF = 0x0a;
const rowsPerBreath = 500;

/** Throws TARGET_SCHEMA when rows have no key. A key that the target can't hold is not there. */
export async function deleteRows(database: SqliteDatabase, plan: WritePlan, batch: RowBatch): Promise<void> {
  if (plan.key.length === 0) throw withoutKey(plan);
  const where = plan.keyTerms.map((term) => `${term} = ?`).join(' AND ');
  const sql = `DELETE FROM ${quoteIdentifier(plan.table)} WHERE ${where}`;
  let at = 0;
  for (let index = 0; index < batch.rows; index += 1) {
    if (index > 0 && index % rowsPerBreath === 0) await setImmediate();
    const end = batch.bytes.indexOf(LF, at);
    const values = keyValues(plan, readRow(batch.bytes, at, end));
    at = end + 1;
    if (values !== null) database.run(sql, values);
  }
}

/** As SinkTransaction has it. A key that the target can't hold is not there. */
export function digestRows(
  database: SqliteDatabase,
  plan: WritePlan,
  batch: RowBatch,
): readonly (string | null)[] {
  const where = plan.keyTerms.map((term) => `${term} = ?`).join(' AND ');
  // In hex: the driver ends a text at its first NUL, and rounds long numbers.
  const held = plan.columns.map((column, index) => {
    const name = quoteIdentifier(column);
    return `typeof(${name}) || hex(${name}) AS c${index}`;
  });
  const sql = `SELECT ${held.join(', ')} FROM ${quoteIdentifier(plan.table)} WHERE ${where} LIMIT 1`;
  return [...rowsOf(batch)].map(({ start, end }) => {
    const values = keyValues(plan, readRow(batch.bytes, start, end));
    const [found] = values === null ? [] : database.all(sql, values);
    return found === undefined ? null : digestRow(Object.values(found));
  });
}

function keyValues(plan: WritePlan, raw: readonly (Buffer | null)[]): Value[] | null {
  const values: Value[] = [];
  for (const index of plan.key) {
    const field = plan.fields[index];
    const typed = field === undefined ? null : toTyped(field, raw[index] ?? null);
    if (typed === null || 'problem' in typed || typed.value === null) return null;
    values.push(typed.value);
  }
  return values;
}

/** As SinkTransaction has it. */
export function unclaimedKeys(
  database: SqliteDatabase,
  plan: WritePlan,
  claim: KeyClaim,
): AsyncIterable<readonly string[]> {
  const { parameter } = dialect;
  const read = (sql: string, values: readonly Value[]): Promise<readonly Row[]> =>
    Promise.resolve(database.all(sql, values));
  const table = quoteIdentifier(plan.table);
  return findUnclaimed({ plan: { ...plan, name: plan.table, table }, parameter, read }, claim);
}

export function countRows(database: SqliteDatabase, plan: WritePlan, atMost: number): number {
  const sql = `SELECT COUNT(*) AS found FROM (SELECT 1 FROM ${quoteIdentifier(plan.table)} LIMIT ?)`;
  return Number(database.all(sql, [BigInt(atMost)])[0]?.['found']);
}

function withoutKey(plan: WritePlan): SyncError {
  return new SyncError('TARGET_SCHEMA', {
    message: `${plan.table}: rows have no key, so none can be removed by it; set pk.mode, or let the source ignore deletes`,
    field: 'pk.mode',
  });
}
