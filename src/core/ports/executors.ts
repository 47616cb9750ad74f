// Port: the executors that are there, by their names (SQLite, MariaDB/MySQL, PostgreSQL).

export interface ExecutorStore {
  /** Says that an executor of the name is there, and forgets those that were not seen for a week. */
  sayHere(name: string): Promise<void>;
  /** By name. */
  list(): Promise<readonly SeenExecutor[]>;
}

export interface SeenExecutor {
  readonly name: string;
  /** By the database's time, ms. */
  readonly seenAt: number;
  /** It said so lately. */
  readonly here: boolean;
}

/** How often an executor says that it is there, and after which silence it is taken for gone. */
export const sayHereEveryMs = 20_000;
export const goneAfterMs = 60_000;
