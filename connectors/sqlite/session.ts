// One connection to an SQLite file that is written to, as every SQL target has it.
import type { SqlRow, SqlSession, SqlValue } from '../sql/target/session.ts';
import type { SqliteDatabase, Value } from './database.ts';

export class SqliteSession implements SqlSession {
  readonly database: SqliteDatabase;
  readonly #signal: AbortSignal | undefined;

  constructor(database: SqliteDatabase, signal?: AbortSignal) {
    this.database = database;
    this.#signal = signal;
  }

  /** A run's rows go on into its own file, or fail; who keeps no rows takes up the file that lies there now. */
  get alive(): boolean {
    return this.database.isOpen && (this.#signal !== undefined || this.database.isInPlace);
  }

  /** Takes the file's write lock at once. Throws TARGET_FAILED (retriable) when it is not to be had, TARGET_CHANGED. */
  begin(): Promise<void> {
    return this.database.begin(this.#signal);
  }

  commit(): Promise<void> {
    return promised(() => {
      this.database.commit();
    });
  }

  rollback(): Promise<void> {
    return promised(() => {
      this.database.rollback();
    });
  }

  command(sql: string): Promise<void> {
    return promised(() => {
      this.database.run(sql);
    });
  }

  read(sql: string, values: readonly SqlValue[] = []): Promise<readonly SqlRow[]> {
    return promised(() => this.database.all(sql, values.map(bound)).map(withBuffers));
  }

  change(sql: string, values: readonly SqlValue[] = []): Promise<number> {
    return promised(() => this.database.run(sql, values.map(bound)));
  }

  destroy(): void {
    this.database.close();
  }
}

/** The driver answers at once, or throws. */
function promised<T>(act: () => T): Promise<T> {
  return Promise.resolve().then(act);
}

/** A number would be stored as REAL. */
function bound(value: SqlValue): Value {
  return typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value;
}

/** The driver gives a blob as an ArrayBuffer. */
function withBuffers(row: SqlRow): SqlRow {
  if (!Object.values(row).some((value) => value instanceof ArrayBuffer)) return row;
  const columns = Object.entries(row);
  return Object.fromEntries(
    columns.map(([name, value]) => [name, value instanceof ArrayBuffer ? Buffer.from(value) : value]),
  );
}
