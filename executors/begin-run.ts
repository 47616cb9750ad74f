// Begin: the run becomes the job's current one in the target, before anything of it starts. All older tasks are fenced by this.
import { SyncError } from '../src/core/errors.ts';
import type { BeginOutcome, TargetLedger } from '../src/core/ledger.ts';
import type { RunProgress, RunSession } from './run-session.ts';
import type { Verdict } from './verdict.ts';
import type { Wiring } from './wire-job.ts';
import { digestOf } from './wire-job.ts';

/** A verdict when the run is over already; null: go on. Throws TARGET_UNREACHABLE, TARGET_DENIED, and what a refusal means. */
export async function beginRun(
  session: RunSession,
  progress: RunProgress,
  { wiring, signal }: { readonly wiring: Wiring; readonly signal: AbortSignal },
): Promise<Verdict | null> {
  if (wiring.sink === null) {
    return null;
  }
  progress.step = 'opening the ledger in the target';
  const ledger = await wiring.sink.openLedger(wiring.sinkConfig);
  if (signal.aborted) await ledger.close();
  signal.throwIfAborted();
  progress.ledger = ledger;
  progress.step = 'beginning the run in the target';
  progress.begin = 'unknown';
  const outcome = await ledger.begin({
    job: session.run.jobId,
    taskId: session.run.id,
    digest: digestOf(wiring, wiring.sink),
    mode: session.run.mode,
    byHand: false,
  });
  return settle(session, progress, { ledger, outcome });
}

async function settle(
  session: RunSession,
  progress: RunProgress,
  { ledger, outcome }: { readonly ledger: TargetLedger; readonly outcome: BeginOutcome },
): Promise<Verdict | null> {
  if (outcome.kind === 'begun' || outcome.kind === 'current') {
    progress.begin = 'begun';
    progress.epoch = outcome.epoch;
    progress.base = outcome.base;
    const from = outcome.base === null ? 'no watermark' : `watermark ${new Date(outcome.base).toISOString()}`;
    session.log.add('info', `begun in the target: epoch ${outcome.epoch}, ${from}`);
    const complete = outcome.kind === 'current' && outcome.complete;
    const run = complete ? await ledger.readRun(session.run.jobId, session.run.id) : null;
    return run === null ? null : { kind: 'complete', run };
  }
  progress.begin = 'refused';
  throw refusal(outcome);
}

function refusal(outcome: Exclude<BeginOutcome, { kind: 'begun' | 'current' }>): SyncError {
  switch (outcome.kind) {
    case 'zombie':
      return new SyncError('FENCED', { message: `run ${outcome.holder} holds the job in the target` });
    case 'digest-changed':
      return new SyncError('DIGEST_CHANGED', {
        message: 'source, target or key mapping changed since the last run: an increment would not fit',
      });
    case 'table-taken':
      return new SyncError('CONFLICT', {
        message: `the target table is written by job ${outcome.by} already: two jobs on one table are refused`,
      });
  }
}
