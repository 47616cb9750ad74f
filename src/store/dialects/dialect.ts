// What differs between the three databases: opening, the clock, locks, and how their errors are to be read.
import type { Knex } from 'knex';
import type { Clock } from '../../core/clock.ts';

export interface Dialect {
  readonly kind: 'sqlite' | 'mysql' | 'postgresql';
  /** File or `host:port`, for messages. */
  readonly place: string;
  readonly config: Knex.Config;
  /** The database's time in ms as an expression. SQLite runs in this process: its time is the process's clock. */
  now(db: Knex, clock: Clock): Knex.Raw<number>;
  /** Rows that another transaction holds are passed over, those taken stay held until the transaction ends. */
  lockRows(query: Knex.QueryBuilder): Knex.QueryBuilder;
  /** Called once, before the first transaction; throws DATABASE_FAILED when the server is too old. */
  prepare(db: Knex): Promise<void>;
  /** Only one process at a time gets past, until `unlockMigrations` or the end of its transaction. */
  lockMigrations(trx: Knex.Transaction): Promise<void>;
  unlockMigrations(trx: Knex.Transaction): Promise<void>;
  classify(error: DriverError): Fault;
}

/** `busy`: the same transaction may succeed in a moment (deadlock, lock timeout). */
export type Fault = 'duplicate' | 'missing-parent' | 'busy' | 'unreachable' | 'other';

export interface DriverError extends Error {
  readonly code?: string;
  readonly errno?: number;
  readonly fatal?: boolean;
  readonly sqlMessage?: string;
}

const socketCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'ETIMEDOUT',
]);

/** Faults of the way to a server, the same for every client library. */
export function isSocketFault(error: DriverError): boolean {
  return error.name === 'KnexTimeoutError' || (error.code !== undefined && socketCodes.has(error.code));
}

/** TLS with a certificate that does not verify; the driver of MySQL gives only the words. */
export function isCertificateFault({ code = '', message }: DriverError): boolean {
  return (
    /^(ERR_TLS_CERT|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|CERT_)/.test(code) ||
    /certificate|Host: .* altnames/i.test(message)
  );
}
