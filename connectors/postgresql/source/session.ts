// One connection to PostgreSQL that only reads: its settings, small answers through the driver, rows by COPY as bytes off its stream.
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Client } from 'pg';
import type { FieldDef } from 'pg';
import { abortReason, systemClock } from '../../../src/core/clock.ts';
import { SyncError } from '../../../src/core/errors.ts';
import { within } from '../../../src/core/waiting/within.ts';
import type {
  FoundTable,
  OpenTransactions,
  ReadPlace,
  ServerZone,
  RowReading,
  SourceSession,
} from '../../sql/source/dialect.ts';
import type { PostgresTarget } from '../config.ts';
import { clientConfig, readerName } from '../session/client-config.ts';
import type { ServerPlace } from '../session/server-errors.ts';
import { lacksTls, stateOf } from '../session/server-errors.ts';
import { describeQuery, describeTable } from './describe.ts';
import { toSourceError } from './errors.ts';
import { readOpenTransactions } from './open-transactions.ts';
import { readServerClock } from './clock.ts';
import { readServerZones } from './zones.ts';
import type { PostgresQueries, TextRow } from './queries.ts';
import { streamRows } from './row-stream.ts';
import { postgresWords } from './words.ts';
import { statementHead } from '../../sql/connection/statement-head.ts';

const connectTimeoutMs = 10_000;
const statementTimeoutMs = 75_000;

// Times come in ISO form and UTC, numbers with all their digits. A target that is slow makes the server wait to send, however long.
const settings = `SET standard_conforming_strings = on; SET DateStyle = 'ISO, YMD'; SET TimeZone = 'UTC'; SET extra_float_digits = 3;
  SET bytea_output = 'hex'; SET IntervalStyle = 'iso_8601'; SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0;
  SET lock_timeout = '20s'; SET client_min_messages = 'warning'`;
const settingsOf17 = 'SET transaction_timeout = 0';

/** Throws SOURCE_UNREACHABLE, SOURCE_DENIED. */
export async function openPostgresSession(
  place: PostgresTarget,
  signal: AbortSignal,
): Promise<SourceSession> {
  if (place.tls !== 'preferred') return open(place, place.tls !== 'disabled', signal);
  try {
    return await open(place, true, signal);
  } catch (error) {
    if (error instanceof SyncError && lacksTls(error.cause)) return open(place, false, signal);
    throw error;
  }
}

async function open(place: PostgresTarget, overTls: boolean, signal: AbortSignal): Promise<SourceSession> {
  if (signal.aborted) throw abortReason(signal);
  const session = new PostgresSourceSession(place, overTls);
  const onAbort = (): void => session.giveUp(abortReason(signal));
  signal.addEventListener('abort', onAbort, { once: true });
  session.onClose = () => signal.removeEventListener('abort', onAbort);
  try {
    await session.logIn();
    return session;
  } catch (error) {
    session.close();
    throw error;
  }
}

export class PostgresSourceSession implements SourceSession, PostgresQueries {
  readonly words = postgresWords;
  onClose: () => void = () => undefined;
  readonly #place: ServerPlace;
  readonly #socket = new Socket();
  readonly #client: Client;
  #reject: ((reason: Error) => void) | null = null;
  #reason: Error | null = null;
  #alive = true;

