// Transactions that are open on the server: rows that they wrote turn up when they commit, with values of long ago.
import { toSyncError } from '../../../src/core/errors.ts';
import type { OpenTransactions } from '../../sql/source/dialect.ts';
import type { Text } from '../../../src/core/text.ts';
import { ofReplica } from '../../sql/source/increments/settle.ts';
import type { MysqlQueries, TextRow } from './queries.ts';
import { readReplica } from './replica.ts';
import { readOldestStatement } from './running-statements.ts';

/** InnoDB gives an older answer again where it was asked a tenth of a second ago. Reading, the wait holds up no other run's window. */
const staleSeconds = 0.12;

/**
 * InnoDB's and running statements, which a user without the right PROCESS may not see. Statements are asked for first, and InnoDB for what
 * is not older: one that gets its lock meanwhile is seen there, or here.
 */
export async function readOpenTransactions(server: MysqlQueries): Promise<OpenTransactions> {
  const replica = await readReplica(server);
  if (replica.kind !== 'no')
    return { kind: 'unknown', reason: replica.kind === 'yes' ? ofReplica : ofReadOnly };
  const statement = await readOldestStatement(server);
  await server.read(`SELECT SLEEP(${staleSeconds})`);
  const found = await unlessDenied(
    server.read(
      `SELECT CAST(UNIX_TIMESTAMP(CONVERT_TZ(MIN(trx_started), 'SYSTEM', '+00:00')) * 1000000 AS SIGNED),
         COUNT(CASE WHEN trx_mysql_thread_id = 0 AND trx_state <> 'ROLLING BACK' THEN 1 END) FROM information_schema.innodb_trx
       WHERE trx_mysql_thread_id <> CONNECTION_ID() AND (trx_rows_modified > 0 OR trx_lock_structs > 0)`,
    ),
  );
  if (found === null) return { kind: 'unknown', reason: hidden };
  const [oldest = null, orphans] = found[0] ?? [];
  if (Number(orphans ?? 0) > 0 && (await hasPrepared(server))) return { kind: 'undated', which: ofPrepared };
  const times = [statement, oldest].filter((time) => time !== null).map(Number);
  return { kind: 'known', oldest: times.length === 0 ? null : Math.min(...times) };
}

/**
 * An XA transaction that was prepared outlives its session and the server; after a restart InnoDB dates it by that. Without a session there
 * are others, of the server's own: where the user may ask, what is prepared tells them apart.
 */
async function hasPrepared(server: MysqlQueries): Promise<boolean> {
  const prepared = await unlessDenied(server.read('XA RECOVER'));
  return prepared === null || prepared.length > 0;
}

/** null: the server refuses to say. That it is gone is no refusal. */
async function unlessDenied(asked: Promise<readonly TextRow[]>): Promise<readonly TextRow[] | null> {
  return asked.catch((error: unknown) => {
    if (toSyncError(error).code === 'SOURCE_UNREACHABLE') throw error;
    return null;
  });
}

const hidden: Text = {
  en: 'this user may not see open transactions (GRANT PROCESS): the lag must exceed the longest one',
  zh: '当前用户无权查看未提交的事务（GRANT PROCESS）：延迟（lag）必须大于最长的事务',
};

const ofPrepared: Text = {
  en: 'an XA transaction is prepared that has no session any more (XA RECOVER lists it, XA COMMIT or XA ROLLBACK ends it)',
  zh: '有已预提交、且已无会话的 XA 事务（XA RECOVER 列出，由 XA COMMIT 或 XA ROLLBACK 结束）',
};

const ofReadOnly: Text = {
  en: 'the server is read-only: if it is a replica, it does not tell of transactions that are open on its primary, and the lag must exceed the longest one',
  zh: '该服务器为只读：若为副本，则无法得知其主库上未提交的事务，延迟（lag）必须大于最长的事务',
};
