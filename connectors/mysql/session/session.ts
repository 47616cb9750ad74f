// One connection to MySQL or MariaDB with Syncline's settings, and the statements that run on it, one after another.
import { connect as connectTcp, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { createConnection, type Connection, type QueryOptions } from 'mysql2/promise';
import { abortReason } from '../../../src/core/clock.ts';
import { SyncError } from '../../../src/core/errors.ts';
import type { KeptSession, SqlRow, SqlValue } from '../../sql/target/session.ts';
import type { MysqlSinkConfig, MysqlTarget } from '../config.ts';
import { toTargetError, type ServerPlace } from './server-errors.ts';
import { tlsOptions } from './tls.ts';
import { statementHead } from '../../sql/connection/statement-head.ts';

/** What the server said of itself at log-in. */
export interface ServerFacts {
  readonly version: string;
  readonly mariadb: boolean;
  /** `user@host` of the session's rights. */
  readonly account: string;
  readonly localInfile: boolean;
  readonly maxPacketBytes: number;
  /** 0: table names are case sensitive. */
  readonly lowerCaseTableNames: number;
}

export type Value = Exclude<SqlValue, number>;
export type Row = SqlRow;

export interface WriteResult {
  /** Rows found by an UPDATE or DELETE, changed or not; for other statements as the server counts. */
  readonly affected: number;
  readonly warnings: number;
}

const connectTimeoutMs = 10_000;
const statementTimeoutMs = 60_000;
/** A packet of the file that LOAD DATA asks for: mysql2 copies each, and larger copies are mapped anew every time. */
const loadChunkBytes = 64 * 1024;

// Text is compared and stored as it is; a value that does not fit is an error, never trimmed. A sleeping client may hold the
// fence for 20 s only, and waits 10 s for a lock. A statement has the time in which its answer is awaited, whatever its user is given.
const settings = [
  // A server may have been told to pass over what the client asks for when it logs in.
  'SET NAMES utf8mb4 COLLATE utf8mb4_bin',
  `SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_AUTO_VALUE_ON_ZERO,NO_ENGINE_SUBSTITUTION',
    time_zone = '+00:00', wait_timeout = 20, net_read_timeout = 20, net_write_timeout = 20,
    innodb_lock_wait_timeout = 10, lock_wait_timeout = 10, foreign_key_checks = 1, unique_checks = 1, autocommit = 1,
    /*M!100100 max_statement_time = ${statementTimeoutMs / 1_000}, */ max_error_count = 65535`,
  'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
];

export interface SessionOptions {
  /** May LOAD DATA LOCAL be sent? Even then only bytes handed to `load` leave this process. */
  readonly localFiles: boolean;
  readonly signal?: AbortSignal;
}

/** Throws TARGET_UNREACHABLE, TARGET_LOGIN, TARGET_DENIED. */
export async function openSession(config: MysqlSinkConfig, options: SessionOptions): Promise<MysqlSession> {
  const { target, schema: database } = config;
  const address = `${target.host}:${target.port}`;
  const place = { address, user: target.user, account: null, database };
  if (options.signal?.aborted === true) throw abortReason(options.signal);
  const session = new MysqlSession(place, connectTcp(target.port, target.host));
  session.wake(options.signal);
  try {
    await session.logIn(target, options.localFiles);
  } catch (error) {
    session.destroy();
    throw error;
  }
  return session;
}

export class MysqlSession implements KeptSession {
  readonly bornAt = Date.now();
  #leaveSignal: () => void = () => undefined;
  readonly #socket: Socket;
  #place: ServerPlace;
  #connection: Connection | null = null;
  #server: ServerFacts | null = null;
  /** Rejects the statement under way when the connection is given up. */
  #giveUp: ((reason: Error) => void) | null = null;
  #givenUp: Error | null = null;
  #alive = true;

  constructor(place: ServerPlace, socket: Socket) {
    this.#place = place;
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 10_000);
    // Whoever waits for the socket hears of it too; between two of them it must not end the process.
    socket.on('error', () => undefined);
    socket.once('close', () => this.#end());
  }

  get alive(): boolean {
    return this.#alive;
  }

  get server(): ServerFacts {
    if (this.#server === null)
      throw new SyncError('INTERNAL', { message: 'using a session before its log-in' });
    return this.#server;
  }

  get place(): ServerPlace {
    return this.#place;
  }

  async logIn(target: MysqlTarget, localFiles: boolean): Promise<void> {
    this.#connection = await this.#run(null, () => this.#connect(target, localFiles));
    this.#connection.on('error', (error: Error) => this.#break(error));
    for (const sql of settings) await this.command(sql);
    this.#server = await this.#readFacts();
    this.#place = { ...this.#place, account: this.#server.account };
  }

  async #connect(target: MysqlTarget, localFiles: boolean): Promise<Connection> {
    const tls = await tlsOptions(target, this.#socket, connectTimeoutMs);
    return createConnection({
      stream: () => this.#socket,
      host: target.host,
      user: target.user,
      password: target.password,
      charset: 'UTF8MB4_BIN',
      connectTimeout: connectTimeoutMs,
      flags: localFiles ? [] : ['-LOCAL_FILES'],
      supportBigNumbers: true,
      bigNumberStrings: true,
      dateStrings: true,
      disableEval: true,
      ...tls,
    });
  }

  rest(): void {
    this.#leaveSignal();
    this.#socket.unref();
  }

  wake(signal: AbortSignal | undefined): void {
    this.#socket.ref();
    const onAbort = (): void => this.destroy(abortReason(signal));
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#leaveSignal = () => signal?.removeEventListener('abort', onAbort);
  }

  begin(): Promise<void> {
    return this.command('START TRANSACTION');
  }

  commit(): Promise<void> {
    return this.command('COMMIT');
  }

  rollback(): Promise<void> {
    return this.command('ROLLBACK');
  }

  /** A statement without values: transaction control, settings, DDL from checked names. */
  async command(sql: string, limitMs = statementTimeoutMs): Promise<void> {
    await this.#send(sql, (connection) => connection.query({ sql, timeout: limitMs }));
  }

  async read(sql: string, values: readonly SqlValue[] = []): Promise<readonly Row[]> {
    const [rows] = await this.#send(sql, (connection) =>
      connection.execute({ sql, values: values.map(bound), timeout: statementTimeoutMs }),
    );
    return rows as readonly Row[];
  }

  /** For statements that preparing would disturb: SHOW WARNINGS. */
  async readText(sql: string): Promise<readonly Row[]> {
    const [rows] = await this.#send(sql, (connection) =>
      connection.query({ sql, timeout: statementTimeoutMs }),
    );
    return rows as readonly Row[];
  }

  async change(sql: string, values: readonly SqlValue[] = []): Promise<number> {
    return (await this.write(sql, values.map(bound))).affected;
  }

  /** `values` is handed to the driver as it is: it may hold tens of thousands. None is a number, which would go as DOUBLE. */
  async write(sql: string, values: SqlValue[] = []): Promise<WriteResult> {
    const [header] = await this.#send(sql, (connection) =>
      connection.execute({ sql, values, timeout: statementTimeoutMs }),
    );
    return toWriteResult(header);
  }

  /** LOAD DATA LOCAL: the server asks for `fileName` and gets `bytes`; whatever else it asks for, it gets nothing. */
  async load(sql: string, fileName: string, bytes: Buffer): Promise<WriteResult> {
    const options: QueryOptions = {
      sql,
      timeout: statementTimeoutMs,
      infileStreamFactory: (asked: string) => streamBytes(asked === fileName ? bytes : null),
    };
    const [header] = await this.#send(sql, (connection) => connection.query(options));
    return toWriteResult(header);
  }

  /** Drops the connection; the server rolls its transaction back. */
  destroy(reason: Error = new Error('the connection was closed')): void {
    if (!this.#alive) return;
    this.#end();
    this.#connection?.destroy();
    this.#socket.destroy();
    this.#givenUp = reason;
    this.#giveUp?.(reason);
  }

  /** The connection failed: a statement under way fails by that, and the next one finds it closed. */
  #break(error: Error): void {
    if (!this.#alive) return;
    this.#end();
    this.#connection?.destroy();
    this.#socket.destroy();
    this.#giveUp?.(error);
  }

  #end(): void {
    if (!this.#alive) return;
    this.#alive = false;
    this.#leaveSignal();
  }

  #send<T>(sql: string, act: (connection: Connection) => Promise<T>): Promise<T> {
    const connection = this.#connection;
    if (connection === null || !this.#alive)
      throw new SyncError('TARGET_UNREACHABLE', {
        message: `${this.#place.address}: the connection is closed`,
      });
    return this.#run(sql, () => act(connection));
  }

  /** mysql2 leaves the callbacks of a destroyed connection hanging: `destroy` rejects the one under way itself. */
  async #run<T>(sql: string | null, act: () => Promise<T>): Promise<T> {
    try {
      return await new Promise<T>((resolve, reject) => {
        this.#giveUp = reject;
        act().then(resolve, reject);
      });
    } catch (error) {
      if (error === this.#givenUp) throw error;
      if (isFatal(error)) this.destroy();
      const doing = sql === null ? 'connecting to the target' : `running ${statementHead(sql)}`;
      throw toTargetError(error, doing, this.#place);
    } finally {
      this.#giveUp = null;
    }
  }

  /** Something between us and the server may say yes and keep its own: values would then be trimmed or shifted silently. */
  #requireSettings(row: Row): void {
    const wrong = [
      [String(row['sql_mode']).includes('STRICT_ALL_TABLES'), `sql_mode is ${String(row['sql_mode'])}`],
      [row['time_zone'] === '+00:00', `time_zone is ${String(row['time_zone'])}`],
      [row['charset'] === 'utf8mb4', `character_set_client is ${String(row['charset'])}`],
      [row['charset_here'] === 'utf8mb4', `character_set_connection is ${String(row['charset_here'])}`],
    ].flatMap(([right, found]) => (right === true ? [] : [found]));
    if (wrong.length > 0)
      throw new SyncError('TARGET_FAILED', {
        message: `${this.#place.address}: the session's settings were accepted and not kept (${wrong.join(', ')}); connect to the server itself, or let the proxy pass SET SESSION on`,
      });
  }

  async #readFacts(): Promise<ServerFacts> {
    const [row] = await this.read(
      `SELECT VERSION() AS version, CURRENT_USER() AS account, @@local_infile AS local_infile,
         @@max_allowed_packet AS max_packet, @@lower_case_table_names AS lower_case, @@sql_mode AS sql_mode,
         @@time_zone AS time_zone, @@character_set_client AS charset, @@character_set_connection AS charset_here`,
    );
    this.#requireSettings(row ?? {});
    const version = String(row?.['version']);
    return {
      version,
      mariadb: version.toLowerCase().includes('mariadb'),
      account: String(row?.['account']),
      localInfile: Number(row?.['local_infile']) === 1,
      maxPacketBytes: Number(row?.['max_packet']),
      lowerCaseTableNames: Number(row?.['lower_case']),
    };
  }
}

/** A number would go as DOUBLE. */
function bound(value: SqlValue): Value {
  return typeof value === 'number' ? String(value) : value;
}

function streamBytes(bytes: Buffer | null): Readable {
  if (bytes === null)
    return new Readable({
      read() {
        this.destroy(new Error('the server asked for a file that was not offered; nothing was sent'));
      },
    });
  let at = 0;
  return new Readable({
    highWaterMark: loadChunkBytes,
    read() {
      const chunk = bytes.subarray(at, at + loadChunkBytes);
      at += chunk.length;
      this.push(chunk.length === 0 ? null : chunk);
    },
  });
}

function toWriteResult(header: unknown): WriteResult {
  const { affectedRows, warningStatus } = header as { affectedRows?: unknown; warningStatus?: unknown };
  return { affected: Number(affectedRows ?? 0), warnings: Number(warningStatus ?? 0) };
}

/** After these nothing more can be said over the connection: lost, or an answer may still be on its way. */
function isFatal(error: unknown): boolean {
  const { fatal, code } = error as { fatal?: unknown; code?: unknown };
  return fatal === true || code === 'PROTOCOL_SEQUENCE_TIMEOUT';
}
