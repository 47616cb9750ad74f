// Removes rows from the table inside the open transaction, by key: the keys are copied into a table of the session's own, and one
// statement removes what they name.
import { SyncError } from '../../../src/core/errors.ts';
import { ByteWriter, readRow, writeRow } from '../../../src/core/record/row-format.ts';
import { rowsOf } from '../../../src/core/record/row-key.ts';
import type { RowBatch } from '../../../src/core/connector/sink-store.ts';
import { findMisfits } from '../../sql/target/value-checks.ts';
import type { CopyRows } from './copy-rows.ts';
import { writeParts } from './part-by-part.ts';
import type { PostgresPlan } from './plan.ts';
import type { PostgresSession } from '../session/session.ts';
import { deleteFromStaging, makeKeyStaging } from './staging.ts';

const LF = 0x0a;

/** Throws TARGET_SCHEMA when rows have no key. A key that the target can't hold is not there. */
export async function deleteRows(
  session: PostgresSession,
  plan: PostgresPlan,
  batch: RowBatch,
): Promise<void> {
  const { key, checks, name } = plan;
  if (key.length === 0)
    throw new SyncError('TARGET_SCHEMA', {
      message: `${name}: rows have no key, so none can be removed by it; set pk.mode, or let the source ignore deletes`,
      field: 'pk.mode',
    });
  const misfits = findMisfits(
    checks.filter(({ field }) => key.includes(field)),
    batch,
  );
  const keys = [...rowsOf(batch)].flatMap(({ start, end }, row) => {
    if (misfits.has(row)) return [];
    const values = readRow(batch.bytes, start, end);
    return [key.map((index) => values[index] ?? null)];
  });
  await deleteKeys(session, plan, keys);
}

async function deleteKeys(
  session: PostgresSession,
  plan: PostgresPlan,
  keys: readonly (readonly (Buffer | null)[])[],
): Promise<void> {
  const rows = keyRows(plan, keys);
  if (rows.count === 0) return;
  await makeKeyStaging(session, plan);
  await writeParts(session, { plan, rows, act: (part) => deleteFromStaging(session, plan, part) });
}

/** Those that may be in the table. */
function keyRows(
  { keyColumns, key, fields }: PostgresPlan,
  keys: readonly (readonly (Buffer | null)[])[],
): CopyRows {
  const isBytes = key.map((index) => fields[index]?.type.kind === 'bytes');
  const out = new ByteWriter();
  const starts = [0];
  for (const values of keys) {
    const texts = values.map((value, at) => {
      if (value === null) return null;
      const text = isBytes[at] === true ? `\\x${value.toString('hex')}` : value.toString('utf8');
      return keyColumns[at]?.mayHold(isBytes[at] === true ? value : text) === true ? text : null;
    });
    if (texts.includes(null)) continue;
    writeRow(out, texts);
    out.ensure(1);
    out.bytes[out.length] = LF;
    out.length += 1;
    starts.push(out.length);
  }
  return {
    count: starts.length - 1,
    bytes: (from, to) => out.bytes.subarray(starts[from] ?? 0, starts[to] ?? 0),
    indexOf: (row) => row,
  };
}
