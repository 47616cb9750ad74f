// From the claimed row to going connectors, within the time that the job allows for it. A run that was taken over goes on where it
// stands: what was begun is not begun again.
import { fromShape, SyncError } from '../../src/core/errors.ts';
import { untilAborted } from '../../src/core/waiting/until-aborted.ts';
import { beginRun } from './begin-run.ts';
import { followConnectors } from './follow-connectors.ts';
import { LeftRun } from './leave-run.ts';
import type { Starting } from '../patience.ts';
import { patiently, tooLong } from '../patience.ts';
import type { RunProgress, RunSession } from './run-session.ts';
import { sayState } from './run-session.ts';
import type { StartedConnectors } from './start-connectors.ts';
import { startConnectors } from './start-connectors.ts';
import { untilStored } from '../until-stored.ts';
import type { Verdict } from './verdict.ts';
import type { Wiring } from './wire-job.ts';
import type { ExecutorContext } from '../executor-parts.ts';
import type { JobSpec } from '../../src/core/job.ts';
import { requireReachable } from '../../src/core/network/check-hosts.ts';
import { wireJob } from './wire-job.ts';

export type StartOutcome =
  | { readonly kind: 'started'; readonly wiring: Wiring; readonly connectors: StartedConnectors }
  | { readonly kind: 'over'; readonly verdict: Verdict };

/** Throws what keeps the run from starting: SyncError, a cancel or a stop of the executor among them; and that it is left. */
export async function startRun(session: RunSession, progress: RunProgress): Promise<StartOutcome> {
  const { lease, spec } = session;
  // Aborted, it also keeps whatever hangs from writing anything when it comes back.
  const over = new AbortController();
  const limitMs = Math.min(spec.policy.startMs, spec.policy.timeoutMs);
  const leaves = [
    session.interrupts.attend((asked) =>
      over.abort(asked.kind === 'leave' ? new LeftRun() : fromShape(asked.reason)),
    ),
    limitStart(session, limitMs, () => over.abort(tooLong(progress, limitMs))),
  ];
  const signal = AbortSignal.any([over.signal, lease.signal]);
  try {
    return await untilAborted(signal, start({ session, progress, signal }));
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

async function start(starting: Starting): Promise<StartOutcome> {
  const { session, progress, signal } = starting;
  const { executor, run, takenOver } = session;
  const wiring = await patiently(starting, 'asking whose the sink is', () =>
    wireJob(executor, run.jobId, session.spec),
  );
  if (!takenOver) await guardHosts(executor, session.spec);
  progress.wiring = wiring;
  const verdict = await beginRun(starting, wiring);
  if (verdict !== null) return { kind: 'over', verdict };
  signal.throwIfAborted();
  const followed = takenOver ? await followConnectors(starting, wiring) : null;
  const connectors = followed ?? (await startConnectors(starting, wiring));
  if (progress.state === 'starting') await advance(starting);
  const [at, to] = [wiring.source.cluster.name, wiring.sink.cluster.name];
  const where = `${connectors.incarnation === null ? 'a' : 'our'} Connect cluster ${at}${at === to ? '' : `, the sink on ${to}`}`;
  const how = followed === null ? 'resumed' : 'followed';
  session.log.add('info', `connectors ${how} on ${where}, topic ${wiring.topic}`);
  return { kind: 'started', wiring, connectors };
}

/** Guarded when the job was saved, too: a name may lead elsewhere since, and what is refused may have grown. */
async function guardHosts(executor: ExecutorContext, { source, sink }: JobSpec): Promise<void> {
  await requireReachable(executor, source, 'source.config');
  await requireReachable(executor, sink, 'sink.config');
}

async function advance({ session, progress, signal }: Starting): Promise<void> {
  const { executor, run } = session;
  const { clock, owner, runs } = executor;
  progress.step = 'telling the database that the run goes';
  const step = { from: 'starting', to: 'running', epoch: progress.epoch } as const;
  const moved = await untilStored({ clock, signal }, () => runs.advance({ id: run.id, owner, ...step }));
  if (!moved && !(await untilStored({ clock, signal }, () => isAdvanced(session))))
    throw new SyncError('LEASE_LOST', { message: `run ${run.id} is no longer this executor's` });
  progress.state = 'running';
  sayState(session, step);
}

/** A step whose answer was lost is found as done. */
async function isAdvanced({ executor, run }: RunSession): Promise<boolean> {
  const row = await executor.runs.read(run.id);
  return row !== null && row.owner === executor.owner && row.state === 'running';
}
