// The server's own clock; of a replica, how far it has come: rows that the primary has and it has not are not there yet.
import type { Text } from '../../../src/core/text.ts';
import type { MysqlQueries } from './queries.ts';

export async function readServerClock(
  server: MysqlQueries,
): Promise<{ readonly micros: number; readonly notes: readonly Text[] }> {
  const [row] = await server.read('SELECT CAST(UNIX_TIMESTAMP(NOW(6)) * 1000000 AS SIGNED), @@read_only');
  const micros = Number(row?.[0]);
  const behind = await readReplicaLag(server);
  if (behind === null) return { micros, notes: row?.[1] === '1' ? [unknownLag] : [] };
  return { micros: micros - behind * 1e6, notes: behind === 0 ? [] : [noteLag(behind)] };
}

/** Seconds; null: it is no replica, or the user may not know. Throws nothing of its own. */
async function readReplicaLag(server: MysqlQueries): Promise<number | null> {
  const { rows, fields } = await server
    .query(server.isMariadb ? 'SHOW ALL SLAVES STATUS' : 'SHOW REPLICA STATUS')
    .catch(() => ({ rows: [], fields: [] }));
  const at = fields.findIndex(({ name }) => /^seconds_behind_(master|source)$/i.test(name));
  const lags = rows.map((row) => Number(row[at] ?? NaN)).filter((lag) => Number.isFinite(lag));
  return lags.length === 0 ? null : Math.max(...lags);
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
