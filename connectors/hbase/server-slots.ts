// How many scanners of a task may work on one region server at a time: handlers there are shared with everybody else.
import { abortReason } from '../../src/core/clock.ts';

export class ServerSlots {
  readonly #perServer: number;
  readonly #used = new Map<string, number>();
  readonly #waiting = new Map<string, (() => void)[]>();

  constructor(perServer: number) {
    this.#perServer = perServer;
  }

  /** Runs `work` when the server has a free slot, in the order of the calls. Rejects with the signal's reason when aborted before. */
  async run<T>(server: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    await this.#take(server, signal);
    try {
      return await work();
    } finally {
      this.#give(server);
    }
  }

  async #take(server: string, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const used = this.#used.get(server) ?? 0;
    if (used < this.#perServer) {
      this.#used.set(server, used + 1);
      return;
    }
    await this.#wait(server, signal);
  }

  /** Resolves when a slot was handed over. */
  #wait(server: string, signal: AbortSignal): Promise<void> {
    const queue = this.#waiting.get(server) ?? [];
    this.#waiting.set(server, queue);
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        queue.splice(queue.indexOf(onSlot), 1);
        reject(abortReason(signal));
      };
      const onSlot = (): void => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      };
      signal.addEventListener('abort', onAbort, { once: true });
      queue.push(onSlot);
    });
  }

  #give(server: string): void {
    const next = this.#waiting.get(server)?.shift();
    if (next !== undefined) next();
    else this.#used.set(server, (this.#used.get(server) ?? 1) - 1);
  }
}
