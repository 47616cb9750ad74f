// One connection to PostgreSQL, and the statements that run on it, one after another. What a transaction rests on is set with its
// BEGIN: a pooler may give each transaction another connection to the server.
import { Socket } from 'node:net';
import { Client } from 'pg';
import { abortReason, systemClock } from '../../../src/core/clock.ts';
import { SyncError } from '../../../src/core/errors.ts';
import { within } from '../../../src/core/waiting/within.ts';
import type { SqlRow, SqlSession, SqlValue } from '../../sql/target/session.ts';
import type { PostgresTarget } from '../config.ts';
import { clientConfig } from './client-config.ts';
import { CopyIn } from './copy-in.ts';
import { lacksTls, stateOf, toTargetError, type ServerPlace } from './server-errors.ts';
import { statementHead } from '../../sql/connection/statement-head.ts';

/** What the server said of itself at log-in. */
export interface ServerFacts {
  readonly version: string;
  /** 150020 for 15.20 */
  readonly versionNumber: number;
  readonly user: string;
  /** UTF8, LATIN1, … */
  readonly encoding: string;
  /** Another server's copy: nothing can be written. */
  readonly isReplica: boolean;
}

const connectTimeoutMs = 10_000;
/** Longer than the server's own limit: its answer comes first. */
const statementTimeoutMs = 75_000;
const oldestVersion = 130_000;

// A sleeping client may hold the fence for 20 s only, and waits 10 s for a lock. Deferred constraints would fail with the COMMIT, when
// nobody can tell any more which row it was.
const beginSql = `BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL TIME ZONE 'UTC'; SET LOCAL datestyle = 'ISO, YMD';
  SET LOCAL lock_timeout = '10s'; SET LOCAL statement_timeout = '60s'; SET LOCAL idle_in_transaction_session_timeout = '20s';
  SET LOCAL bytea_output = 'hex'; SET LOCAL extra_float_digits = 1; SET CONSTRAINTS ALL IMMEDIATE`;
/** What COMMIT said is done shall be so after a crash. */
const durableSql = `; SET LOCAL synchronous_commit = 'on'`;

/** Throws TARGET_UNREACHABLE, TARGET_DENIED, TARGET_SCHEMA. */
export async function openSession(target: PostgresTarget, signal?: AbortSignal): Promise<PostgresSession> {
  if (signal?.aborted === true) throw abortReason(signal);
  const wantsTls = target.tls !== 'disabled';
  try {
    return await logIn(target, wantsTls, signal);
  } catch (error) {
    const mayBePlain = target.tls === 'preferred' && error instanceof SyncError && lacksTls(error.cause);
    if (!mayBePlain) throw error;
    return logIn(target, false, signal);
  }
}

async function logIn(
  target: PostgresTarget,
  overTls: boolean,
  signal: AbortSignal | undefined,
): Promise<PostgresSession> {
  const session = new PostgresSession(target, overTls);
  const onAbort = (): void => session.destroy(abortReason(signal));
  signal?.addEventListener('abort', onAbort, { once: true });
  session.onClose = () => signal?.removeEventListener('abort', onAbort);
  try {
    await session.logIn();
  } catch (error) {
    session.destroy();
    throw error;
  }
  return session;
}

export class PostgresSession implements SqlSession {
  onClose: () => void = () => undefined;
  readonly place: ServerPlace;
  /** Temporary tables that the transaction has made. */
  readonly staged = new Set<string>();
  readonly #socket = new Socket();
  readonly #client: Client;
  #server: ServerFacts | null = null;
  #begin = beginSql;
  /** Rejects the statement under way when the connection is given up. */
  #giveUp: ((reason: Error) => void) | null = null;
  #givenUp: Error | null = null;
  #alive = true;

