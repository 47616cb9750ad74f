// One run in the hands of this executor, from its claim to its end, or left to the next executor on the way.
import { SyncError, toSyncError } from '../../src/core/errors.ts';
import type { StatusMessage } from '../../src/core/status.ts';
import { untilAborted } from '../../src/core/waiting/until-aborted.ts';
import type { ExecutorContext } from '../executor-parts.ts';
import { holdLease } from '../lease.ts';
import type { Lease } from '../lease.ts';
import { watchRun } from '../watch/watch-run.ts';
import type { Starting } from '../patience.ts';
import { beginRun, openLedger, readBegun, wireRun } from './begin-run.ts';
import { closeRun } from './close-run.ts';
import { explainStall } from '../watch/explain-stall.ts';
import { LeftRun, leaveRun } from './leave-run.ts';
import { openRun } from './open-run.ts';
import type { ClaimedRun, Reached, RunSession } from './run-session.ts';
import { reachedByClaim } from './run-session.ts';
import { settleRun } from './settle-run.ts';
import { withinStart } from './start-limit.ts';
import { prepareStart } from './start-connectors.ts';
import type { Started } from './start-run.ts';
import { advanceRun, followRun, startRun } from './start-run.ts';
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
  let reached = reachedByClaim(claim);
  const keep: Keep = (next) => {
    reached = next;
    return next;
  };
  try {
    const verdict = await judgeRun(session, reached, keep);
    const settlement = await settleRun(session, reached, verdict);
    await closeRun(session, reached, settlement);
  } catch (error) {
    if (!(error instanceof LeftRun)) throw error;
    await leaveRun(session, reached);
  } finally {
    await reached.ledger?.close();
  }
}

/** Gives back what a step has reached, kept for the case that the next one throws. */
type Keep = <R extends Reached>(reached: R) => R;

/** begin → start → watch. Whatever one of them throws is a verdict, too, but that the lease is lost or the run is left. */
async function judgeRun(session: RunSession, claimed: Reached, keep: Keep): Promise<Verdict> {
  const early: StatusMessage[] = [];
  const leave = session.executor.hub.watch(session.run.id, (status) => void early.push(status));
  try {
    const going = await withinStart(session, (starting) => goAhead(starting, claimed, keep));
    if (going.over !== null) return going.over;
    const { watched, ended } = await watchRun({ session, started: going.started, early });
    keep({ ...going.started, watched });
    if ('thrown' in ended) throw ended.thrown;
    return await explainStall(session, ended.verdict);
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

type Going = { readonly over: null; readonly started: Started } | { readonly over: Verdict };

/** begin → start, each step from what the one before it reached. */
async function goAhead(starting: Starting, claimed: Reached, keepLast: Keep): Promise<Going> {
  // A step that was let go of, and comes back, changes nothing: what it had reached was judged.
  const keep: Keep = (reached) => {
    starting.signal.throwIfAborted();
    return keepLast(reached);
  };
  const wired = keep(await wireRun(starting, claimed));
  const opened = keep(await openLedger(starting, wired));
  const first = await beginRun(starting, opened);
  keep(first.reached);
  if (first.over !== null) return first;
  const second = await readBegun(starting, first.reached);
  keep(second.reached);
  if (second.over !== null) return second;
  starting.session.executor.log.holds?.hold(second.reached.wiring.topic, starting.session.run.jobId);
  const followed = await followRun(starting, second.reached);
  const started = followed ?? (await startRun(starting, keep(await prepareStart(starting, second.reached))));
  return { over: null, started: keep(await advanceRun(starting, keep(started))) };
}
