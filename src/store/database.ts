// One database connection pool with its dialect: runs work, repeats what was only busy, and turns driver errors into SyncError.
import knexFactory, { type Knex } from 'knex';
import { systemClock } from '../core/clock.ts';
import type { Clock } from '../core/clock.ts';
import { SyncError } from '../core/errors.ts';
import { retry, scattered } from '../core/waiting/retry.ts';
import { within } from '../core/waiting/within.ts';
import { isCertificateFault, type Dialect, type DriverError } from './dialects/dialect.ts';

export interface Database {
  readonly clock: Clock;
  readonly dialect: Dialect;
  /**
   * Single statements. `what` is the gerund for messages. May throw DATABASE_UNREACHABLE, DATABASE_FAILED and whatever
   * SyncError `work` throws; `work` may be called again.
   */
  run<T>(what: string, work: (db: Knex) => Promise<T>): Promise<T>;
  /** The same in one transaction; on SQLite it holds the write lock from its start. */
  transact<T>(what: string, work: (trx: Knex.Transaction) => Promise<T>): Promise<T>;
  /** The database's time in ms, as an expression. */
  now(db: Knex): Knex.Raw<number>;
  readNow(db: Knex): Promise<number>;
  isDuplicate(error: unknown): boolean;
  isMissingParent(error: unknown): boolean;
  close(): Promise<void>;
}

/** How long deadlocks and lock timeouts are tried again. */
const busyLimitMs = 10_000;
/**
 * A server that says nothing is taken for lost after this. What was under way may still happen there, as when the connection
 * breaks at COMMIT: every step of the stores is safe to repeat.
 */
const answerLimitMs = 30_000;

export function connectDatabase(dialect: Dialect, clock: Clock): Database {
  const knex = knexFactory({
    acquireConnectionTimeout: 10_000,
    // Values never stand in an error's text.
    compileSqlOnError: false,
    log: {
      warn: () => undefined,
      error: () => undefined,
      deprecate: () => undefined,
      debug: () => undefined,
    },
    ...dialect.config,
  });
  const run = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await within(answerLimit, untilNotBusy(dialect, work));
    } catch (error) {
      throw toStoreError(dialect, what, error);
    }
  };
  const is = (error: unknown, fault: string): boolean =>
    error instanceof Error && dialect.classify(error) === fault;
  return {
    clock,
    dialect,
    run: (what, work) => run(what, () => work(knex)),
    transact: (what, work) => run(what, () => knex.transaction(work)),
    now: (db) => dialect.now(db, clock),
    readNow: async (db) => {
      const row = await db.select({ now: dialect.now(db, clock) }).first<{ now: number | string }>();
      return Number(row.now);
    },
    isDuplicate: (error) => is(error, 'duplicate'),
    isMissingParent: (error) => is(error, 'missing-parent'),
    close: () => knex.destroy(),
  };
}

class SilentServerError extends Error {}

const answerLimit = {
  clock: systemClock,
  ms: answerLimitMs,
  onLimit: (): never => {
    throw new SilentServerError(`no answer in ${answerLimitMs / 1000} s`);
  },
};

/** The database's own locks are waited for, so this is real time whatever clock the store was given. */
function untilNotBusy<T>(dialect: Dialect, work: () => Promise<T>): Promise<T> {
  const isPassing = (error: unknown): boolean => error instanceof Error && dialect.classify(error) === 'busy';
  const patience = { clock: systemClock, pauseMs: scattered(5, 100), withinMs: busyLimitMs, isPassing };
  return retry(patience, work);
}

function toStoreError(dialect: Dialect, what: string, error: unknown): SyncError {
  if (error instanceof SyncError) return error;
  const text = driverText(error);
  const lost =
    error instanceof SilentServerError ||
    (error instanceof Error && dialect.classify(error) === 'unreachable');
  const code = lost ? 'DATABASE_UNREACHABLE' : 'DATABASE_FAILED';
  const trust =
    error instanceof Error && isCertificateFault(error)
      ? ": its certificate does not verify; ssl-ca=<file> in the database's URL names whom to trust"
      : '';
  return new SyncError(code, {
    message: `${what}: database ${dialect.place}: ${text}${trust}`,
    cause: error,
  });
}

/** knex writes `<sql> - <message>`; only the driver's own words are for the reader. */
function driverText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { sqlMessage, code, message } = error as DriverError;
  const text = sqlMessage ?? message.slice(message.lastIndexOf(' - ') + 1).replace(/^- /, '');
  return text === '' ? (code ?? error.name) : text;
}