  constructor(target: PostgresTarget, overTls: boolean) {
    const { host, port, user, database, schema } = target;
    this.#place = { address: `${host}:${port}`, user, database, schema };
    this.#client = new Client({
      ...clientConfig(target, { overTls, name: readerName }),
      stream: () => this.#socket,
    });
    this.#client.on('error', (error) => this.giveUp(toSourceError(error, 'reading', this.#place)));
    this.#socket.once('close', () => this.#end());
    this.#socket.on('error', () => undefined);
  }

  async logIn(): Promise<void> {
    await this.#run('connecting to the source', () => this.#client.connect(), connectTimeoutMs);
    await this.read(settings);
    const [row] = await this.read("SELECT current_setting('server_version_num')::int >= 170000");
    if (row?.[0] === 't') await this.read(settingsOf17);
  }

  async read(sql: string): Promise<readonly TextRow[]> {
    const result = await this.#run(`running ${statementHead(sql)}`, () =>
      this.#client.query<(string | null)[]>({ text: sql, rowMode: 'array' }),
    );
    // Several statements have several results; what they say is not looked at.
    return Array.isArray(result) ? [] : result.rows;
  }

  /** By the extended protocol: one statement, or the server refuses it. */
  queryOne(sql: string): Promise<{ readonly fields: readonly FieldDef[] }> {
    return this.#run(`running ${statementHead(sql)}`, () =>
      this.#client.query({ text: sql, values: [], queryMode: 'extended' } as { text: string }),
    );
  }

  describe(place: ReadPlace): Promise<FoundTable | null> {
    return place.kind === 'table' ? describeTable(this, place) : describeQuery(this, place.sql);
  }

  async estimate(sql: string): Promise<number | null> {
    const [row] = await this.read(`EXPLAIN (FORMAT JSON) ${sql}`);
    const rows = Number(/"Plan Rows": (\d+)/.exec(row?.[0] ?? '')?.[1] ?? NaN);
    return Number.isFinite(rows) ? rows : null;
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

  /** A view is known by its snapshot's id, good as long as the transaction that gave it. On a replica none can be given. */
  async beginView(of?: string): Promise<string | null> {
    await this.read('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY');
    if (of !== undefined) {
      await this.read(`SET TRANSACTION SNAPSHOT ${this.words.literal(of, 'text')}`);
      return of;
    }
    const [row] = await this.read('SELECT pg_is_in_recovery()');
    if (row?.[0] === 't') return null;
    const [exported] = await this.read('SELECT pg_export_snapshot()');
    return exported?.[0] ?? null;
  }

  async endView(): Promise<void> {
    await this.read('COMMIT');
  }

  async holdTable(place: ReadPlace): Promise<void> {
    await this.read(`SELECT 1 FROM ${this.words.from(place)} LIMIT 0`);
  }

  async stream(sql: string, reading: RowReading): Promise<void> {
    const { stream } = (this.#client as unknown as { connection: { stream: Duplex } }).connection;
    await this.#run('reading rows', () => streamRows(stream, sql, reading), Infinity);
  }

  async listNamespaces(): Promise<readonly string[]> {
    const rows = await this.read(
      `SELECT nspname FROM pg_catalog.pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
       AND has_schema_privilege(oid, 'USAGE') ORDER BY 1`,
    );
    return rows.map(([name]) => name ?? '');
  }

  async listTables(namespace: string): Promise<readonly string[]> {
    const rows = await this.read(
      `SELECT c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
       WHERE n.nspname = ${this.words.literal(namespace, 'text')} AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition ORDER BY 1`,
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
    this.#socket.destroy();
    this.#reject?.(reason);
  }

  #end(): void {
    if (!this.#alive) return;
    this.#alive = false;
    this.onClose();
  }

  async #run<T>(doing: string, act: () => Promise<T>, limitMs = statementTimeoutMs): Promise<T> {
    if (!this.#alive)
      throw new SyncError('SOURCE_UNREACHABLE', {
        message: `${doing}: ${this.#place.address}: the connection is closed`,
      });
    const work = new Promise<T>((resolve, reject) => {
      this.#reject = reject;
      act().then(resolve, reject);
    });
    try {
      return await (limitMs === Infinity
        ? work
        : within({ clock: systemClock, ms: limitMs, onLimit: tooLate }, work));
    } catch (error) {
      if (error === this.#reason) throw error;
      // Without an answer of the server's own, nothing more can be said over the connection.
      if (stateOf(error) === '') this.close();
      throw toSourceError(error, doing, this.#place);
    } finally {
      this.#reject = null;
    }
  }
}

function tooLate(): never {
  throw Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' });
}
