// Looks for rows of the target by their keys, in the words of any SQL target.
import type { Field } from '../../../src/core/connector/field-type.ts';
import { digestRow } from '../../../src/core/row-digest.ts';
import { readRow } from '../../../src/core/record/row-format.ts';
import { rowsOf } from '../../../src/core/record/row-key.ts';
import type { KeyClaim, RowBatch } from '../../../src/core/connector/sink-store.ts';
import { asItStands, type SqlDialect } from './dialect.ts';
import type { SqlSession } from './session.ts';
import type { WritePlan } from './table-shape.ts';
import { findUnclaimed } from './unclaimed-keys.ts';
import { boundKey } from './write/delete-rows.ts';

/** A table, and the session that looks into it. */
export interface Look {
  readonly session: SqlSession;
  readonly dialect: SqlDialect;
  readonly plan: WritePlan;
}

/** As SinkTransaction has it. One by one: they are few. A key that the target can't hold is not there. `over`: null: a column is gone. */
export async function digestRows(
  { session, dialect, plan }: Look,
  batch: RowBatch,
  over: readonly string[] | null = plan.columns,
): Promise<readonly (string | null)[]> {
  const { keyColumns, key, fields, table } = plan;
  const { readWhole = asItStands } = dialect;
  const columns = (over ?? plan.columns)
    .map((name, at) => `${readWhole(dialect.quote(name))} AS c${at}`)
    .join(', ');
  const where = keyColumns.map(
    ({ term, value }, place) => `${term} = ${value(dialect.parameter(place + 1))}`,
  );
  const sql = `SELECT ${columns} FROM ${table} WHERE ${where.join(' AND ')} LIMIT 1`;
  const digests: (string | null)[] = [];
  for (const { start, end } of rowsOf(batch)) {
    const raw = readRow(batch.bytes, start, end);
    const values = raw.map((value, index) => toValue(value, fields[index]));
    const bound = key.length === 0 ? null : boundKey(plan, values);
    const [found] = bound === null ? [] : await session.read(sql, bound);
    digests.push(found === undefined ? null : over === null ? '' : digestRow(Object.values(found)));
  }
  return digests;
}

function toValue(raw: Buffer | null, field: Field | undefined): string | Buffer | null {
  return raw === null || field?.type.kind === 'bytes' ? raw : raw.toString('utf8');
}

/** As SinkTransaction has it. */
export function unclaimedKeys(
  { session, dialect, plan }: Look,
  claim: KeyClaim,
): AsyncIterable<readonly string[]> {
  return findUnclaimed(
    {
      plan: { ...plan, compared: plan.keyColumns.map(({ compared }) => compared) },
      parameter: dialect.parameter,
      read: (sql, values) => session.read(sql, values),
    },
    claim,
  );
}

/** It stops counting at `atMost`. */
export async function countRows(
  { session, plan }: Pick<Look, 'session' | 'plan'>,
  atMost: number,
): Promise<number> {
  const [row] = await session.read(
    `SELECT COUNT(*) AS found FROM (SELECT 1 FROM ${plan.table} LIMIT ${atMost}) AS counted`,
  );
  return Number(row?.['found']);
}
