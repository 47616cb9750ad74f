// Control rows are written and read as long as it takes: only the database can end a lease, and it is away.
import type { Clock } from '../src/core/clock.ts';
import { toSyncError } from '../src/core/errors.ts';
import { retry } from '../src/core/waiting/retry.ts';

const PAUSE_MS = 1_000;
/** One that refuses is asked so often. */
const REFUSALS = 3;

export interface Storing {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Default: a few; a full disk refuses until somebody makes room. */
  readonly refusals?: number;
}

/** A database that is away is waited for until `signal`, whose reason is thrown. Throws the error of one that refuses too often. */
export function untilStored<T>(
  { clock, signal, refusals: most = REFUSALS }: Storing,
  work: () => Promise<T>,
): Promise<T> {
  let refusals = 0;
  const isPassing = (error: unknown): boolean => {
    const { code, retriable } = toSyncError(error);
    if (code !== 'DATABASE_UNREACHABLE') refusals += 1;
    return retriable && refusals < most;
  };
  return retry({ clock, signal, pauseMs: () => PAUSE_MS, isPassing }, work);
}
