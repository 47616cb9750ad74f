// Waiting that ends in time: nobody who never answers can hold the caller.
import { OVER } from './over.ts';
import type { Clock } from '../clock.ts';

export interface Limit<T> {
  readonly clock: Clock;
  readonly ms: number;
  /** What is given, or thrown, when the time is up. */
  readonly onLimit: () => T;
}

/** `work`, or what `onLimit` says after `ms`. What the work does, or throws, afterwards is not waited for. */
export async function within<T>({ clock, ms, onLimit }: Limit<T>, work: Promise<T>): Promise<T> {
  const over = new AbortController();
  const late = clock.sleep(ms, over.signal).then(onLimit);
  try {
    return await Promise.race([work, late]);
  } finally {
    late.catch(() => undefined);
    work.catch(() => undefined);
    over.abort(OVER);
  }
}
