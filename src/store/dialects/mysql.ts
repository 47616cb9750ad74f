// MariaDB 10.6 or newer, MySQL 8 or newer: both by mysql2.
import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import type { Knex } from 'knex';
import { SyncError } from '../../core/errors.ts';
import type { ServerAddress } from '../database-url.ts';
import { isSocketFault, type Dialect, type DriverError, type Fault } from './dialect.ts';

const migrationLockSeconds = 120;

export function mysqlDialect(address: ServerAddress): Dialect {
  const lockName = `syncline-${createHash('sha256').update(address.database).digest('hex').slice(0, 32)}`;
  return {
    kind: 'mysql',
    place: `${address.host}:${address.port}`,
    config: {
      client: 'mysql2',
      connection: { ...connection(address), connectTimeout: 5_000, enableKeepAlive: true },
      pool: { min: 0, max: 10, afterCreate },
    },
    // Independent of the session's time zone, unlike UNIX_TIMESTAMP(NOW()).
    now: (db) => db.raw("(TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(3)) DIV 1000)"),
    lockRows: (query) => query.forUpdate().skipLocked(),
    prepare: checkVersion,
    lockMigrations: async (trx) => {
      const answer = (await trx.raw('SELECT GET_LOCK(?, ?) AS held', [lockName, migrationLockSeconds])) as [
        { held: number }[],
      ];
      if (answer[0][0]?.held === 1) return;
      const message = `migrating the schema: another process held the lock for ${migrationLockSeconds} s`;
      throw new SyncError('DATABASE_FAILED', { message });
    },
    unlockMigrations: async (trx) => {
      await trx.raw('SELECT RELEASE_LOCK(?)', [lockName]);
    },
    classify,
  };
}

function connection({
  host,
  port,
  user,
  password,
  database,
  tls,
}: ServerAddress): Knex.MySql2ConnectionConfig {
  const base = { host, port, user, password, database, charset: 'utf8mb4' };
  if (tls === null) return base;
  // An address is compared by nobody: the driver would compare it with the name localhost.
  const ssl = {
    rejectUnauthorized: true,
    verifyIdentity: isIP(host) === 0,
    ...(tls.ca === null ? {} : { ca: tls.ca }),
  };
  return { ...base, ssl };
}

interface MysqlConnection {
  query(sql: string, done: (error: unknown) => void): void;
}

/** READ COMMITTED: under REPEATABLE READ the range scan for due jobs would lock the gaps between them as well. */
function afterCreate(created: MysqlConnection, done: (error: unknown, connection: unknown) => void): void {
  created.query('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED', (error) => {
    if (error !== null) {
      done(error, created);
      return;
    }
    created.query(
      "SET SESSION innodb_lock_wait_timeout = 10, sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'",
      (refused) => done(refused, created),
    );
  });
}

async function checkVersion(db: Knex): Promise<void> {
  const answer = (await db.raw('SELECT VERSION() AS version')) as [{ version: string }[]];
  const version = answer[0][0]?.version ?? '';
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
  const maria = /mariadb/i.test(version);
  if (maria ? major > 10 || (major === 10 && minor >= 6) : major >= 8) return;
  const message = `opening the store: the server is ${version}; MariaDB 10.6 or MySQL 8.0 is needed (SKIP LOCKED)`;
  throw new SyncError('DATABASE_FAILED', { message, retriable: false });
}

const unreachable = new Set([
  1040, // too many connections
  1044, // no rights on the database
  1045, // wrong user or password
  1049, // no such database
  1053, // shutting down
  1129, // host blocked
  1130, // host not allowed
  1698, // wrong authentication
]);

function classify(error: DriverError): Fault {
  if (isSocketFault(error) || error.fatal === true || error.code === 'PROTOCOL_CONNECTION_LOST')
    return 'unreachable';
  switch (error.errno) {
    case 1062:
      return 'duplicate';
    case 1452:
      return 'missing-parent';
    case 1205:
    case 1213:
      return 'busy';
    default:
      return error.errno !== undefined && unreachable.has(error.errno) ? 'unreachable' : 'other';
  }
}
