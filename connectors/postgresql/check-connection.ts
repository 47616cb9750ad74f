// What the connection test asks of a PostgreSQL server.
import type { Finding } from '../../src/core/connector/check-steps.ts';
import { SyncError } from '../../src/core/errors.ts';
import type { TargetChecks } from '../sql/target/sql-target.ts';
import type { PostgresSinkConfig } from './config.ts';
import { sayGrants } from './session/server-errors.ts';
import { openSession, type PostgresSession } from './session/session.ts';
import { requireSchema } from './table/describe-table.ts';

export const checks: TargetChecks<PostgresSinkConfig, PostgresSession> = {
  notes: ({ target }) => target.notes,
  hostOf: ({ target }) => target.host,
  logIn,
  clockSql: 'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now_ms',
  requireCreate,
  accountOf: ({ server }) => server.user,
};

async function logIn({ target }: PostgresSinkConfig, signal: AbortSignal): Promise<Finding<PostgresSession>> {
  const value = await openSession(target, signal);
  try {
    const [row] = await value.read(
      'SELECT version AS tls FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl',
    );
    const { version, user, isReplica } = value.server;
    if (isReplica)
      throw new SyncError('TARGET_DENIED', {
        message: `${target.host}:${target.port} is a replica, which can't be written to; name the primary in connection.url`,
      });
    const tls = row === undefined ? 'in plain text' : `over ${String(row['tls'])}`;
    return { detail: `${version.split(' ').slice(0, 2).join(' ')}, as ${user}, ${tls}`, value };
  } catch (error) {
    value.destroy();
    throw error;
  }
}

async function requireCreate(
  session: PostgresSession,
  { schema }: PostgresSinkConfig,
  what: string,
): Promise<void> {
  await requireSchema(session, schema);
  const [row] = await session.read(
    `SELECT has_schema_privilege(oid, 'CREATE') AS may FROM pg_namespace WHERE nspname = $1`,
    [schema],
  );
  if (row?.['may'] !== 't')
    throw new SyncError('TARGET_DENIED', {
      message: `${session.server.user} may not create ${what} in ${schema}. ${sayGrants(session.place)}`,
    });
}
