// Removes rows from the table inside the open transaction, by key.
import { SyncError } from '../../../src/core/errors.ts';
import type { RowBatch } from '../../../src/core/connector/sink-store.ts';
import { comparedKey } from '../../sql/target/unclaimed-keys.ts';
import { keyCondition, largestStatement, readValues } from './prepared-rows.ts';
import { dialect } from '../dialect.ts';
import type { MysqlPlan } from './plan.ts';
import { isForeignText } from './row-errors.ts';
import { RowIndex } from '../../sql/target/row-index.ts';
import type { MysqlSession, Value } from '../session/session.ts';
import { findMisfits } from '../../sql/target/value-checks.ts';

/** Throws TARGET_SCHEMA when rows have no key. A key that the target can't hold is not there. */
export async function deleteRows(session: MysqlSession, plan: MysqlPlan, batch: RowBatch): Promise<void> {
  if (plan.key.length === 0) throw withoutKey(plan);
  const rows = new RowIndex(batch);
  const misfits = findMisfits(
    plan.checks.filter(({ field }) => plan.key.includes(field)),
    batch,
  );
  const most = largestStatement(plan.key.length);
  let keys: Value[][] = [];
  for (let row = 0; row < rows.count; row += 1) {
    const read = readValues(plan.fields, rows.at(row), false);
    if ('values' in read && !misfits.has(row)) {
      const key = plan.key.map((index) => read.values[index] ?? null);
      if (key.every((value, at) => isHeld(plan, value, at))) keys.push(key);
    }
    if (keys.length < most && row < rows.count - 1) continue;
    await deleteKeys(session, plan, keys);
    keys = [];
  }
}

/**
 * In sizes of powers of two, so that few statements are ever prepared: the last key stands for those that are missing. Where one
 * has characters that its column has not, the server compares none of them: they are halved until it stands alone.
 */
async function deleteKeys(session: MysqlSession, plan: MysqlPlan, keys: readonly Value[][]): Promise<void> {
  const last = keys.at(-1);
  if (last === undefined) return;
  const size = 2 ** Math.ceil(Math.log2(keys.length));
  const all = [...keys, ...new Array<Value[]>(size - keys.length).fill(last)];
  try {
    await session.write(deleteSql(plan, size), all.flat());
  } catch (error) {
    if (!isForeignText(error)) throw error;
    if (keys.length === 1) return;
    const middle = Math.ceil(keys.length / 2);
    await deleteKeys(session, plan, keys.slice(0, middle));
    await deleteKeys(session, plan, keys.slice(middle));
  }
}

/** Not `(a, b) IN (…)`: MariaDB reads the whole table for a single pair with a CAST in it. */
function deleteSql(plan: MysqlPlan, rows: number): string {
  const [first, second] = plan.keyColumns;
  const where =
    first !== undefined && second === undefined
      ? `${first.term} IN (${new Array(rows).fill(first.value('?')).join(', ')})`
      : new Array(rows).fill(`(${keyCondition(plan)})`).join(' OR ');
  return `DELETE FROM ${plan.table} WHERE ${where}`;
}

function isHeld({ keyColumns }: MysqlPlan, value: Value, at: number): boolean {
  return value !== null && keyColumns[at]?.mayHold(value) === true;
}

/** Removes rows by the bytes of their one key column. */
export async function deleteKeyBytes(
  session: MysqlSession,
  plan: MysqlPlan,
  keys: readonly Buffer[],
): Promise<void> {
  const { bind } = comparedKey(plan, plan.name, dialect);
  const most = largestStatement(1);
  for (let at = 0; at < keys.length; at += most)
    await deleteKeys(
      session,
      plan,
      keys.slice(at, at + most).map((key) => [bind(key)]),
    );
}

function withoutKey(plan: MysqlPlan): SyncError {
  return new SyncError('TARGET_SCHEMA', {
    message: `${plan.name}: rows have no key, so none can be removed by it; set pk.mode, or let the source ignore deletes`,
    field: 'pk.mode',
  });
}
