// Trying again: how long to pause, and until when.
import { abortReason } from '../clock.ts';
import type { Clock } from '../clock.ts';

export interface Retrying {
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  /** Pause before the n-th repetition, from 1. */
  readonly pauseMs: (repetition: number) => number;
  /** Counted from the call: no repetition begins later. Absent: as often as `isPassing` lets it. */
  readonly withinMs?: number;
  /** May it be tried again after this error, the so-manieth? */
  readonly isPassing: (error: unknown, failures: number) => boolean;
}

/** Repeats `attempt` over passing errors. Throws the last one, or the signal's reason. */
export async function retry<T>(retrying: Retrying, attempt: () => Promise<T>): Promise<T> {
  const { clock, signal, withinMs = Infinity } = retrying;
  const deadline = clock.monotonic() + withinMs;
  for (let failures = 1; ; failures += 1) {
    if (signal?.aborted === true) throw abortReason(signal);
    try {
      return await attempt();
    } catch (error) {
      const pauseMs = retrying.pauseMs(failures);
      if (!retrying.isPassing(error, failures) || clock.monotonic() + pauseMs > deadline) throw error;
      await clock.sleep(pauseMs, signal);
    }
  }
}

/** Twice as long each time: for services that are away or busy. */
export function doubling(firstMs: number, longestMs: number): (repetition: number) => number {
  return (repetition) => Math.min(longestMs, firstMs * 2 ** (repetition - 1));
}

/** Any pause up to a growing one: for callers that contend for one thing, so that they don't meet again. */
export function scattered(stepMs: number, longestMs: number): (repetition: number) => number {
  return (repetition) => Math.random() * Math.min(longestMs, stepMs * repetition);
}
