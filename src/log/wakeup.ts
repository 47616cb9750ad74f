// Waiting for news, for at most so long.
import type { Clock } from '../core/clock.ts';

export class Wakeup {
  #waiting: AbortController | null = null;

  /** Ends the wait that is on, if any. */
  wake(): void {
    this.#waiting?.abort();
  }

  /** Resolves at the next wake, or after `ms`. One waits at a time. */
  async wait(ms: number, clock: Clock): Promise<void> {
    const waiting = new AbortController();
    this.#waiting = waiting;
    await clock.sleep(ms, waiting.signal).catch(() => undefined);
    this.#waiting = null;
  }
}
