// A service that a run needs in order to start may be away or busy for a moment: each call of the start is repeated while the
// error says that another try may do, until the start's own limit.
import { SyncError, toSyncError } from '../src/core/errors.ts';
import { doubling, retry } from '../src/core/waiting/retry.ts';
import type { RunProgress, RunSession } from './run/run-session.ts';

const pauseMs = doubling(250, 2_000);

export interface Starting {
  readonly session: RunSession;
  readonly progress: RunProgress;
  readonly signal: AbortSignal;
}

/** `step`: what is being done, in gerund. Throws what can't pass, and the signal's reason. */
export async function patiently<T>(
  { session, progress, signal }: Starting,
  step: string,
  work: () => Promise<T>,
): Promise<T> {
  progress.step = step;
  progress.trouble = null;
  const isPassing = (error: unknown): boolean => {
    if (!(error instanceof SyncError) || !error.retriable) return false;
    // It does not come back by waiting: the next attempt makes it anew.
    if (error.code === 'CONNECTOR_GONE') return false;
    progress.trouble = error;
    return true;
  };
  const result = await retry({ clock: session.executor.clock, signal, pauseMs, isPassing }, work);
  progress.trouble = null;
  return result;
}

/** The start took too long: what was in its way is the reason, if something was. */
export function tooLong({ step, trouble }: RunProgress, limitMs: number): SyncError {
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