  constructor(target: PostgresTarget, overTls: boolean) {
    const { host, port, user, database, schema } = target;
    this.place = { address: `${host}:${port}`, user, database, schema };
    this.#client = new Client({
      ...clientConfig(target, { overTls, name: 'syncline' }),
      stream: () => this.#socket,
    });
    this.#client.on('error', (error) => this.#break(error));
    this.#socket.once('close', () => this.#end());
    this.#socket.on('error', () => undefined);
  }

  get alive(): boolean {
    return this.#alive;
  }

  get server(): ServerFacts {
    if (this.#server === null)
      throw new SyncError('INTERNAL', { message: 'using a session before its log-in' });
    return this.#server;
  }

  async logIn(): Promise<void> {
    await this.#run(null, () => this.#client.connect());
    const [row] = await this.read(
      `SELECT version() AS version, current_setting('server_version_num') AS number, current_user AS name,
         current_setting('server_encoding') AS encoding, current_setting('client_encoding') AS client_encoding,
         current_setting('synchronous_commit') AS durable, pg_is_in_recovery() AS replica`,
    );
    const { address } = this.place;
    const fail = (message: string): SyncError =>
      new SyncError('TARGET_FAILED', { message: `${address}: ${message}` });
    const versionNumber = Number(row?.['number']);
    if (versionNumber < oldestVersion)
      throw fail(`the server is ${String(row?.['version'])}; PostgreSQL 13 or newer is needed`);
    if (row?.['client_encoding'] !== 'UTF8')
      throw fail(`the session's encoding is ${String(row?.['client_encoding'])}, although it asked for UTF8`);
    if (row['durable'] === 'off') this.#begin += durableSql;
    this.#server = {
      version: String(row['version']),
      versionNumber,
      user: String(row['name']),
      encoding: String(row['encoding']),
      isReplica: row['replica'] === 't',
    };
  }

  begin(): Promise<void> {
    this.staged.clear();
    return this.command(this.#begin);
  }

  /** Of a transaction that a statement has broken the server makes ROLLBACK of it, and says so in the one word of its answer. */
  async commit(): Promise<void> {
    const { command } = await this.#run('COMMIT', () => this.#client.query('COMMIT'));
    if (command !== 'COMMIT')
      throw new SyncError('TARGET_FAILED', {
        message: `${this.place.address}: COMMIT was answered by ${command}`,
      });
  }

  rollback(): Promise<void> {
    return this.command('ROLLBACK');
  }

  async command(sql: string): Promise<void> {
    await this.#run(sql, () => this.#client.query(sql));
  }

  /** Every value comes as text. */
  async read(sql: string, values: readonly SqlValue[] = []): Promise<readonly SqlRow[]> {
    const result = await this.#run(sql, () => this.#client.query(sql, [...values]));
    return result.rows as SqlRow[];
  }

  async change(sql: string, values: readonly SqlValue[] = []): Promise<number> {
    const result = await this.#run(sql, () => this.#client.query(sql, [...values]));
    return result.rowCount ?? 0;
  }

  /** COPY … FROM STDIN; the number of rows that were taken. */
  copy(sql: string, bytes: Buffer): Promise<number> {
    return this.#run(sql, () => this.#client.query(new CopyIn(sql, bytes)).done);
  }

  destroy(reason: Error = new Error('the connection was closed')): void {
    if (!this.#alive) return;
    this.#end();
    this.#socket.destroy();
    this.#givenUp = reason;
    this.#giveUp?.(reason);
  }

  /** The connection failed: the statement under way fails by that, and the next one finds it closed. */
  #break(error: Error): void {
    if (!this.#alive) return;
    this.#end();
    this.#socket.destroy();
    this.#giveUp?.(error);
  }

  #end(): void {
    if (!this.#alive) return;
    this.#alive = false;
    this.onClose();
  }

  async #run<T>(sql: string | null, act: () => Promise<T>): Promise<T> {
    if (!this.#alive) throw this.#closed();
    try {
      return await within(
        { clock: systemClock, ms: sql === null ? connectTimeoutMs : statementTimeoutMs, onLimit: tooLate },
        new Promise<T>((resolve, reject) => {
          this.#giveUp = reject;
          act().then(resolve, reject);
        }),
      );
    } catch (error) {
      if (error === this.#givenUp) throw error;
      // Without an answer of the server's own, nothing more can be said over the connection.
      if (stateOf(error) === '') this.destroy();
      const doing = sql === null ? 'connecting to the target' : `running ${statementHead(sql)}`;
      throw toTargetError(error, doing, this.place);
    } finally {
      this.#giveUp = null;
    }
  }

  #closed(): SyncError {
    const message = `${this.place.address}: the connection is closed`;
    return new SyncError('TARGET_UNREACHABLE', { message });
  }
}

function tooLate(): never {
  throw Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' });
}
