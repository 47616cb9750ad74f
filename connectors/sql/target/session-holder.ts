// Keeps the sessions of one ledger or store between transactions, and runs transactions on them.
import { toSyncError } from '../../../src/core/errors.ts';
import type { SqlSession } from './session.ts';

const maxIdle = 2;

/** Sessions of others before and after. */
export interface Keeping<S> {
  take(): S | null;
  /** False: it is to be destroyed. */
  keep(session: S): boolean;
}

export class SessionHolder<S extends SqlSession> {
  readonly #open: () => Promise<S>;
  readonly #keeping: Keeping<S> | null;
  readonly #idle: S[] = [];
  readonly #busy = new Set<S>();

  constructor(open: () => Promise<S>, keeping: Keeping<S> | null = null) {
    this.#open = open;
    this.#keeping = keeping;
  }

  /** Outside a transaction. A session that failed is dropped. */
  async use<T>(work: (session: S) => Promise<T>): Promise<T> {
    const session = await this.#take();
    try {
      const result = await work(session);
      this.#giveBack(session);
      return result;
    } catch (error) {
      this.#drop(session);
      throw error;
    }
  }

  /**
   * COMMIT when `work` resolves, ROLLBACK or a dropped connection when it throws. A failed COMMIT is passed on as it is:
   * TARGET_UNREACHABLE then means that nobody knows its outcome.
   */
  async transaction<T>(work: (session: S) => Promise<T>): Promise<T> {
    const session = await this.#begin();
    try {
      const result = await work(session);
      await session.commit();
      this.#giveBack(session);
      return result;
    } catch (error) {
      await this.#rollback(session);
      throw error;
    }
  }

  close(): void {
    for (const session of this.#idle) if (this.#keeping?.keep(session) !== true) session.destroy();
    for (const session of this.#busy) session.destroy();
    this.#idle.length = 0;
  }

  /** The server closes sessions that slept too long; one that closed just now is replaced, nothing was done on it yet. */
  async #begin(): Promise<S> {
    for (;;) {
      const used = this.#takeIdle() ?? this.#keeping?.take() ?? null;
      const session = used ?? (await this.#open());
      this.#busy.add(session);
      try {
        await session.begin();
        return session;
      } catch (error) {
        this.#drop(session);
        if (used === null || toSyncError(error).code !== 'TARGET_UNREACHABLE') throw error;
      }
    }
  }

  async #take(): Promise<S> {
    const session = this.#takeIdle() ?? (await this.#open());
    this.#busy.add(session);
    return session;
  }

  #takeIdle(): S | null {
    const idle = this.#idle;
    for (let session = idle.pop(); session !== undefined; session = idle.pop())
      if (session.alive) return session;
    return null;
  }

  #giveBack(session: S): void {
    this.#busy.delete(session);
    if (session.alive && this.#idle.length < maxIdle) this.#idle.push(session);
    else session.destroy();
  }

  #drop(session: S): void {
    this.#busy.delete(session);
    session.destroy();
  }

  async #rollback(session: S): Promise<void> {
    try {
      if (!session.alive) throw new Error('the connection is gone');
      await session.rollback();
      this.#giveBack(session);
    } catch {
      // The caller gets the error that led here; a dropped connection is rolled back by the server.
      this.#drop(session);
    }
  }
}
