// One clock for all runs of an executor: a tick a second, no timer per run.
import type { Clock } from '../../src/core/clock.ts';

const TICK_MS = 1_000;

export interface TickLoop {
  /** Called with the time at each tick; must not block and not throw. Returns how to leave. */
  add(onTick: (now: number) => void): () => void;
  /** Resolves when `signal` is aborted. */
  run(signal: AbortSignal): Promise<void>;
}

export function createTickLoop(clock: Clock): TickLoop {
  const listeners = new Set<(now: number) => void>();
  return {
    add: (onTick) => {
      // Wrapped, so that the same function may be added twice.
      const listener = (now: number): void => onTick(now);
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    run: async (signal) => {
      for (;;) {
        await clock.sleep(TICK_MS, signal).catch(() => undefined);
        if (signal.aborted) return;
        const now = clock.monotonic();
        for (const listener of [...listeners]) listener(now);
      }
    },
  };
}
