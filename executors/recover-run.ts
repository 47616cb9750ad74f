// Ends a run whose executor died: its lease ran out, and somebody must say in the target that it is over.
import { toSyncError } from '../src/core/errors.ts';
import type { ClaimedRun } from './execute-run.ts';
import { holdSession } from './execute-run.ts';
import type { ExecutorContext } from './executor-parts.ts';
import { finishRun } from './finish-run.ts';
import type { RunProgress, RunSession } from './run-session.ts';
import { newProgress } from './run-session.ts';
import { broken } from './verdict.ts';
import { wireJob } from './wire-job.ts';

/** `claim`: a run taken over. Complete in the target → succeeded; else lost, and tried again as the job allows. */
export async function recoverRun(executor: ExecutorContext, claim: ClaimedRun): Promise<void> {
  await holdSession(executor, claim, async (session) => {
    session.log.add('warn', `taken over by ${executor.owner}: the executor that held the run is gone`);
    const progress = newProgress(claim.run);
    try {
      await findTraces(session, progress);
      // A run that was to be cancelled is not tried again.
      const verdict = claim.run.cancelRequested
        ? broken('CANCELLED', 'cancelled on request, after the executor that held the run was gone')
        : broken('LEASE_LOST', 'the executor that held the run is gone');
      await finishRun(session, progress, verdict);
    } finally {
      await progress.ledger?.close();
    }
  });
}

/** Where the dead executor got to is not known: everything it may have touched is looked at. */
async function findTraces(session: RunSession, progress: RunProgress): Promise<void> {
  const { executor, run, spec } = session;
  progress.epoch = run.epoch;
  progress.base = run.report?.watermarkBefore ?? null;
  try {
    const wiring = wireJob(executor, run.jobId, spec);
    progress.wiring = wiring;
    progress.connectorsTouched = true;
    progress.ledger = (await wiring.sink?.openLedger(wiring.sinkConfig)) ?? null;
    progress.begin = 'unknown';
  } catch (error) {
    const { message } = toSyncError(error);
    progress.notes.push({
      en: `the target could not be asked: ${message}`,
      zh: `未能询问目标:${message}`,
    });
  }
}
