// Writes a batch of rows, and finds the rows that the target refuses.
//
//   values checked ─► COPY into the table itself ──no complaint──► done
//        │                └─ a key is there already, a row is refused ─► undone
//        └──────────────────────────────┴─► COPY into the staging table, from there into the table (part-by-part.ts)
import { describeRow } from '../../../src/core/record/refused-row.ts';
import type { RefusedRow, RowBatch } from '../../../src/core/connector/sink-store.ts';
import { RowIndex } from '../../../src/core/record/row-index.ts';
import { findMisfits, type Misfit } from '../../sql/target/value-checks.ts';
import { attemptWrite } from './attempt-write.ts';
import { findInvalidText, rewriteRows, rowsAsTheyAre, type CopyRows } from './copy-rows.ts';
import { writeParts } from './part-by-part.ts';
import type { PostgresPlan } from './plan.ts';
import type { PostgresSession } from '../session/session.ts';
import { copyIntoTable, makeStaging, writeFromStaging } from './staging.ts';

const keyIsThere = '23505';

/** Run in an open transaction. The rows that are not among the refused are written; other failures are thrown. */
export async function writeRows(
  session: PostgresSession,
  plan: PostgresPlan,
  batch: RowBatch,
): Promise<readonly RefusedRow[]> {
  if (batch.rows === 0) return [];
  const misfits = new Map([...findInvalidText(batch, plan.fields), ...findMisfits(plan.checks, batch)]);
  const asTheyAre = misfits.size === 0 && plan.fields.every(({ type }) => type.kind !== 'bytes');
  const rows = asTheyAre ? rowsAsTheyAre(batch) : rewriteRows(batch, plan.fields, misfits);
  const refused = [...(await writeAll(session, plan, rows)), ...misfits];
  if (refused.length === 0) return [];
  const all = new RowIndex(batch);
  return refused
    .sort(([a], [b]) => a - b)
    .map(([index, refusal]) => refuse(plan, { index, bytes: all.at(index), ...refusal }));
}

interface Refusal extends Misfit {
  readonly conflict?: boolean;
}

/** The refusals by the rows' index in the batch. */
async function writeAll(
  session: PostgresSession,
  plan: PostgresPlan,
  rows: CopyRows,
): Promise<readonly (readonly [number, Refusal])[]> {
  if (plan.insertMode === 'insert')
    return writeParts(session, { plan, rows, act: (part) => copyIntoTable(session, plan, part) });
  if (await tryCopy(session, plan, rows)) return [];
  await makeStaging(session, plan);
  return writeParts(session, { plan, rows, act: (part) => writeFromStaging(session, plan, part) });
}

/** Straight into a table that was empty: until a key is there already. */
async function tryCopy(
  session: PostgresSession,
  plan: PostgresPlan,
  { count, bytes }: CopyRows,
): Promise<boolean> {
  const { isFresh, insertMode } = plan;
  if (!isFresh.value || insertMode !== 'upsert') return false;
  const all = { bytes: bytes(0, count), rows: count };
  const complaint = await attemptWrite(session, plan, () => copyIntoTable(session, plan, all));
  if (complaint?.state === keyIsThere) isFresh.value = false;
  return complaint === null;
}

function refuse(
  { fields, key }: PostgresPlan,
  { field, ...row }: Refusal & { readonly index: number; readonly bytes: Buffer },
): RefusedRow {
  return describeRow({ ...row, fields, key, field: fields[field]?.name ?? '' });
}
