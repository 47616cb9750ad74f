// One run in the hands of this executor, from its claim to its end, or left to the next executor on the way.
import { SyncError, toSyncError } from '../../src/core/errors.ts';
import type { StatusMessage } from '../../src/core/status.ts';
import { untilAborted } from '../../src/core/waiting/until-aborted.ts';
import type { ExecutorContext } from '../executor-parts.ts';
import { holdLease } from '../lease.ts';
import type { Lease } from '../lease.ts';
import { watchRun } from '../watch/watch-run.ts';
import type { Starting } from '../patience.ts';
import type { BeginStep } from './begin-run.ts';
import { beginRun, openLedger, readBegun, wireRun } from './begin-run.ts';
import { endedBefore, runPreSteps } from '../steps/run-steps.ts';
import { closeRun } from './close-run.ts';
import { explainStall } from '../watch/explain-stall.ts';
import { LeftRun, leaveRun } from './leave-run.ts';
import { openRun } from './open-run.ts';
import type { Begun, ClaimedRun, Reached, RunSession } from './run-session.ts';
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

/** claim → open → begin → pre steps → start → watch → settle → post steps, close */
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

/** begin → pre steps → start → watch. Whatever one of them throws is a verdict, too, but that the lease is lost or the run is left. */
async function judgeRun(session: RunSession, claimed: Reached, keep: Keep): Promise<Verdict> {
  const settled = endedBefore(claimed);
  if (settled !== null) return settled;
  const early: StatusMessage[] = [];
  const leave = session.executor.hub.watch(session.run.id, (status) => void early.push(status));
  try {
    const begun = await withinStart(session, (starting) => begin(starting, claimed, keep));
    if (begun.over !== null) return begun.over;
    // Fenced already: no older task writes while they run.
    const stepped = await runPreSteps(session, begun.reached, keep);
    if (stepped.over !== null) return stepped.over;
    const started = await withinStart(session, (starting) => start(starting, stepped.reached, keep));
    const { watched, ended } = await watchRun({ session, started, early });
    keep({ ...started, watched });
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

/** A step that was let go of, and comes back, changes nothing: what it had reached was judged. */
function keepWhile({ signal }: Starting, keepLast: Keep): Keep {
  return (reached) => {
    signal.throwIfAborted();
    return keepLast(reached);
  };
}

/** Each step from what the one before it reached. */
async function begin(starting: Starting, claimed: Reached, keepLast: Keep): Promise<BeginStep> {
  const keep = keepWhile(starting, keepLast);
  const wired = keep(await wireRun(starting, claimed));
  const opened = keep(await openLedger(starting, wired));
  const first = await beginRun(starting, opened);
  keep(first.reached);
  if (first.over !== null) return first;
  const second = await readBegun(starting, first.reached);
  keep(second.reached);
  return second;
}

async function start(starting: Starting, begun: Begun, keepLast: Keep): Promise<Started> {
  const keep = keepWhile(starting, keepLast);
  starting.session.executor.log.holds?.hold(begun.wiring.topic, starting.session.run.jobId);
  const followed = await followRun(starting, begun);
  const started = followed ?? (await startRun(starting, keep(await prepareStart(starting, begun))));
  return keep(await advanceRun(starting, keep(started)));
}
