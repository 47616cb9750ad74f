// Waiting that ends with a signal, for work that does not look at it.
import { abortReason } from '../clock.ts';

/** `work`, or the signal's reason thrown as soon as it is aborted. What the work does afterwards is not waited for. */
export function untilAborted<T>(signal: AbortSignal | undefined, work: Promise<T>): Promise<T> {
  if (signal === undefined) return work;
  return new Promise<T>((resolve, reject) => {
    const onAbort = (): void => reject(abortReason(signal));
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    void work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
