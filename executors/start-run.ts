// From the claimed row to going connectors, within the time that the job allows for it.
import { SyncError } from '../src/core/errors.ts';
import { untilAborted } from '../src/core/waiting/until-aborted.ts';
import { beginRun } from './begin-run.ts';
import type { RunProgress, RunSession } from './run-session.ts';
import type { StartedConnectors } from './start-connectors.ts';
import { startConnectors } from './start-connectors.ts';
import type { Verdict } from './verdict.ts';
import type { Wiring } from './wire-job.ts';
import { wireJob } from './wire-job.ts';

export type StartOutcome =
  | { readonly kind: 'started'; readonly wiring: Wiring; readonly connectors: StartedConnectors }
  | { readonly kind: 'over'; readonly verdict: Verdict };

/** Throws what keeps the run from starting: SyncError, a cancel or a stop of the executor among them. */
export async function startRun(session: RunSession, progress: RunProgress): Promise<StartOutcome> {
  const { executor, spec } = session;
  // Aborted, it also keeps whatever hangs from writing anything when it comes back.
  const over = new AbortController();
  const leave = session.interrupts.attend((kind) => over.abort(interruption(kind)));
  const limitMs = Math.min(spec.policy.startMs, spec.policy.timeoutMs);
  const timer = new AbortController();
  executor.clock.sleep(limitMs, timer.signal).then(
    () => over.abort(tooLong(progress, limitMs)),
    () => undefined,
  );
  try {
    const signal = AbortSignal.any([over.signal, session.lease.signal]);
    return await untilAborted(signal, start(session, progress, signal));
  } finally {
    timer.abort();
    leave();
  }
}

async function start(session: RunSession, progress: RunProgress, signal: AbortSignal): Promise<StartOutcome> {
  const { executor, run } = session;
  const wiring = wireJob(executor, run.jobId, session.spec);
  progress.wiring = wiring;
  const verdict = await beginRun(session, progress, { wiring, signal });
  if (verdict !== null) return { kind: 'over', verdict };
  signal.throwIfAborted();
  const connectors = await startConnectors(session, progress, { wiring, signal });
  await advance(session, progress);
  const where = `${connectors.incarnation === null ? 'a' : 'our'} Connect cluster ${wiring.cluster.name}`;
  session.log.add('info', `connectors resumed on ${where}, topic ${wiring.topic}`);
  return { kind: 'started', wiring, connectors };
}

async function advance(session: RunSession, progress: RunProgress): Promise<void> {
  const { executor, run } = session;
  const step = { from: 'starting', to: 'running', epoch: progress.epoch } as const;
  const moved = await executor.runs.advance({ id: run.id, owner: executor.owner, ...step });
  if (!moved) throw new SyncError('LEASE_LOST', { message: `run ${run.id} is no longer this executor's` });
  progress.state = 'running';
  executor.emit({ type: 'run.state', jobId: run.jobId, runId: run.id, from: step.from, to: step.to });
}

function interruption(kind: 'cancel' | 'stop'): SyncError {
  return kind === 'cancel'
    ? new SyncError('CANCELLED', { message: 'cancelled on request' })
    : new SyncError('EXECUTOR_STOPPED', { message: 'the executor was shut down during the run' });
}

function tooLong(progress: RunProgress, limitMs: number): SyncError {
  return new SyncError('STALLED', {
    message: `starting took longer than ${limitMs / 1_000} s: still ${progress.step}`,
  });
}
