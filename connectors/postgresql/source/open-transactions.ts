// Transactions that are open on the server: rows that they wrote turn up when they commit, with values of long ago. now() is the time at
// which a transaction began, so one that has written nothing yet may still write such rows.
import type { Text } from '../../../src/core/text.ts';
import type { OpenTransactions } from '../../sql/source/dialect.ts';
import { ofReplica } from '../../sql/source/increments/settle.ts';
import { readerName } from '../session/client-config.ts';
import type { PostgresQueries } from './queries.ts';

/**
 * Of a session that this user may not look at, its kind is hidden too: without that it would be taken for none. Syncline's own readers
 * write nothing, however long they read. Of a prepared transaction (two-phase commit) only the time of PREPARE is kept, not that of its
 * BEGIN, which now() is. Sessions are asked first: one that prepares meanwhile is seen there, or here, or in both.
 */
export async function readOpenTransactions(server: PostgresQueries): Promise<OpenTransactions> {
  const [row] = await server.read(
    `SELECT (extract(epoch FROM min(xact_start)) * 1000000)::bigint,
       count(*) FILTER (WHERE state IS NULL AND usesysid IS NOT NULL), pg_is_in_recovery()
     FROM pg_catalog.pg_stat_activity
     WHERE coalesce(backend_type, 'client backend') = 'client backend' AND pid <> pg_backend_pid() AND datname = current_database()
       AND application_name IS DISTINCT FROM ${server.words.literal(readerName, 'text')}`,
  );
  const [oldest, hidden, replica] = row ?? [];
  if (replica === 't') return { kind: 'unknown', reason: ofReplica };
  if (Number(hidden ?? 0) > 0) return { kind: 'unknown', reason };
  const [prepared] = await server.read(
    'SELECT gid FROM pg_catalog.pg_prepared_xacts WHERE database = current_database() ORDER BY prepared LIMIT 1',
  );
  if (prepared !== undefined) return { kind: 'undated', which: whichOf(prepared[0] ?? '') };
  return { kind: 'known', oldest: oldest == null ? null : Number(oldest) };
}

function whichOf(gid: string): Text {
  return {
    en: `the transaction '${gid}' is prepared (COMMIT PREPARED or ROLLBACK PREPARED ends it)`,
    zh: `事务“${gid}”已预提交（由 COMMIT PREPARED 或 ROLLBACK PREPARED 结束）`,
  };
}

const reason = {
  en: "this user may not see other users' transactions (GRANT pg_read_all_stats): the lag must exceed the longest one",
  zh: '当前用户无权查看其他用户的事务（GRANT pg_read_all_stats）：延迟（lag）必须大于最长的事务',
};
