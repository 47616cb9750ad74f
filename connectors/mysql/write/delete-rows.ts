// Removes rows from the table inside the open transaction, by key; and finds the keys that a claim does not name.
import { SyncError } from '../../../src/core/errors.ts';
import { digestRow } from '../../../src/core/row-digest.ts';
import type { KeyClaim, RowBatch } from '../../../src/core/connector/sink-store.ts';
import { quoteIdentifier } from '../../../src/core/connector/sql-identifier.ts';
import { comparedKey, findUnclaimed, keysBehind } from '../../sql/target/unclaimed-keys.ts';
import { keyCondition, largestStatement, readValues } from './prepared-rows.ts';
import { dialect } from '../ledger-tables.ts';
import type { WritePlan } from '../table/prepare-table.ts';
import { isForeignText } from './row-errors.ts';
import { RowIndex } from '../../sql/target/row-index.ts';
import type { MysqlSession, Value } from '../session/session.ts';
import { findMisfits } from '../../sql/target/value-checks.ts';

const pageSize = 1_000;

/** Throws TARGET_SCHEMA when rows have no key. A key that the target can't hold is not there. */
export async function deleteRows(session: MysqlSession, plan: WritePlan, batch: RowBatch): Promise<void> {
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
async function deleteKeys(session: MysqlSession, plan: WritePlan, keys: readonly Value[][]): Promise<void> {
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
function deleteSql(plan: WritePlan, rows: number): string {
  const [first, second] = plan.keyColumns;
  const where =
    first !== undefined && second === undefined
      ? `${first.column} IN (${new Array(rows).fill(first.placeholder).join(', ')})`
      : new Array(rows).fill(`(${keyCondition(plan)})`).join(' OR ');
  return `DELETE FROM ${plan.table} WHERE ${where}`;
}

/** As SinkTransaction has it. One by one: they are few. A key that the target can't hold is not there. */
export async function digestRows(
  session: MysqlSession,
  plan: WritePlan,
  batch: RowBatch,
): Promise<readonly (string | null)[]> {
  const rows = new RowIndex(batch);
  const columns = plan.columns.map(quoteIdentifier).join(', ');
  const sql = `SELECT ${columns} FROM ${plan.table} WHERE ${keyCondition(plan)} LIMIT 1`;
  const digests: (string | null)[] = [];
  for (let row = 0; row < rows.count; row += 1) {
    const read = readValues(plan.fields, rows.at(row), false);
    const key = 'values' in read ? plan.key.map((index) => read.values[index] ?? null) : [];
    const mayBe = key.length > 0 && key.every((value, at) => isHeld(plan, value, at));
    const [found] = mayBe ? await session.read(sql, key) : [];
    digests.push(found === undefined ? null : digestRow(Object.values(found)));
  }
  return digests;
}

function isHeld({ keyColumns }: WritePlan, value: Value, at: number): boolean {
  return value !== null && keyColumns[at]?.mayHold(value) === true;
}

/** Throws TARGET_SCHEMA when the key is not one column of text or bytes that keeps them in the order of their bytes. */
export function unclaimedKeys(
  session: MysqlSession,
  plan: WritePlan,
  claim: KeyClaim,
): AsyncIterable<readonly Buffer[]> {
  const { column, bind } = comparedKey(plan, plan.name, dialect);
  if (plan.keyColumns[0]?.inByteOrder !== true)
    throw new SyncError('TARGET_SCHEMA', {
      message: `${plan.name}: keys are compared only in a column that orders them by their bytes: VARCHAR or CHAR in utf8mb4 with a binary collation, or VARBINARY; change ${column}, or let the source not compare keys`,
    });
  const readPage = async (after: Buffer | null): Promise<Buffer[]> => {
    const { where, values } = keysBehind(claim, after, { term: column, ...dialect });
    const rows = await session.read(
      `SELECT ${column} AS row_key FROM ${plan.table}${where} ORDER BY ${column} LIMIT ${pageSize}`,
      values.map(bind),
    );
    return rows.map((row) => Buffer.from(row['row_key'] as string | Buffer));
  };
  return findUnclaimed(claim, readPage, pageSize);
}

/** Removes rows by the bytes of their one key column. */
export async function deleteKeyBytes(
  session: MysqlSession,
  plan: WritePlan,
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

export async function countRows(session: MysqlSession, plan: WritePlan, atMost: number): Promise<number> {
  const [row] = await session.read(
    `SELECT COUNT(*) AS found FROM (SELECT 1 FROM ${plan.table} LIMIT ${atMost}) AS counted`,
    [],
  );
  return Number(row?.['found']);
}

function withoutKey(plan: WritePlan): SyncError {
  return new SyncError('TARGET_SCHEMA', {
    message: `${plan.name}: rows have no key, so none can be removed by it; set pk.mode, or let the source ignore deletes`,
    field: 'pk.mode',
  });
}
