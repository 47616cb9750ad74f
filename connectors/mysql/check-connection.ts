// What the connection test asks of a MySQL or MariaDB server.
import type { Finding } from '../../src/core/connector/check-steps.ts';
import { SyncError } from '../../src/core/errors.ts';
import type { TargetChecks } from '../sql/target/sql-target.ts';
import type { MysqlSinkConfig } from './config.ts';
import { sayGrant } from './session/server-errors.ts';
import { requireDatabase } from './table/table-schema.ts';
import { openSession, type MysqlSession } from './session/session.ts';

export const checks: TargetChecks<MysqlSinkConfig, MysqlSession> = {
  notes: ({ target }) => target.notes,
  hostOf: ({ target }) => target.host,
  logIn,
  clockSql: 'SELECT CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED) AS now_ms',
  requireCreate,
  accountOf: ({ server }) => server.account,
};

async function logIn(config: MysqlSinkConfig, signal: AbortSignal): Promise<Finding<MysqlSession>> {
  const value = await openSession(config, { localFiles: false, signal });
  const [row] = await value.readText("SHOW SESSION STATUS LIKE 'Ssl_version'");
  const tls = row === undefined ? '' : String(row['Value']);
  const { version, account } = value.server;
  return { detail: `${version}, as ${account}, ${tls === '' ? 'in plain text' : `over ${tls}`}`, value };
}

/** Throws TARGET_DENIED, TARGET_SCHEMA. */
async function requireCreate(
  session: MysqlSession,
  { schema: database }: MysqlSinkConfig,
  what: string,
): Promise<void> {
  // Of others' rights only those see something who have rights enough themselves; those of an active role stand here too.
  const rights = await session.read(
    `SELECT 1 AS found FROM information_schema.user_privileges WHERE privilege_type = 'CREATE'
     UNION SELECT 1 FROM information_schema.schema_privileges
     WHERE privilege_type = 'CREATE' AND ? LIKE table_schema`,
    [database],
  );
  const { account } = session.server;
  if (rights.length === 0)
    throw new SyncError('TARGET_DENIED', {
      message: `${account} may not create ${what} in ${database}. ${sayGrant(database, account)}`,
    });
  await requireDatabase(session, database);
}
