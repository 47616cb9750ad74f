// Begin: the run becomes the job's current one in the target, before anything of it starts. All older tasks are fenced by this.
// A run that was taken over is found as begun, or as ended.
import { SyncError } from '../../src/core/errors.ts';
import type { JobSpec } from '../../src/core/job.ts';
import type { BeginOutcome } from '../../src/core/ledger/ledger.ts';
import { requireReachable } from '../../src/core/network/check-hosts.ts';
import type { JobStore } from '../../src/core/ports/jobs.ts';
import type { ExecutorContext } from '../executor-parts.ts';
import type { Starting } from '../patience.ts';
import { patiently } from '../patience.ts';
import type { Begun, Reached, Wired } from './run-session.ts';
import type { Verdict } from './verdict.ts';
import { broken, brokenBy } from './verdict.ts';
import { contentOf, digestOf, wireJob } from './wire-job.ts';

/** What begin came to. */
export type BeginStep =
  | { readonly reached: Begun; readonly over: null }
  /** The run is over before it started: refused, or ended in the target. */
  | { readonly reached: Wired; readonly over: Verdict };

/** Throws what wireJob throws, and ADDRESS_REFUSED. */
export async function wireRun(starting: Starting, reached: Reached): Promise<Wired> {
  const { executor, run, spec, takenOver } = starting.session;
  const wiring = await patiently(starting, 'asking whose the sink is', () =>
    wireJob(executor, run.jobId, spec),
  );
  if (!takenOver) await guardHosts(executor, spec);
  return { ...reached, wiring };
}

/** Throws TARGET_UNREACHABLE, TARGET_LOGIN. */
export async function openLedger(starting: Starting, reached: Wired): Promise<Wired> {
  const { plugins, sink } = reached.wiring;
  const plugin = plugins.sink;
  if (plugin === null) return reached;
  const ledger = await patiently(starting, 'opening the ledger in the target', () =>
    plugin.openLedger(sink.config),
  );
  if (starting.signal.aborted) await ledger.close();
  starting.signal.throwIfAborted();
  return { ...reached, ledger, begin: 'unknown' };
}

/** Throws TARGET_UNREACHABLE, TARGET_DENIED. */
export async function beginRun(starting: Starting, reached: Wired): Promise<BeginStep> {
  const { run, executor } = starting.session;
  const { wiring, ledger } = reached;
  const { sink } = wiring.plugins;
  if (sink === null || ledger === null) {
    const base = run.report?.watermarkBefore ?? null;
    const begun = { ...reached, epoch: run.epoch, base, deletesFrom: null, isComplete: false };
    return { reached: begun, over: null };
  }
  const digest = digestOf(wiring, sink);
  const mapping = { digest: contentOf(wiring, sink), version: run.jobVersion };
  const outcome = await patiently(starting, 'beginning the run in the target', () =>
    ledger.begin({ job: run.jobId, taskId: run.id, digest, mapping, mode: run.mode, byHand: false }),
  );
  if (outcome.kind === 'begun' || outcome.kind === 'current') {
    const { epoch, base } = outcome;
    const isComplete = outcome.kind === 'current' && outcome.complete;
    const known = { epoch, base, deletesFrom: null, isComplete };
    return { reached: { ...reached, begin: 'begun', ...known }, over: null };
  }
  const said = outcome.kind === 'table-taken' ? await named(executor.jobs, outcome) : outcome;
  return { reached: { ...reached, begin: 'refused' }, over: verdictOf(said, run.id) };
}

function verdictOf(outcome: Refused, runId: string): Verdict {
  if (outcome.kind === 'zombie' && outcome.holder === runId)
    return broken(
      'LEASE_LOST',
      'the executor that held the run ended it in the target, and was gone before it said why',
    );
  return brokenBy(refusal(outcome));
}

/** What the target knows of the run besides. Throws TARGET_UNREACHABLE. */
export async function readBegun(starting: Starting, reached: Begun): Promise<BeginStep> {
  const { ledger, epoch, base, isComplete } = reached;
  if (ledger === null) return { reached, over: null };
  const { run, log } = starting.session;
  const trust = await patiently(starting, 'reading the job in the target', () => ledger.readTrust(run.jobId));
  const from = base === null ? 'no watermark' : `watermark ${base}`;
  log.add('info', `begun in the target: epoch ${epoch}, ${from}`);
  const complete = !isComplete
    ? null
    : await patiently(starting, 'reading the run in the target', () => ledger.readRun(run.jobId, run.id));
  if (complete !== null) return { reached, over: { kind: 'complete', run: complete } };
  return { reached: { ...reached, deletesFrom: trust?.deletesFrom ?? null }, over: null };
}

/** Guarded when the job was saved, too: a name may lead elsewhere since, and what is refused may have grown. */
async function guardHosts(executor: ExecutorContext, { source, sink }: JobSpec): Promise<void> {
  await requireReachable(executor, source, 'source.config');
  await requireReachable(executor, sink, 'sink.config');
}

/** The ledger knows the other job's id only; of another installation nobody knows the name. */
export async function named<T extends { readonly by: string }>(
  jobs: Pick<JobStore, 'readHead'>,
  taken: T,
): Promise<T> {
  const head = await jobs.readHead(taken.by).catch(() => null);
  return head === null ? taken : { ...taken, by: `${head.name} (${taken.by})` };
}

type Refused = Exclude<BeginOutcome, { kind: 'begun' | 'current' }>;

/** What the ledger's answer means to a person. */
export function refusal(outcome: Refused): SyncError {
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
