// One connection to an SQL target, and the statements that run on it, one after another.

/** A value bound to a statement. Numbers are safe integers. */
export type SqlValue = string | number | Buffer | null;
export type SqlRow = Readonly<Record<string, unknown>>;

export interface SqlSession {
  /** false: the connection is gone. */
  readonly alive: boolean;
  begin(): Promise<void>;
  commit(): Promise<void>;
  rollback(): Promise<void>;
  /** A statement without values: transaction control, settings, DDL from checked names. `limitMs`: where the session's own is shorter. */
  command(sql: string, limitMs?: number): Promise<void>;
  read(sql: string, values?: readonly SqlValue[]): Promise<readonly SqlRow[]>;
  /** Number of rows that matched, changed by the statement or not. */
  change(sql: string, values?: readonly SqlValue[]): Promise<number>;
  /** Drops the connection; the server rolls its transaction back. */
  destroy(): void;
}

/** One that can be kept between two stores or ledgers of one login. */
export interface KeptSession extends SqlSession {
  /** By the clock of this process. */
  readonly bornAt: number;
  /** Nobody's signal ends it any more, and it keeps no process alive. */
  rest(): void;
  /** It is used again, and ends with the signal. */
  wake(signal: AbortSignal | undefined): void;
}

/** What the work finds; the session is gone behind it. */
export async function lookOnly<S extends SqlSession, T>(
  session: S,
  work: (session: S) => Promise<T>,
): Promise<T> {
  try {
    return await work(session);
  } finally {
    session.destroy();
  }
}
