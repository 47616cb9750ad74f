// One claimed run from begin to end: start it, watch it, finish it.
import { shapeOf, toSyncError } from '../src/core/errors.ts';
import type { Moment } from '../src/core/clock.ts';
import type { StatusMessage } from '../src/core/status.ts';
import type { Run } from '../src/core/run.ts';
import { untilAborted } from '../src/core/waiting/until-aborted.ts';
import type { ExecutorContext } from './executor-parts.ts';
import { finishRun } from './finish-run.ts';
import type { Interrupts, RunProgress, RunSession } from './run-session.ts';
import { newProgress, openSession } from './run-session.ts';
import { startRun } from './start-run.ts';
import type { Verdict } from './verdict.ts';
import { brokenBy } from './verdict.ts';
import { watchRun } from './watch-run.ts';

export interface ClaimedRun {
  readonly run: Run;
  /** Just before the claim was sent. */
  readonly grantedAt: Moment;
  readonly interrupts: Interrupts;
}

/** Resolves when the run is over, or this executor's no more. Throws DATABASE_* when the job can't be read. */
export async function executeRun(executor: ExecutorContext, claim: ClaimedRun): Promise<void> {
  const { run } = claim;
  await holdSession(executor, claim, async (session) => {
    session.log.add('info', `started by ${executor.owner}: attempt ${run.attempt}, mode ${run.mode}`);
    const progress = newProgress(run);
    try {
      const verdict = await judgeRun(session, progress);
      await finishRun(session, progress, verdict);
    } finally {
      await progress.ledger?.close();
    }
  });
}

/** Holds the lease while `work` goes on. What happens to a run whose lease is lost is the other executor's matter. */
export async function holdSession(
  executor: ExecutorContext,
  claim: ClaimedRun,
  work: (session: RunSession) => Promise<void>,
): Promise<void> {
  const { run } = claim;
  const spec = await executor.jobs.readVersion(run.jobId, run.jobVersion);
  if (spec === null) return endOrphan(executor, run);
  const session = openSession(executor, claim, spec);
  try {
    await untilAborted(session.lease.signal, work(session));
  } catch (error) {
    if (toSyncError(error).code !== 'LEASE_LOST') throw error;
    executor.emit({ type: 'lease.lost', runId: run.id });
  } finally {
    session.lease.release();
  }
}

async function judgeRun(session: RunSession, progress: RunProgress): Promise<Verdict> {
  const early: StatusMessage[] = [];
  const leave = session.executor.hub.watch(session.run.id, (status) => void early.push(status));
  try {
    const outcome = await startRun(session, progress);
    if (outcome.kind === 'over') return outcome.verdict;
    const { wiring, connectors } = outcome;
    return await watchRun({ session, progress, wiring, connectors, early });
  } catch (error) {
    if (toSyncError(error).code === 'LEASE_LOST') throw error;
    return brokenBy(error);
  } finally {
    leave();
  }
}

async function endOrphan(executor: ExecutorContext, run: Run): Promise<void> {
  const message = `version ${run.jobVersion} of job ${run.jobId} is not stored`;
  const reason = shapeOf('NOT_FOUND', message);
  const end = { id: run.id, owner: executor.owner, state: 'failed', reason, report: null } as const;
  if (!(await executor.runs.finish(end))) return;
  const ids = { jobId: run.jobId, runId: run.id };
  executor.emit({ type: 'run.state', ...ids, from: run.state, to: 'failed' });
  executor.emit({ type: 'run.ended', ...ids, state: 'failed', code: reason.code, message });
}
