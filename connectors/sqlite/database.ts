// One connection to an SQLite file, its statements and its transactions. libsql is synchronous: every call blocks the loop.
// Nothing else in the process may open a database file, be it to read one byte: where a process closes a file, the system lets go of
// all locks that it has on that file, SQLite's too, and the next reader elsewhere takes the log of what was written away.
import { existsSync, statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import libsql from 'libsql';
import { systemClock } from '../../src/core/clock.ts';
import { SyncError } from '../../src/core/errors.ts';
import { createMutex } from '../../src/core/waiting/mutex.ts';
import { retry } from '../../src/core/waiting/retry.ts';

/** Never a boolean: libsql aborts the process on one. A number is stored as REAL, a bigint as INTEGER. */
export type Value = string | number | bigint | Buffer | null;
export type Row = Readonly<Record<string, unknown>>;

interface Statement {
  all(values: readonly Value[]): unknown[];
  run(values: readonly Value[]): { changes: number };
}

type FileState = string;

const lockWaitMs = 10_000;
const lockPollMs = 10;
/** At each file's write lock: without turns one writer of a thread could keep the other waiting for ever. */
const turns = createMutex();

export class SqliteDatabase {
  readonly #path: string;
  /** As configured, for messages. */
  readonly #file: string;
  readonly #database: libsql.Database;
  readonly #statements = new Map<string, Statement>();
  /** Of an open transaction. */
  #endTurn: (() => void) | null = null;
  /** The file that was opened, whatever lies in its place now; null: none. */
  #place: string | null = null;
  /** null: it is locked while it is read, as long as it must be. */
  #unlocked: FileState | null = null;

  /** `source`: the path, or a URI that says more of it. */
  private constructor(path: string, file: string, source = path) {
    this.#path = path;
    this.#file = file;
    try {
      // Waiting inside SQLite would block the loop, perhaps of the very task that holds the lock.
      this.#database = new libsql(source, { timeout: 0 });
    } catch (cause) {
      throw this.fail(cause, 'opening the file');
    }
  }

  /** `file`: as configured, for messages. Waits where somebody else has the file locked. Throws TARGET_UNREACHABLE, TARGET_FAILED. */
  static async open(path: string, file: string, signal?: AbortSignal): Promise<SqliteDatabase> {
    const opened = new SqliteDatabase(path, file);
    try {
      // Going over to WAL takes a lock of its own.
      await opened.#whenFree('opening the file', 'PRAGMA journal_mode = WAL', signal);
      opened.#database.exec('PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON');
      opened.#place = placeOf(path);
      return opened;
    } catch (cause) {
      opened.close();
      throw cause;
    }
  }

  /** All that is read is of one moment. The file must be there; nothing is changed, nor made beside it, but what a writer that broke off left undone. */
  static async openToRead(path: string, file: string, signal?: AbortSignal): Promise<SqliteDatabase> {
    const whole = SqliteDatabase.#openWhole(path, file);
    if (whole !== null) return whole;
    let opened: SqliteDatabase | null = null;
    try {
      opened = new SqliteDatabase(path, file, uriOf(path, 'mode=ro'));
      opened.#database.exec('BEGIN');
      await opened.#whenFree('opening the file', 'SELECT 1 FROM sqlite_schema', signal);
      return opened;
    } catch (cause) {
      opened?.close();
      throw failAt({ path, file }, cause, 'opening the file');
    }
  }

  /**
   * Of a file in WAL mode without a log nothing is missing in the file itself: taken as one that can't change it gets no log by being
   * read. It is not locked, so each look at it ends with another whether it did change. null: it is to be read with locks.
   */
  static #openWhole(path: string, file: string): SqliteDatabase | null {
    const before = stateOf(path);
    if (before === null || existsSync(`${path}-wal`)) return null;
    const opened = new SqliteDatabase(path, file, uriOf(path, 'immutable=1'));
    if (opened.#isInWalMode() && !existsSync(`${path}-wal`)) {
      opened.#unlocked = before;
      return opened;
    }
    opened.close();
    return null;
  }

  /** A file that is not there yet, as one without tables. */
  static openEmpty(file: string): SqliteDatabase {
    return new SqliteDatabase(':memory:', file);
  }

  all(sql: string, values: readonly Value[] = []): readonly Row[] {
    try {
      const rows = this.#prepare(sql).all(values) as readonly Row[];
      this.#requireUnchanged();
      return rows;
    } catch (cause) {
      throw this.fail(cause, 'reading');
    }
  }

  /** One row after the other, as arrays: integers as bigint, all others as the driver has them. Not to be left before its end. */
  *iterate(sql: string): Generator<readonly unknown[]> {
    try {
      const statement = this.#database.prepare(sql).raw(true).safeIntegers(true);
      yield* statement.iterate() as IterableIterator<readonly unknown[]>;
      this.#requireUnchanged();
    } catch (cause) {
      throw this.fail(cause, 'reading');
    }
  }

  columnsOf(sql: string): readonly { readonly name: string; readonly type: string | null }[] {
    try {
      return this.#database.prepare(sql).columns();
    } catch (cause) {
      throw this.fail(cause, 'reading');
    }
  }

  /** Number of rows changed. Not for statements that give rows. */
  run(sql: string, values: readonly Value[] = []): number {
    try {
      return this.#prepare(sql).run(values).changes;
    } catch (cause) {
      throw this.fail(cause, 'writing');
    }
  }

  /** As `run`, with the driver's own error: for rows, whose refusals are expected. */
  runRow(sql: string, values: readonly Value[]): number {
    return this.#prepare(sql).run(values).changes;
  }

  /**
   * The write lock is taken first: by turns within this thread, by trying again where another thread or process has it. Throws
   * TARGET_FAILED (retriable) when it is not to be had, TARGET_CHANGED when the file was removed or replaced.
   */
  async begin(signal?: AbortSignal): Promise<void> {
    this.#requireInPlace();
    const turn = await takeTurn(this.#path);
    try {
      await this.#whenFree('locking', 'BEGIN IMMEDIATE', signal);
      this.#endTurn = turn;
    } catch (error) {
      turn();
      throw error;
    }
  }

  /** Where it fails the transaction may still be open. Throws TARGET_CHANGED when the file was removed or replaced. */
  commit(): void {
    this.#requireInPlace();
    this.run('COMMIT');
    this.#leave();
  }

  rollback(): void {
    try {
      // Some errors (full disk) have rolled back already.
      if (this.#database.inTransaction) this.#database.exec('ROLLBACK');
    } finally {
      this.#leave();
    }
  }

  /** false between `begin` and `commit`: a statement has rolled it back. */
  get inTransaction(): boolean {
    return this.#database.inTransaction;
  }

  get isOpen(): boolean {
    return this.#database.open;
  }

  /** false: another file, or none, lies where this one was opened. */
  get isInPlace(): boolean {
    return this.#place === null || this.#place === placeOf(this.#path);
  }

  close(): void {
    this.#statements.clear();
    if (!this.#database.open) return;
    // A connection lives on, with its locks, until the last of its statements is collected.
    this.rollback();
    this.#database.close();
  }

  fail(cause: unknown, doing: string): SyncError {
    return failAt({ path: this.#path, file: this.#file }, cause, doing);
  }

  /** By the version that readers must know, in the file's header. false: it can't be read either. */
  #isInWalMode(): boolean {
    try {
      const [page] = this.#database
        .prepare('SELECT hex(substr(data, 20, 1)) AS version FROM sqlite_dbpage WHERE pgno = 1')
        .all() as Row[];
      return page?.['version'] === '02';
    } catch {
      return false;
    }
  }

  /** A file that was removed lives on as long as somebody has it open, and takes what nobody will ever read. */
  #requireInPlace(): void {
    if (this.isInPlace) return;
    const message = `writing ${this.#file}: the file was removed, moved or replaced since it was opened`;
    throw new SyncError('TARGET_CHANGED', { message });
  }

  #requireUnchanged(): void {
    if (this.#unlocked === null || this.#unlocked === stateOf(this.#path)) return;
    const message = `reading ${this.#file}: somebody wrote to the file while it was read`;
    throw new SyncError('TARGET_FAILED', { message, retriable: true });
  }

  #prepare(sql: string): Statement {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(sql) as unknown as Statement;
    this.#statements.set(sql, statement);
    return statement;
  }

  /** By `exec`, which leaves no half executed statement behind where the file is locked. */
  async #whenFree(doing: string, sql: string, signal?: AbortSignal): Promise<void> {
    try {
      await retry(
        {
          clock: systemClock,
          signal,
          pauseMs: () => lockPollMs,
          withinMs: lockWaitMs,
          isPassing: (error) => codeOf(error).startsWith('SQLITE_BUSY'),
        },
        () => Promise.resolve(this.#database.exec(sql)),
      );
    } catch (cause) {
      throw codeOf(cause) === '' ? cause : this.fail(cause, doing);
    }
  }

  #leave(): void {
    this.#endTurn?.();
    this.#endTurn = null;
  }
}

/** Resolves when it is one's turn; the turn ends when what it gives is called. */
function takeTurn(path: string): Promise<() => void> {
  return new Promise((begun) => {
    void turns(
      path,
      () =>
        new Promise<void>((ended) => {
          begun(ended);
        }),
    );
  });
}

function failAt(
  { path, file }: { readonly path: string; readonly file: string },
  cause: unknown,
  doing: string,
): SyncError {
  if (cause instanceof SyncError) return cause;
  const message = `${doing} ${file}: ${cause instanceof Error ? cause.message : String(cause)}`;
  const code = codeOf(cause);
  const is = (...codes: string[]): boolean => codes.some((each) => code.startsWith(each));
  // Where there is no room for the index of the log, SQLite says that of reading and writing.
  if (is('SQLITE_FULL') || (is('SQLITE_IOERR') && isDiskFull(path)))
    return new SyncError('TARGET_FULL', { message, cause });
  if (is('SQLITE_BUSY', 'SQLITE_LOCKED', 'SQLITE_IOERR', 'SQLITE_NOMEM'))
    return new SyncError('TARGET_FAILED', { message, cause, retriable: true });
  if (is('SQLITE_READONLY', 'SQLITE_PERM', 'SQLITE_AUTH'))
    return new SyncError('TARGET_DENIED', { message, cause });
  if (doing.startsWith('opening') || is('SQLITE_CANTOPEN', 'SQLITE_NOTADB', 'SQLITE_CORRUPT'))
    return new SyncError('TARGET_UNREACHABLE', {
      message: message.replaceAll(path, file),
      cause,
    });
  return new SyncError(code === 'SQLITE_ERROR' ? 'TARGET_SCHEMA' : 'TARGET_FAILED', { message, cause });
}

function uriOf(path: string, how: 'mode=ro' | 'immutable=1'): string {
  return `${pathToFileURL(path).href}?${how}`;
}

/** Less is left than SQLite takes at once. */
function isDiskFull(path: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(dirname(path));
    return bavail * bsize < 65_536;
  } catch {
    return false;
  }
}

/** null: there is no file. */
function placeOf(path: string): string | null {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? null : `${found.dev} ${found.ino}`;
}

/** Equal: nobody has written to the file. null: it is not there. */
function stateOf(path: string): FileState | null {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? null : [found.dev, found.ino, found.size, found.mtimeNs].join(' ');
}

export function codeOf(error: unknown): string {
  const code: unknown = error instanceof Error ? (error as { code?: unknown }).code : undefined;
  return typeof code === 'string' ? code : '';
}
