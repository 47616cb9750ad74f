// The server's own clock; of a replica, how far it has come: rows that the primary has and it has not are not there yet.
import { SyncError } from '../../../src/core/errors.ts';
import type { Text } from '../../../src/core/text.ts';
import type { MysqlQueries } from './queries.ts';
import { readReplica } from './replica.ts';

/** Throws SOURCE_FAILED where nobody knows how far a replica has come. */
export async function readServerClock(
  server: MysqlQueries,
): Promise<{ readonly micros: number; readonly notes: readonly Text[] }> {
  const [row] = await server.read('SELECT CAST(UNIX_TIMESTAMP(NOW(6)) * 1000000 AS SIGNED)');
  const micros = Number(row?.[0]);
  const replica = await readReplica(server);
  if (replica.kind === 'no') return { micros, notes: [] };
  if (replica.kind === 'maybe') return { micros, notes: [unknownLag] };
  const { behind } = replica;
  if (behind === null)
    throw new SyncError('SOURCE_FAILED', {
      message:
        "reading the server's clock: it is a replica whose replication is stopped, so nobody knows how far it has come; start it (START REPLICA), or read its primary",
      retriable: true,
    });
  return { micros: micros - behind * 1e6, notes: behind === 0 ? [] : [noteLag(behind)] };
}

function noteLag(seconds: number): Text {
  return {
    en: `the server is a replica, ${seconds} s behind: the window ends as much earlier`,
    zh: `该服务器是副本，落后 ${seconds} 秒：窗口相应提前结束`,
  };
}

const unknownLag: Text = {
  en: 'the server is read-only; if it is a replica, the lag must exceed its delay, which this user may not ask for (GRANT REPLICATION CLIENT, in MariaDB SLAVE MONITOR)',
  zh: '该服务器为只读；若为副本，延迟（lag）必须大于其复制延迟，而当前用户无权查询（GRANT REPLICATION CLIENT，MariaDB 为 SLAVE MONITOR）',
};
