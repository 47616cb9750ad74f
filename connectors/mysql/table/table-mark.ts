// What tells a table from one that is altered, or put in its place, between two runs: when the server made it, what it declares, its
// BEFORE triggers, and where the user may see it, InnoDB's number.
// The server says when in whole seconds, and not after every change, so the declaration belongs to it; and a table made in this very
// second is looked at when the second is over, or a change behind the look would not show.
import { createHash } from 'node:crypto';
import type { MysqlSession } from '../session/session.ts';
import { toSyncError } from '../../../src/core/errors.ts';
import { tableNumbersSql } from './table-number.ts';
import { readerOf } from './table-schema.ts';

const untilNextSecond = 'SELECT SLEEP(1.001 - MICROSECOND(NOW(6)) / 1000000)';

export async function readTableMark(
  session: MysqlSession,
  { schema, table }: { readonly schema: string; readonly table: string },
): Promise<string> {
  const read = readerOf(session, schema, table);
  const [age] = await read(
    `SELECT table_name AS of_table, UNIX_TIMESTAMP(create_time) >= UNIX_TIMESTAMP() AS is_new
     FROM information_schema.tables WHERE table_schema = ? AND table_name = ?`,
  );
  if (Number(age?.['is_new'] ?? 0) === 1) await session.read(untilNextSecond);
  const made = await read(
    `SELECT table_name AS of_table, UNIX_TIMESTAMP(create_time) AS made, engine AS engine, table_collation AS collation
     FROM information_schema.tables WHERE table_schema = ? AND table_name = ?`,
  );
  const columns = await read(
    `SELECT table_name AS of_table, column_name AS name, column_type AS declared, is_nullable AS nullable,
       column_default AS standard, extra AS extra, generation_expression AS generated, character_set_name AS charset,
       collation_name AS collation
     FROM information_schema.columns WHERE table_schema = ? AND table_name = ? ORDER BY ordinal_position`,
  );
  const keys = await read(
    `SELECT table_name AS of_table, index_name AS name, column_name AS column_name, sub_part AS sub_part
     FROM information_schema.statistics WHERE table_schema = ? AND table_name = ? AND non_unique = 0
     ORDER BY index_name, seq_in_index`,
  );
  const triggers = await read(
    `SELECT event_object_table AS of_table, trigger_name AS name, event_manipulation AS event, action_statement AS does
     FROM information_schema.triggers WHERE event_object_schema = ? AND event_object_table = ? AND action_timing = 'BEFORE'
     ORDER BY trigger_name`,
  );
  return createHash('sha256')
    .update(JSON.stringify([made, columns, keys, triggers, await readNumbers(session, schema, table)]))
    .digest('hex');
}

/** null: the user may not see them. */
async function readNumbers(session: MysqlSession, schema: string, table: string): Promise<unknown> {
  const sql = session.server.mariadb ? tableNumbersSql(schema, table) : null;
  if (sql === null) return null;
  try {
    const [row] = await session.read(sql);
    return row?.['numbers'] ?? null;
  } catch (error) {
    if (toSyncError(error).code === 'TARGET_DENIED') return null;
    throw error;
  }
}
