// Writes a batch row by row inside the open transaction; a row that does not fit is given back, the others are written.
import { counted } from '../../src/core/text.ts';
import { setImmediate } from 'node:timers/promises';
import { SyncError } from '../../src/core/errors.ts';
import { describeRow } from '../../src/core/record/refused-row.ts';
import { readRow } from '../../src/core/record/row-format.ts';
import type { RefusedRow, RowBatch } from '../../src/core/connector/sink-store.ts';
import { quoteIdentifier } from '../../src/core/connector/sql-identifier.ts';
import { codeOf, type SqliteDatabase, type Value } from './database.ts';
import type { WritePlan } from '../sql/target/table-shape.ts';
import { toTyped } from './typed-values.ts';

const LF = 0x0a;
/** Rows between two breaths of the event loop. */
const rowsPerBreath = 500;
/** Refusals that lie in the row: constraints, STRICT's types, a row number that is no integer, a value too long to store. */
const rowRefusal = /^SQLITE_(CONSTRAINT|MISMATCH|TOOBIG)|_3091$/;

export interface SqlitePlan extends WritePlan {
  /** Index of the field whose column is the row number, which SQLite makes up for NULL; -1: none. */
  readonly rowNumber: number;
}

export async function writeRows(
  database: SqliteDatabase,
  plan: SqlitePlan,
  batch: RowBatch,
): Promise<readonly RefusedRow[]> {
  const statement = plan.insertMode === 'update' ? updateStatement(plan) : insertStatement(plan);
  const refused: RefusedRow[] = [];
  let at = 0;
  for (let index = 0; index < batch.rows; index += 1) {
    if (index > 0 && index % rowsPerBreath === 0) await setImmediate();
    const end = batch.bytes.indexOf(LF, at);
    if (end < 0)
      throw new SyncError('INTERNAL', {
        message: `a batch holds ${index} rows, ${batch.rows} were announced`,
      });
    const bytes = batch.bytes.subarray(at, end);
    at = end + 1;
    const refusal = writeRow(database, plan, { bytes, statement });
    if (refusal !== null)
      refused.push(describeRow({ index, bytes, fields: plan.fields, key: plan.key, ...refusal }));
  }
  return refused;
}

interface Refusal {
  readonly field: string;
  readonly reason: string;
  readonly conflict?: boolean;
}

interface RowStatement {
  readonly sql: string;
  /** Indexes of the fields that are bound, in order. */
  readonly order: readonly number[];
}

function writeRow(
  database: SqliteDatabase,
  plan: SqlitePlan,
  row: { bytes: Buffer; statement: RowStatement },
): Refusal | null {
  const values = readValues(plan, row.bytes);
  if ('reason' in values) return values;
  const bound = row.statement.order.map((index) => values[index] ?? null);
  try {
    if (database.runRow(row.statement.sql, bound) > 0) return null;
    const reason =
      plan.insertMode === 'update'
        ? 'no row of the target has this key'
        : 'a trigger of the table passed it over';
    return { field: '', reason };
  } catch (error) {
    // RAISE(ROLLBACK) of a trigger: the rows before are gone, and those after would be written without a transaction.
    if (!rowRefusal.test(codeOf(error)) || !database.inTransaction)
      throw database.fail(error, `writing to ${plan.name} in`);
    const reason = error instanceof Error ? error.message : String(error);
    const conflict = /^(UNIQUE|FOREIGN KEY) constraint failed/.test(reason);
    return { field: fieldIn(reason, plan), reason, conflict };
  }
}

function readValues(plan: SqlitePlan, bytes: Buffer): Value[] | Refusal {
  const raw = readRow(bytes);
  if (raw.length !== plan.fields.length)
    return {
      field: '',
      reason: `the row has ${counted(raw.length, 'field')}, its schema has ${plan.fields.length}`,
    };
  const values: Value[] = [];
  for (const [index, field] of plan.fields.entries()) {
    const typed = toTyped(field, raw[index] ?? null);
    if ('problem' in typed) return { field: field.name, reason: typed.problem };
    // SQLite lets NULL into most keys, and each is a key of its own; in place of a row number it makes one up.
    if (typed.value === null && (plan.key.includes(index) || index === plan.rowNumber))
      return { field: field.name, reason: 'the key is NULL' };
    values.push(typed.value);
  }
  return values;
}

/**
 * A conflict on any other unique key than the rows' own is a refusal, not an update of somebody else's row. OR ABORT: a conflict clause
 * of the table would replace other rows, or pass over this one.
 */
function insertStatement(plan: SqlitePlan): RowStatement {
  const columns = plan.columns.map(quoteIdentifier);
  const insert = `INSERT OR ABORT INTO ${plan.table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`;
  const order = columns.map((_, index) => index);
  if (plan.insertMode === 'insert') return { sql: insert, order };
  const set = changedBy(plan).map((index) => `${columns[index] ?? ''} = excluded.${columns[index] ?? ''}`);
  return {
    sql: `${insert} ON CONFLICT (${plan.keyColumns.map(({ term }) => term).join(', ')}) DO UPDATE SET ${set.join(', ')}`,
    order,
  };
}

function updateStatement(plan: SqlitePlan): RowStatement {
  const changed = changedBy(plan);
  const set = changed.map((index) => `${quoteIdentifier(plan.columns[index] ?? '')} = ?`);
  const where = plan.keyColumns.map(({ term }) => `${term} = ?`);
  return {
    sql: `UPDATE OR ABORT ${plan.table} SET ${set.join(', ')} WHERE ${where.join(' AND ')}`,
    order: [...changed, ...plan.key],
  };
}

/** All fields but the key; where there is nothing else, the key by itself: a statement that changes no row says that there is none. */
function changedBy(plan: SqlitePlan): readonly number[] {
  const rest = plan.fields.flatMap((_, index) => (plan.key.includes(index) ? [] : [index]));
  return rest.length > 0 ? rest : plan.key;
}

/** The field whose column a message names, as in `NOT NULL constraint failed: orders.name`. */
function fieldIn(message: string, plan: SqlitePlan): string {
  const named = /(?:failed: |column )[^.\s]+\.([^,\s]+)/.exec(message)?.[1]?.toLowerCase();
  return plan.fields[plan.columns.findIndex((column) => column.toLowerCase() === named)]?.name ?? '';
}
