// Waiting for a connector of somebody else as long as it gives signs of life.
import type { Clock } from '../../src/core/clock.ts';
import { abortReason } from '../../src/core/clock.ts';
import { silent, type Guard } from './faults.ts';

/** After a stop it may end by itself for so long. */
export const GRACE_MS = 5_000;

export interface Signs {
  /** Grows with each sign. */
  readonly signs: number;
  /** It has nothing to do: others are at work. */
  readonly waits: boolean;
}

export interface Hearing {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly signs: Signs;
  /** In gerund. */
  readonly what: string;
}

/** Ends with the work, some seconds after it was stopped, or when nothing was heard for too long. */
export async function hear<T>(
  { name, answerMs }: Guard,
  { clock, signal, signs, what }: Hearing,
  act: () => Promise<T>,
): Promise<T> {
  const over = new AbortController();
  const stop = AbortSignal.any([signal, over.signal]);
  const giveUp = async (): Promise<never> => {
    while (!stop.aborted) {
      const before = signs.signs;
      await clock.sleep(answerMs, stop).catch(() => undefined);
      if (!isAborted(stop) && signs.signs === before && !signs.waits) throw silent(name, what, answerMs);
    }
    await clock.sleep(GRACE_MS, over.signal);
    throw abortReason(signal);
  };
  const work = Promise.resolve().then(act);
  const givingUp = giveUp();
  // Whichever comes second is nobody's any more.
  for (const end of [work, givingUp]) end.catch(() => undefined);
  try {
    return await Promise.race([work, givingUp]);
  } finally {
    over.abort();
  }
}

/** Asked again after a wait: it may have changed meanwhile. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
