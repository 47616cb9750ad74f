// Transactions that are open on the server: rows that they wrote turn up when they commit, with values of long ago.
import type { OpenTransactions } from '../../sql/source/dialect.ts';
import type { Text } from '../../../src/core/text.ts';
import { ofReplica } from '../../sql/source/increments/settle.ts';
import type { MysqlQueries } from './queries.ts';
import { readReplica } from './replica.ts';

/** InnoDB gives an older answer again where it was asked a tenth of a second ago. */
const staleSeconds = 0.12;

/** InnoDB's, which a user without the right PROCESS may not see. */
export async function readOpenTransactions(server: MysqlQueries): Promise<OpenTransactions> {
  const replica = await readReplica(server);
  if (replica.kind !== 'no')
    return { kind: 'unknown', reason: replica.kind === 'yes' ? ofReplica : ofReadOnly };
  try {
    await server.read(`DO SLEEP(${staleSeconds})`);
    const [row] = await server.read(
      `SELECT CAST(UNIX_TIMESTAMP(CONVERT_TZ(MIN(trx_started), 'SYSTEM', '+00:00')) * 1000000 AS SIGNED) FROM information_schema.innodb_trx
       WHERE trx_mysql_thread_id <> CONNECTION_ID() AND (trx_rows_modified > 0 OR trx_lock_structs > 0)`,
    );
    const oldest = row?.[0] ?? null;
    return { kind: 'known', oldest: oldest === null ? null : Number(oldest) };
  } catch {
    return {
      kind: 'unknown',
      reason: {
        en: 'this user may not see open transactions (GRANT PROCESS): the lag must exceed the longest one',
        zh: '当前用户无权查看未提交的事务（GRANT PROCESS）：延迟（lag）必须大于最长的事务',
      },
    };
  }
}

const ofReadOnly: Text = {
  en: 'the server is read-only: if it is a replica, it does not tell of transactions that are open on its primary, and the lag must exceed the longest one',
  zh: '该服务器为只读：若为副本，则无法得知其主库上未提交的事务，延迟（lag）必须大于最长的事务',
};
