// A queue whose wake-ups are carried out at once, and which tells when each is done.
import type { RunQueue } from '../../src/core/ports/queue.ts';

export interface FakeQueue extends RunQueue {
  /** Ids that were woken, in order. */
  readonly woken: string[];
}

export function createFakeQueue(): FakeQueue {
  let onWake: ((runId: string) => Promise<void>) | null = null;
  const woken: string[] = [];
  return {
    woken,
    wake: (runId) => {
      woken.push(runId);
      void onWake?.(runId);
      return Promise.resolve();
    },
    listen: (listener) => {
      onWake = listener.onWake;
      return Promise.resolve();
    },
    ping: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}
