// Begin: the run becomes the job's current one in the target, before anything of it starts. All older tasks are fenced by this.
// A run that was taken over is found as begun, or as ended.
import { SyncError } from '../../src/core/errors.ts';
import type { BeginOutcome, TargetLedger } from '../../src/core/ledger/ledger.ts';
import type { Starting } from '../patience.ts';
import { patiently } from '../patience.ts';
import type { Verdict } from './verdict.ts';
import { broken } from './verdict.ts';
import type { Wiring } from './wire-job.ts';
import { contentOf, digestOf } from './wire-job.ts';

/** A verdict when the run is over already; null: go on. Throws TARGET_UNREACHABLE, TARGET_DENIED, and what a refusal means. */
export async function beginRun(starting: Starting, wiring: Wiring): Promise<Verdict | null> {
  const { session, progress, signal } = starting;
  const { sink } = wiring.plugins;
  if (sink === null) return null;
  const { id, jobId, mode } = session.run;
  const ledger = await patiently(starting, 'opening the ledger in the target', () =>
    sink.openLedger(wiring.sink.config),
  );
  if (signal.aborted) await ledger.close();
  signal.throwIfAborted();
  progress.ledger = ledger;
  progress.begin = 'unknown';
  const digest = digestOf(wiring, sink);
  const mapping = { digest: contentOf(wiring, sink), version: session.run.jobVersion };
  const outcome = await patiently(starting, 'beginning the run in the target', () =>
    ledger.begin({ job: jobId, taskId: id, digest, mapping, mode, byHand: false }),
  );
  return settle(starting, ledger, outcome);
}

async function settle(
  starting: Starting,
  ledger: TargetLedger,
  outcome: BeginOutcome,
): Promise<Verdict | null> {
  const { session, progress } = starting;
  if (outcome.kind === 'begun' || outcome.kind === 'current') {
    progress.begin = 'begun';
    progress.epoch = outcome.epoch;
    progress.base = outcome.base;
    const trust = await patiently(starting, 'reading the job in the target', () =>
      ledger.readTrust(session.run.jobId),
    );
    progress.deletesFrom = trust?.deletesFrom ?? null;
    const from = outcome.base === null ? 'no watermark' : `watermark ${outcome.base}`;
    session.log.add('info', `begun in the target: epoch ${outcome.epoch}, ${from}`);
    if (outcome.kind === 'begun' || !outcome.complete) return null;
    const run = await patiently(starting, 'reading the run in the target', () =>
      ledger.readRun(session.run.jobId, session.run.id),
    );
    return run === null ? null : { kind: 'complete', run };
  }
  progress.begin = 'refused';
  if (outcome.kind === 'zombie' && outcome.holder === session.run.id)
    return broken(
      'LEASE_LOST',
      'the executor that held the run ended it in the target, and was gone before it said why',
    );
  throw refusal(outcome);
}

/** What the ledger's answer means to a person. */
export function refusal(outcome: Exclude<BeginOutcome, { kind: 'begun' | 'current' }>): SyncError {
  switch (outcome.kind) {
    case 'zombie':
      return new SyncError('FENCED', { message: `run ${outcome.holder} holds the job in the target` });
    case 'digest-changed':
      return new SyncError('DIGEST_CHANGED', {
        message: 'source, target or key mapping changed since the last run: an increment would not fit',
      });
    case 'table-taken':
      return new SyncError('TABLE_TAKEN', {
        message: `the target table is written by job ${outcome.by} already: two jobs on one table are refused`,
      });
  }
}
