// Waiting for news, for at most so long: any number wait, and a wake ends every wait that is on.
import type { Clock } from '../clock.ts';

/** One for all: an abort without a reason makes an error with a stack, at every wake. */
const woken = new Error('woken');

export class Wakeup {
  /** Only those that wait now: a wait that ended takes itself out, or 200,000 of them would be walked at every wake. */
  readonly #waiting = new Set<() => void>();

  /** Ends the waits that are on, if any; it is not kept for a later one. */
  wake(): void {
    for (const end of this.#waiting) end();
    this.#waiting.clear();
  }

  /** Resolves at the next wake, when the signal aborts, or after `ms`. */
  async wait(ms: number, clock: Clock, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return;
    const waiting = new AbortController();
    const end = (): void => waiting.abort(woken);
    this.#waiting.add(end);
    signal?.addEventListener('abort', end, { once: true });
    // It rejects when it is ended early, and then only.
    await clock.sleep(ms, waiting.signal).catch(() => undefined);
    signal?.removeEventListener('abort', end);
    this.#waiting.delete(end);
  }
}
