// A service that a run needs in order to start may be away or busy for a moment: each call of the start is repeated while the
// error says that another try may do, until the start's own limit.
import { SyncError, toSyncError } from '../src/core/errors.ts';
import { doubling, retry } from '../src/core/waiting/retry.ts';
import type { RunSession } from './run/run-session.ts';

const pauseMs = doubling(250, 2_000);

/** What a start is at, said when it takes too long. */
export interface Doing {
  /** In gerund. */
  readonly step: string;
  /** What was last in the way of that step, and may pass. */
  readonly trouble: SyncError | null;
}

export interface Starting {
  readonly session: RunSession;
  readonly signal: AbortSignal;
  readonly say: (doing: Doing) => void;
}

/** Throws what can't pass, and the signal's reason. */
export async function patiently<T>(
  { session, signal, say }: Starting,
  step: string,
  work: () => Promise<T>,
): Promise<T> {
  say({ step, trouble: null });
  const isPassing = (error: unknown): boolean => {
    if (!(error instanceof SyncError) || !error.retriable) return false;
    // It does not come back by waiting: the next attempt makes it anew.
    if (error.code === 'CONNECTOR_GONE') return false;
    say({ step, trouble: error });
    return true;
  };
  const result = await retry({ clock: session.executor.clock, signal, pauseMs, isPassing }, work);
  say({ step, trouble: null });
  return result;
}

/** The start took too long: what was in its way is the reason, if something was. */
export function tooLong({ step, trouble }: Doing, limitMs: number): SyncError {
  const message = `starting took longer than ${limitMs / 1_000} s: still ${step}`;
  if (trouble === null) return new SyncError('STALLED', { message });
  const { code, retriable, place } = toSyncError(trouble);
  return new SyncError(code, {
    message,
    retriable,
    ...(place === undefined ? {} : { place }),
    cause: trouble,
  });
}
