// One connection to MySQL or MariaDB that only reads: its settings, small answers through mysql2, rows as bytes off its stream.
import { connect as connectTcp, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createConnection, type Connection, type FieldPacket } from 'mysql2/promise';
import { SyncError } from '../../../src/core/errors.ts';
import { abortReason } from '../../../src/core/clock.ts';
import type {
  FoundTable,
  OpenTransactions,
  ReadPlace,
  ServerZone,
  SourceSession,
  RowReading,
} from '../../sql/source/dialect.ts';
import type { TlsTarget } from '../../sql/connection/tls.ts';
import type { ServerPlace } from '../session/server-errors.ts';
import { tlsOptions } from '../session/tls.ts';
import { readServerClock } from './clock.ts';
import { readServerZones } from './zones.ts';
import { describeQuery, describeTable } from './describe.ts';
import { toSourceError } from './errors.ts';
import { readOpenTransactions } from './open-transactions.ts';
import type { MysqlQueries, TextRow } from './queries.ts';
import { ServerError, streamRows } from './row-stream.ts';
import { mysqlWords } from './words.ts';
import { statementHead } from '../../sql/connection/statement-head.ts';

export interface MysqlPlace extends TlsTarget {
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string | null;
}

const connectTimeoutMs = 10_000;
const statementTimeoutMs = 60_000;

// Times come in UTC, text in utf-8, numbers with all their digits. A target that is slow makes the server wait to send: for as long as that
// takes, it must not take the reader for dead.
const settings = [
  'SET NAMES utf8mb4',
  `SET SESSION time_zone = '+00:00', net_write_timeout = 86400, wait_timeout = 86400, lock_wait_timeout = 20, sql_mode = ''`,
  'SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ',
];
/** What only one of the two servers has, each refused by the other. */
const noLimits = ['SET SESSION max_statement_time = 0', 'SET SESSION max_execution_time = 0'];

/** Throws SOURCE_UNREACHABLE, SOURCE_DENIED. */
export async function openMysqlSession(place: MysqlPlace, signal: AbortSignal): Promise<SourceSession> {
  if (signal.aborted) throw abortReason(signal);
  const session = new MysqlSourceSession(place, connectTcp(place.port, place.host));
  const onAbort = (): void => session.giveUp(abortReason(signal));
  signal.addEventListener('abort', onAbort, { once: true });
  session.onClose = () => signal.removeEventListener('abort', onAbort);
  try {
    await session.logIn(place);
    return session;
  } catch (error) {
    session.close();
    throw error;
  }
}

export class MysqlSourceSession implements SourceSession, MysqlQueries {
  readonly words = mysqlWords;
  onClose: () => void = () => undefined;
  isMariadb = false;
  readonly #socket: Socket;
  #place: ServerPlace;
  #connection: Connection | null = null;
  #reject: ((reason: Error) => void) | null = null;
  #reason: Error | null = null;
  #alive = true;

  constructor({ host, port, user, database }: MysqlPlace, socket: Socket) {
    this.#place = { address: `${host}:${port}`, user, account: null, database: database ?? '' };
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 10_000);
    socket.on('error', () => undefined);
    socket.once('close', () => this.#end());
  }

  async logIn(place: MysqlPlace): Promise<void> {
    this.#connection = await this.#run('connecting to the source', () => this.#connect(place));
    this.#connection.on('error', (error) => this.giveUp(toSourceError(error, 'reading', this.#place)));
    for (const sql of settings) await this.read(sql);
    const [row] = await this.read('SELECT CURRENT_USER(), VERSION(), @@time_zone, @@character_set_results');
    const [account = null, version = '', zone, charset] = row ?? [];
    this.#place = { ...this.#place, account };
    this.isMariadb = /mariadb/i.test(version ?? '');
    if (zone !== '+00:00' || charset !== 'utf8mb4')
      throw toSourceError(
        new Error(
          'its settings were accepted and not kept: connect to the server itself, not through a proxy',
        ),
        'opening a session',
        this.#place,
      );
    await this.read(noLimits[this.isMariadb ? 0 : 1] ?? '');
  }

  async #connect(place: MysqlPlace): Promise<Connection> {
    const { user, password, host, database } = place;
    const tls = await tlsOptions(place, this.#socket, connectTimeoutMs);
    return createConnection({
      stream: () => this.#socket,
      ...{ host, user, password },
      ...(database === null ? {} : { database }),
      charset: 'UTF8MB4_BIN',
      connectTimeout: connectTimeoutMs,
      flags: ['-LOCAL_FILES'],
      disableEval: true,
      ...tls,
    });
  }

  async read(sql: string): Promise<readonly TextRow[]> {
    return (await this.query(sql)).rows;
  }

