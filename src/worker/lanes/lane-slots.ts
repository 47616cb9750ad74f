// The lane's side of the shared slots: asks the main thread, waits for its word, gives back what is not needed any more.
import { abortReason } from '../../core/clock.ts';
import type { SharedSlots, SlotRequest } from '../../core/connector/shared-slots.ts';
import type { FromLane } from './lane-protocol.ts';

export class LaneSlots {
  readonly #say: (message: FromLane) => void;
  readonly #waiting = new Map<number, () => void>();
  #asked = 0;

  constructor(say: (message: FromLane) => void) {
    this.#say = say;
  }

  /** What one task sees of them. */
  of(id: number): SharedSlots {
    return {
      run: async (request, signal, work) => {
        this.#asked += 1;
        const ask = this.#asked;
        try {
          await this.#take({ id, ask, request }, signal);
          return await work();
        } finally {
          this.#say({ type: 'give', id, ask });
        }
      },
    };
  }

  granted(ask: number): void {
    this.#waiting.get(ask)?.();
  }

  /** Resolves when the slot is granted; rejects when aborted before. */
  #take(asked: { id: number; ask: number; request: SlotRequest }, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    return new Promise<void>((resolve, reject) => {
      const onAbort = (): void => reject(abortReason(signal));
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiting.set(asked.ask, () => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      });
      this.#say({ type: 'take', ...asked });
    }).finally(() => this.#waiting.delete(asked.ask));
  }
}
