// Removes rows from the table inside the open transaction, by key.
import type { RowBatch } from '../../../../src/core/connector/sink-store.ts';
import { SyncError } from '../../../../src/core/errors.ts';
import type { SqlDialect } from '../dialect.ts';
import type { SqlSession, SqlValue } from '../session.ts';
import type { KeyColumn, WritePlan } from '../table-shape.ts';
import { findMisfits } from '../value-checks.ts';
import { RowIndex } from '../../../../src/core/record/row-index.ts';
import { keyCondition, largestStatement, readValues, type RowValue } from './statements.ts';

export interface DeleteWay {
  readonly session: SqlSession;
  readonly dialect: SqlDialect;
  readonly plan: WritePlan;
  /** The server can't compare one of the keys with its column: then it is in no row. Absent: it always can. */
  readonly cantCompare?: (error: unknown) => boolean;
}

/** Throws TARGET_SCHEMA when rows have no key. A key that the target can't hold is not there. */
export async function deleteRows(way: DeleteWay, batch: RowBatch): Promise<void> {
  const { plan, dialect } = way;
  requireKey(plan);
  const rows = new RowIndex(batch);
  const misfits = findMisfits(
    plan.checks.filter(({ field }) => plan.key.includes(field)),
    batch,
  );
  const most = largestStatement(plan.key.length, dialect);
  let keys: (readonly SqlValue[])[] = [];
  for (let row = 0; row < rows.count; row += 1) {
    const read = readValues(plan.fields, rows.at(row), false);
    const key = 'values' in read && !misfits.has(row) ? boundKey(plan, read.values) : null;
    if (key !== null) keys.push(key);
    if (keys.length < most && row < rows.count - 1) continue;
    await deleteKeys(way, keys);
    keys = [];
  }
}

/** Throws TARGET_SCHEMA. */
export function requireKey({ key, name }: Pick<WritePlan, 'key' | 'name'>): void {
  if (key.length > 0) return;
  throw new SyncError('TARGET_SCHEMA', {
    message: `${name}: rows have no key, so none can be removed by it; set pk.mode, or let the source ignore deletes`,
    field: 'pk.mode',
  });
}

/** The key's values as they are bound; null: no row of the target can have them. `values`: of all fields. */
export function boundKey(
  { key, keyColumns }: Pick<WritePlan, 'key' | 'keyColumns'>,
  values: readonly RowValue[],
): readonly SqlValue[] | null {
  const bound = key.map((index, at) => {
    const [value, column] = [values[index] ?? null, keyColumns[at]];
    return value !== null && column?.mayHold(value) === true ? bindKey(column, value) : null;
  });
  return bound.includes(null) ? null : bound;
}

export function bindKey({ bind }: KeyColumn, value: string | Buffer): SqlValue {
  return bind === undefined ? value : bind(value);
}

/**
 * In sizes of powers of two, so that few statements are ever prepared: the last key stands for those that are missing. Where the server
 * can't compare one, it compares none of them: they are halved until it stands alone.
 */
async function deleteKeys(way: DeleteWay, keys: readonly (readonly SqlValue[])[]): Promise<void> {
  const last = keys.at(-1);
  if (last === undefined) return;
  const size = 2 ** Math.ceil(Math.log2(keys.length));
  const all = [...keys, ...new Array<readonly SqlValue[]>(size - keys.length).fill(last)];
  try {
    await way.session.change(deleteSql(way, size), all.flat());
  } catch (error) {
    if (way.cantCompare?.(error) !== true) throw error;
    if (keys.length === 1) return;
    const middle = Math.ceil(keys.length / 2);
    await deleteKeys(way, keys.slice(0, middle));
    await deleteKeys(way, keys.slice(middle));
  }
}

/** Not `(a, b) IN (…)`: MariaDB reads the whole table for a single pair with a CAST in it. */
function deleteSql({ plan, dialect }: DeleteWay, rows: number): string {
  const [first, second] = plan.keyColumns;
  const all = Array.from({ length: rows }, (_, row) => row);
  const where =
    first !== undefined && second === undefined
      ? `${first.term} IN (${all.map((row) => first.value(dialect.parameter(row + 1))).join(', ')})`
      : all.map((row) => `(${keyCondition(plan, dialect, row * plan.key.length)})`).join(' OR ');
  return `DELETE FROM ${plan.table} WHERE ${where}`;
}
