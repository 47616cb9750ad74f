// The server's own clock; of a replica, how far it has come: rows that the primary has and it has not are not there yet.
import type { Text } from '../../../src/core/text.ts';
import type { PostgresQueries } from './queries.ts';

export async function readServerClock(
  server: PostgresQueries,
): Promise<{ readonly micros: number; readonly notes: readonly Text[] }> {
  const [row] = await server.read(
    `SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint, pg_is_in_recovery(),
       (extract(epoch FROM pg_last_xact_replay_timestamp()) * 1000000)::bigint`,
  );
  const [now, replica, replayed] = row ?? [];
  if (replica !== 't') return { micros: Number(now), notes: [] };
  return { micros: replayed == null ? 0 : Number(replayed), notes: [ofReplica] };
}

const ofReplica: Text = {
  en: 'the server is a replica: the window ends behind the last transaction that it has taken over',
  zh: '该服务器是副本：窗口以其已接收的最后一个事务为界',
};
