// Work that has a time limit: it gets a signal that ends it, and nobody waits for it longer, not even for what never looks at
// the signal.
import type { Clock } from '../../../src/core/clock.ts';
import { untilAborted } from '../../../src/core/waiting/until-aborted.ts';

export interface TimeLimit {
  readonly clock: Clock;
  readonly limitMs: number;
  /** Ends the work, and its caller, sooner. */
  readonly signal: AbortSignal;
}

/** What `work` gives; undefined when the time was up first. @throws the reason of `signal` when that is aborted */
export async function inTime<T>(
  { clock, limitMs, signal }: TimeLimit,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
  signal.throwIfAborted();
  const [over, timeUp] = [new AbortController(), new AbortController()];
  const within = AbortSignal.any([signal, timeUp.signal]);
  clock.sleep(limitMs, over.signal).then(() => timeUp.abort(), ignore);
  try {
    return await untilAborted(within, work(within));
  } catch (error) {
    signal.throwIfAborted();
    if (!timeUp.signal.aborted) throw error;
    return undefined;
  } finally {
    over.abort();
    timeUp.abort();
  }
}

function ignore(): void {
  // The work was over first.
}
