// PostgreSQL by pg.
import { isIP } from 'node:net';
import type { Knex } from 'knex';
import type { ServerAddress } from '../database-url.ts';
import { isCertificateFault, isSocketFault, type Dialect, type DriverError, type Fault } from './dialect.ts';

/** Any number, the same in all processes: advisory locks are per database. */
const migrationLock = 7_362_541_095;

export function postgresqlDialect(address: ServerAddress): Dialect {
  return {
    kind: 'postgresql',
    place: `${address.host}:${address.port}`,
    config: {
      client: 'pg',
      connection: connection(address),
      pool: { min: 0, max: 10 },
    },
    now: (db) => db.raw('(EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::BIGINT'),
    lockRows: (query) => query.forUpdate().skipLocked(),
    prepare: async (db) => {
      await db.raw('SELECT 1');
    },
    lockMigrations: async (trx) => {
      await trx.raw('SELECT pg_advisory_xact_lock(?)', [migrationLock]);
    },
    // The lock ends with its transaction.
    unlockMigrations: () => Promise.resolve(),
    classify,
  };
}

function connection({ host, port, user, password, database, tls }: ServerAddress): Knex.PgConnectionConfig {
  return {
    host,
    port,
    user,
    password,
    database,
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
    options: '-c lock_timeout=10000',
    application_name: 'syncline',
    ...(tls === null ? {} : { ssl: { ...(tls.ca === null ? {} : { ca: tls.ca }), ...ofAddress(host) } }),
  };
}

/** An address is compared by nobody: the driver would compare it with the name localhost. */
function ofAddress(host: string): { checkServerIdentity?: () => undefined } {
  return isIP(host) === 0 ? {} : { checkServerIdentity: () => undefined };
}

const unreachableStates = ['08', '28', '3D', '53300', '57P'];
/** pg gives these no code. */
const unreachableTexts = /Connection terminated|timeout expired|Client has encountered a connection error/i;

function classify(error: DriverError): Fault {
  if (isSocketFault(error) || isCertificateFault(error) || unreachableTexts.test(error.message))
    return 'unreachable';
  const state = error.code ?? '';
  switch (state) {
    case '23505':
      return 'duplicate';
    case '23503':
      return 'missing-parent';
    case '40001':
    case '40P01':
    case '55P03':
      return 'busy';
    default:
      return unreachableStates.some((start) => state.startsWith(start)) ? 'unreachable' : 'other';
  }
}
