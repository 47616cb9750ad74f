// One run in the hands of this executor: open → begin → start → watch → settle → close, or left to the next executor on the way.
import type { ClaimedRun } from './run-session.ts';
import { shapeOf, SyncError, toShape, toSyncError } from '../../src/core/errors.ts';
import type { JobSpec } from '../../src/core/job.ts';
import type { Run, RunReason } from '../../src/core/run.ts';
import type { StatusMessage } from '../../src/core/status.ts';
import { untilAborted } from '../../src/core/waiting/until-aborted.ts';
import { explainStall } from './explain-stall.ts';
import type { ExecutorContext } from '../executor-parts.ts';
import { finishRun } from './finish-run.ts';
import { LeftRun, leaveRun } from './leave-run.ts';
import { holdLease } from '../lease.ts';
import type { Lease } from '../lease.ts';
import type { RunProgress, RunSession } from './run-session.ts';
import { newProgress, openSession, sayState } from './run-session.ts';
import { startRun } from './start-run.ts';
import { untilStored } from '../until-stored.ts';
import type { Verdict } from './verdict.ts';
import { brokenBy } from './verdict.ts';
import { watchRun } from '../watch/watch-run.ts';

/** Resolves when the run is over, or this executor's no more. */
export async function executeRun(executor: ExecutorContext, claim: ClaimedRun): Promise<void> {
  const lease = holdLease(executor, claim);
  try {
    await untilAborted(lease.signal, carry(executor, claim, lease));
  } catch (error) {
    if (toSyncError(error).code !== 'LEASE_LOST') throw error;
    executor.emit({ type: 'lease.lost', runId: claim.run.id });
  } finally {
    lease.release();
  }
}

async function carry(executor: ExecutorContext, claim: ClaimedRun, lease: Lease): Promise<void> {
  const spec = await readSpec(executor, claim.run, lease);
  if ('code' in spec) return endUnread(executor, claim.run, { reason: spec, lease });
  const session = openSession(executor, claim, { spec, lease });
  const { attempt, mode } = claim.run;
  if (!claim.takenOver) sayState(session, { from: 'queued', to: 'starting' });
  const how = claim.takenOver ? 'taken over' : 'started';
  session.log.add('info', `${how} by ${executor.owner}: attempt ${attempt}, mode ${mode}`);
  const progress = newProgress(claim);
  try {
    const verdict = await judgeRun(session, progress);
    await finishRun(session, progress, verdict);
  } catch (error) {
    if (!(error instanceof LeftRun)) throw error;
    await leaveRun(session, progress);
  } finally {
    await progress.ledger?.close();
  }
}

/** Throws LEASE_LOST, and that the run is left. */
async function judgeRun(session: RunSession, progress: RunProgress): Promise<Verdict> {
  const early: StatusMessage[] = [];
  const leave = session.executor.hub.watch(session.run.id, (status) => void early.push(status));
  try {
    const outcome = await startRun(session, progress);
    if (outcome.kind === 'over') return outcome.verdict;
    const { wiring, connectors } = outcome;
    const verdict = await watchRun({ session, progress, wiring, connectors, early });
    return await explainStall(session, verdict);
  } catch (error) {
    if (error instanceof LeftRun || toSyncError(error).code === 'LEASE_LOST') throw error;
    // A defect: its stack is for the log, the report has none.
    if (!(error instanceof SyncError))
      session.executor.emit({ type: 'service.failed', service: `run ${session.run.id}`, error });
    return brokenBy(error);
  } finally {
    leave();
  }
}

/** Why it can't be read, where that does not pass: such a run ends, or nobody could cancel or delete it. */
async function readSpec(executor: ExecutorContext, run: Run, lease: Lease): Promise<JobSpec | RunReason> {
  const { clock, jobs } = executor;
  try {
    const read = (): Promise<JobSpec | null> => jobs.readVersion(run.jobId, run.jobVersion);
    const spec = await untilStored({ clock, signal: lease.signal }, read);
    return spec ?? shapeOf('NOT_FOUND', `version ${run.jobVersion} of job ${run.jobId} is not stored`);
  } catch (error) {
    lease.signal.throwIfAborted();
    return toShape(error);
  }
}

async function endUnread(
  executor: ExecutorContext,
  run: Run,
  { reason, lease }: { readonly reason: RunReason; readonly lease: Lease },
): Promise<void> {
  const { clock, emit, owner, runs } = executor;
  const end = { id: run.id, owner, state: 'failed', reason, report: null } as const;
  if (!(await untilStored({ clock, signal: lease.signal }, () => runs.finish(end)))) return;
  const ids = { jobId: run.jobId, runId: run.id };
  emit({ type: 'run.ended', job: null, ...ids, state: 'failed', reason, report: null, next: null });
}
