// Work in a transaction of its own, once more where another one stood against it.
import { toSyncError } from '../../../src/core/errors.ts';

/** Two that do the same at once may deadlock, or both make a table; one of them then has its way the second time. */
const attempts = 3;

export async function withAnotherTry<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      const failure = toSyncError(error, 'TARGET_FAILED');
      if (attempt === attempts || failure.code !== 'TARGET_FAILED' || !failure.retriable) throw failure;
    }
  }
}