  /** Text rows, and what the server says of their columns. */
  async query(
    sql: string,
  ): Promise<{ readonly rows: readonly TextRow[]; readonly fields: readonly FieldPacket[] }> {
    const connection = this.#require();
    const [rows, fields] = await this.#run(`running ${statementHead(sql)}`, () =>
      connection.query({
        sql,
        timeout: statementTimeoutMs,
        rowsAsArray: true,
        typeCast: (field) => field.buffer()?.toString('utf8') ?? null,
      }),
    );
    return { rows: Array.isArray(rows) ? (rows as unknown as TextRow[]) : [], fields };
  }

  describe(place: ReadPlace): Promise<FoundTable | null> {
    return place.kind === 'table' ? describeTable(this, place) : describeQuery(this, place.sql);
  }

  async estimate(sql: string): Promise<number | null> {
    // Of a view the rights to its tables are asked for, too.
    const { rows, fields } = await this.query(`EXPLAIN ${sql}`).catch(nothing);
    const at = fields.findIndex(({ name }) => name === 'rows');
    const found = Number(rows[0]?.[at] ?? NaN);
    return rows.length === 1 && Number.isFinite(found) ? found : null;
  }

  now(): ReturnType<SourceSession['now']> {
    return readServerClock(this);
  }

  zones(): Promise<readonly ServerZone[]> {
    return readServerZones(this);
  }

  openTransactions(): Promise<OpenTransactions> {
    return readOpenTransactions(this);
  }

  /** MariaDB's views are told apart by where its binary log was: two that say the same are one. */
  async beginView(of?: string): Promise<string | null> {
    await this.read('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY');
    if (!this.isMariadb) return null;
    const rows = await this.read("SHOW STATUS LIKE 'binlog_snapshot_%'");
    const [file, position] = ['file', 'position'].map(
      (what) => rows.find(([name]) => name?.toLowerCase() === `binlog_snapshot_${what}`)?.[1] ?? '',
    );
    if (file === '' || position === undefined) return null;
    const here = `${file ?? ''}:${position}`;
    return of === undefined || of === here ? here : null;
  }

  async endView(): Promise<void> {
    await this.read('COMMIT');
  }

  async holdTable(place: ReadPlace): Promise<void> {
    await this.read(`SELECT 1 FROM ${this.words.from(place)} LIMIT 0`);
  }

  async stream(sql: string, reading: RowReading): Promise<void> {
    const { stream } = (this.#require() as unknown as { connection: { stream: Duplex } }).connection;
    await this.#run('reading rows', () => streamRows(stream, sql, reading));
  }

  async listNamespaces(): Promise<readonly string[]> {
    const rows = await this.read(
      `SELECT schema_name FROM information_schema.schemata
       WHERE schema_name NOT IN ('information_schema', 'mysql', 'performance_schema', 'sys') ORDER BY 1`,
    );
    return rows.map(([name]) => name ?? '');
  }

  async listTables(namespace: string): Promise<readonly string[]> {
    const rows = await this.read(
      `SELECT table_name FROM information_schema.tables WHERE table_schema = ${this.words.literal(namespace, 'text')}
       AND table_type <> 'SEQUENCE' ORDER BY 1`,
    );
    return rows.map(([name]) => name ?? '');
  }

  close(): void {
    this.giveUp(new Error('the connection was closed'));
  }

  giveUp(reason: Error): void {
    if (!this.#alive) return;
    this.#end();
    this.#reason = reason;
    this.#connection?.destroy();
    this.#socket.destroy();
    this.#reject?.(reason);
  }

  #end(): void {
    if (!this.#alive) return;
    this.#alive = false;
    this.onClose();
  }

  #require(): Connection {
    if (this.#connection !== null && this.#alive) return this.#connection;
    throw toSourceError(
      Object.assign(new Error('the connection is closed'), { code: 'PROTOCOL_CONNECTION_LOST' }),
      'reading',
      this.#place,
    );
  }

  /** mysql2 leaves the callbacks of a destroyed connection hanging: `giveUp` rejects the one under way itself. */
  async #run<T>(doing: string, act: () => Promise<T>): Promise<T> {
    try {
      return await new Promise<T>((resolve, reject) => {
        this.#reject = reject;
        act().then(resolve, reject);
      });
    } catch (error) {
      if (error === this.#reason) throw error;
      // After anything but the server's own refusal of a statement nothing more can be said over the connection.
      if (!isRefusal(error)) this.close();
      throw toSourceError(error, doing, this.#place);
    } finally {
      this.#reject = null;
    }
  }
}

/** Throws what is no refusal of the server's. */
function nothing(error: unknown): {
  readonly rows: readonly TextRow[];
  readonly fields: readonly FieldPacket[];
} {
  if (error instanceof SyncError && error.code !== 'SOURCE_UNREACHABLE') return { rows: [], fields: [] };
  throw error;
}

function isRefusal(error: unknown): boolean {
  if (error instanceof ServerError) return true;
  const { fatal, errno } = error as { fatal?: unknown; errno?: unknown };
  return fatal !== true && typeof errno === 'number' && errno > 0;
}
