// Waiting that ends early: no service that never answers can hold a run. What the work does afterwards is not waited for.
import type { Clock } from '../src/core/clock.ts';
import { abortReason } from '../src/core/clock.ts';
import type { SyncError } from '../src/core/errors.ts';

/** `work`, or the signal's reason thrown as soon as it is aborted. */
export function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const onAbort = (): void => reject(abortReason(signal));
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    void work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

/** `work`, or `onLimit()` thrown after `ms`. */
export async function withinLimit<T>(
  limit: { readonly clock: Clock; readonly ms: number; readonly onLimit: () => SyncError },
  work: Promise<T>,
): Promise<T> {
  const done = new AbortController();
  const late = limit.clock.sleep(limit.ms, done.signal).then(() => {
    throw limit.onLimit();
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    done.abort();
  }
}
