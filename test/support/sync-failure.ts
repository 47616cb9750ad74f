// The SyncError that an act must end with.
import { SyncError } from '../../src/core/errors.ts';

export async function failureOf(act: Promise<unknown>): Promise<SyncError> {
  const outcome = await act.then(
    () => null,
    (error: unknown) => error,
  );
  if (outcome instanceof SyncError) return outcome;
  throw new Error('the act did not fail with a SyncError', { cause: outcome });
}
