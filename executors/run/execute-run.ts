// One run in the hands of this executor, from its claim to its end, or left to the next executor on the way.
import { SyncError, toSyncError } from '../../src/core/errors.ts';
import type { StatusMessage } from '../../src/core/status.ts';
import { untilAborted } from '../../src/core/waiting/until-aborted.ts';
import type { ExecutorContext } from '../executor-parts.ts';
import { holdLease } from '../lease.ts';
import type { Lease } from '../lease.ts';
import { watchRun } from '../watch/watch-run.ts';
import { beginRun } from './begin-run.ts';
import { closeRun } from './close-run.ts';
import { explainStall } from '../watch/explain-stall.ts';
import { LeftRun, leaveRun } from './leave-run.ts';
import { openRun } from './open-run.ts';
import type { ClaimedRun, RunProgress, RunSession } from './run-session.ts';
import { newProgress } from './run-session.ts';
import { settleRun } from './settle-run.ts';
import { withinStart } from './start-limit.ts';
import { startRun } from './start-run.ts';
import type { Verdict } from './verdict.ts';
import { brokenBy } from './verdict.ts';

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

/** claim → open → begin → start → watch → settle → close */
async function carry(executor: ExecutorContext, claim: ClaimedRun, lease: Lease): Promise<void> {
  const session = await openRun(executor, claim, lease);
  if (session === null) return;
  const progress = newProgress(claim);
  try {
    const verdict = await judgeRun(session, progress);
    const settlement = await settleRun(session, progress, verdict);
    await closeRun(session, progress, settlement);
  } catch (error) {
    if (!(error instanceof LeftRun)) throw error;
    await leaveRun(session, progress);
  } finally {
    await progress.ledger?.close();
  }
}

/** begin → start → watch. Whatever one of them throws is a verdict, too, but that the lease is lost or the run is left. */
async function judgeRun(session: RunSession, progress: RunProgress): Promise<Verdict> {
  const early: StatusMessage[] = [];
  const leave = session.executor.hub.watch(session.run.id, (status) => void early.push(status));
  try {
    const started = await withinStart(session, progress, async (starting) => {
      const begun = await beginRun(starting);
      return 'over' in begun ? begun : startRun(starting, begun);
    });
    if ('over' in started) return started.over;
    const verdict = await watchRun({ session, progress, ...started, early });
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
