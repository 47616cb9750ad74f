// A clock that stands still until it is told to move. Sleepers wake in the order of their times.
import { abortReason, type Clock } from '../../src/core/clock.ts';

export interface FakeClock extends Clock {
  /** Moves the time on; every sleeper whose time came is awake, and what it does at once is done, when this resolves. */
  advance(ms: number): Promise<void>;
  /** Moves the time on without waking anybody before `advance`. */
  set(now: number): void;
  /** Somebody sets the clock: no time passes. */
  adjust(ms: number): void;
  /** How many sleep. */
  readonly sleepers: number;
}

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

export function createFakeClock(start: number): FakeClock {
  // Two times that can't be taken for each other.
  let now = start;
  let monotonic = 1_000_000;
  const pass = (ms: number): void => {
    now += ms;
    monotonic += ms;
  };
  const sleepers = new Set<Sleeper>();
  const sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(abortReason(signal));
        return;
      }
      const onAbort = (): void => {
        sleepers.delete(sleeper);
        reject(abortReason(signal));
      };
      const wake = (): void => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      };
      const sleeper = { at: monotonic + ms, wake };
      sleepers.add(sleeper);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  return {
    now: () => now,
    monotonic: () => monotonic,
    sleep,
    set: (to) => pass(to - now),
    adjust: (ms) => void (now += ms),
    advance: async (ms) => {
      const end = monotonic + ms;
      for (;;) {
        const next = [...sleepers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
        if (next === undefined) break;
        pass(Math.max(0, next.at - monotonic));
        sleepers.delete(next);
        next.wake();
        await turns();
      }
      pass(Math.max(0, end - monotonic));
      await turns();
    },
    get sleepers() {
      return sleepers.size;
    },
  };
}

/** Lets promises and immediate callbacks run. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}
