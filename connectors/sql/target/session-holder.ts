// Keeps the sessions of one ledger or store between transactions, and runs transactions on them.
import { toSyncError } from '../../../src/core/errors.ts';
import type { SqlSession } from './session.ts';

const maxIdle = 2;

export class SessionHolder<S extends SqlSession> {
  readonly #open: () => Promise<S>;
  readonly #idle: S[] = [];
  readonly #busy = new Set<S>();

  constructor(open: () => Promise<S>) {
    this.#open = open;
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
    for (const session of [...this.#idle, ...this.#busy]) session.destroy();
    this.#idle.length = 0;
  }

  /** The server closes sessions that slept too long; one that closed just now is replaced, nothing was done on it yet. */
  async #begin(): Promise<S> {
    for (;;) {
      const reused = this.#idle.some((session) => session.alive);
      const session = await this.#take();
      try {
        await session.begin();
        return session;
      } catch (error) {
        this.#drop(session);
        if (!reused || toSyncError(error).code !== 'TARGET_UNREACHABLE') throw error;
      }
    }
  }

  async #take(): Promise<S> {
    for (let session = this.#idle.pop(); session !== undefined; session = this.#idle.pop()) {
      if (!session.alive) continue;
      this.#busy.add(session);
      return session;
    }
    const session = await this.#open();
    this.#busy.add(session);
    return session;
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
