// Begin: the run becomes the job's current one in the target, before anything of it starts. All older tasks are fenced by this.
// A run that was taken over is found as begun, or as ended.
import { SyncError } from '../../src/core/errors.ts';
import type { JobSpec } from '../../src/core/job.ts';
import type { BeginOutcome, TargetLedger } from '../../src/core/ledger/ledger.ts';
import { requireReachable } from '../../src/core/network/check-hosts.ts';
import type { ExecutorContext } from '../executor-parts.ts';
import type { Starting } from '../patience.ts';
import { patiently } from '../patience.ts';
import type { Begun } from './run-session.ts';
import type { Verdict } from './verdict.ts';
import { broken } from './verdict.ts';
import type { Wiring } from './wire-job.ts';
import { contentOf, digestOf, wireJob } from './wire-job.ts';

/** The run is over before it started: complete in the target, or ended there. */
export interface Over {
  readonly over: Verdict;
}

/** Throws TARGET_UNREACHABLE, TARGET_DENIED, what a refusal means, and what wireJob throws. */
export async function beginRun(starting: Starting): Promise<Begun | Over> {
  const { session, progress, signal } = starting;
  const { executor, run, spec, takenOver } = session;
  const wiring = await patiently(starting, 'asking whose the sink is', () =>
    wireJob(executor, run.jobId, spec),
  );
  if (!takenOver) await guardHosts(executor, spec);
  progress.wiring = wiring;
  const { sink } = wiring.plugins;
  if (sink === null)
    return {
      wiring,
      ledger: null,
      epoch: run.epoch,
      base: run.report?.watermarkBefore ?? null,
      deletesFrom: null,
    };
  const ledger = await patiently(starting, 'opening the ledger in the target', () =>
    sink.openLedger(wiring.sink.config),
  );
  if (signal.aborted) await ledger.close();
  signal.throwIfAborted();
  progress.ledger = ledger;
  progress.begin = 'unknown';
  const digest = digestOf(wiring, sink);
  const mapping = { digest: contentOf(wiring, sink), version: run.jobVersion };
  const outcome = await patiently(starting, 'beginning the run in the target', () =>
    ledger.begin({ job: run.jobId, taskId: run.id, digest, mapping, mode: run.mode, byHand: false }),
  );
  return readOutcome(starting, { wiring, ledger, outcome });
}

async function readOutcome(
  starting: Starting,
  begin: { readonly wiring: Wiring; readonly ledger: TargetLedger; readonly outcome: BeginOutcome },
): Promise<Begun | Over> {
  const { session, progress, signal } = starting;
  const { wiring, ledger, outcome } = begin;
  if (outcome.kind === 'begun' || outcome.kind === 'current') {
    const { epoch, base } = outcome;
    progress.begin = 'begun';
    progress.base = base;
    const trust = await patiently(starting, 'reading the job in the target', () =>
      ledger.readTrust(session.run.jobId),
    );
    const from = base === null ? 'no watermark' : `watermark ${base}`;
    session.log.add('info', `begun in the target: epoch ${epoch}, ${from}`);
    const complete =
      outcome.kind === 'current' && outcome.complete
        ? await patiently(starting, 'reading the run in the target', () =>
            ledger.readRun(session.run.jobId, session.run.id),
          )
        : null;
    if (complete !== null) return { over: { kind: 'complete', run: complete } };
    signal.throwIfAborted();
    return { wiring, ledger, epoch, base, deletesFrom: trust?.deletesFrom ?? null };
  }
  progress.begin = 'refused';
  if (outcome.kind === 'zombie' && outcome.holder === session.run.id)
    return {
      over: broken(
        'LEASE_LOST',
        'the executor that held the run ended it in the target, and was gone before it said why',
      ),
    };
  throw refusal(outcome);
}

/** Guarded when the job was saved, too: a name may lead elsewhere since, and what is refused may have grown. */
async function guardHosts(executor: ExecutorContext, { source, sink }: JobSpec): Promise<void> {
  await requireReachable(executor, source, 'source.config');
  await requireReachable(executor, sink, 'sink.config');
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
