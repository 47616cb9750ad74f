// begin and start, within the time that the job allows for them together.
import { fromShape } from '../../src/core/errors.ts';
import { untilAborted } from '../../src/core/waiting/until-aborted.ts';
import type { Doing, Starting } from '../patience.ts';
import { tooLong } from '../patience.ts';
import { LeftRun } from './leave-run.ts';
import type { RunSession } from './run-session.ts';

/** Throws what keeps the run from starting: SyncError, a cancel or a stop of the executor among them; and that it is left. */
export async function withinStart<T>(
  session: RunSession,
  work: (starting: Starting) => Promise<T>,
): Promise<T> {
  const { lease, spec } = session;
  // Aborted, it also keeps whatever hangs from writing anything when it comes back.
  const over = new AbortController();
  let doing: Doing = { step: 'beginning', trouble: null };
  const say = (next: Doing): void => void (doing = next);
  const limitMs = Math.min(spec.policy.startMs, spec.policy.timeoutMs);
  const leaves = [
    session.interrupts.attend((asked) =>
      over.abort(asked.kind === 'leave' ? new LeftRun() : fromShape(asked.reason)),
    ),
    limitStart(session, limitMs, () => over.abort(tooLong(doing, limitMs))),
  ];
  const signal = AbortSignal.any([over.signal, lease.signal]);
  try {
    return await untilAborted(signal, work({ session, signal, say }));
  } finally {
    for (const leave of leaves) leave();
  }
}

/** Time in which the database was away does not count: nothing could be done in it. Returns how to leave. */
function limitStart({ executor, lease }: RunSession, limitMs: number, onLimit: () => void): () => void {
  let lastAt = executor.clock.monotonic();
  let spentMs = 0;
  return executor.ticks.add((now) => {
    if (lease.isHeld()) spentMs += now - lastAt;
    lastAt = now;
    if (spentMs >= limitMs) onLimit();
  });
}
