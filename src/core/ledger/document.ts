// The ledger of one target as a document, and its decisions: the rules of ledger-decisions.ts, over plain objects instead of SQL,
// for targets without SQL transactions. One target (a file, a table) has one job at most.
import type {
  AbortOutcome,
  BeginOutcome,
  BeginRequest,
  DirtyEntry,
  LedgerJob,
  LedgerPartition,
  LedgerPlan,
  LedgerRun,
  LedgerSplit,
} from './ledger.ts';
import { judgeKnownRun } from './judge-known-run.ts';
import type { IsBefore, Position } from '../position.ts';
import { trustAtBegin, trustAtReset } from './target-trust.ts';
import type { TargetTrust } from './target-trust.ts';
import type { Text } from '../text.ts';

export interface LedgerDocument {
  job: (LedgerJob & { readonly trust: TargetTrust }) | null;
  /** By epoch. */
  runs: DocumentRun[];
}

export interface DocumentRun {
  readonly epoch: number;
  readonly taskId: string;
  state: LedgerRun['state'];
  readonly base: Position | null;
  plan: LedgerPlan | null;
  skipped: number;
  /** Ended splits. */
  ended: number;
  doubts: readonly Text[];
  /** Sums of the splits, kept when the run ends: its splits go before it does. */
  sums: SplitSums | null;
  partitions: LedgerPartition[];
  splits: LedgerSplit[];
  dirty: DirtyEntry[];
}

interface SplitSums {
  readonly read: number;
  readonly filtered: number;
  readonly nulled: number;
  readonly written: number;
  readonly dirty: number;
  readonly deleted: number;
  readonly removed: number;
}

const KEPT_RUNS = 100;

export function beginRun(ledger: LedgerDocument, request: BeginRequest): BeginOutcome {
  const { job } = ledger;
  if (job !== null && job.job !== request.job) return { kind: 'table-taken', by: job.job };
  const known = newestRun(ledger, request.taskId);
  if (job !== null && known !== null) {
    const outcome = judgeKnownRun({ job, known, holding: newestRun(ledger, job.taskId), request });
    if (outcome !== null) return outcome;
  }
  const digestChanged = job !== null && job.epoch > 0 && !request.byHand && job.digest !== request.digest;
  if (digestChanged && request.mode !== 'full') return { kind: 'digest-changed', stored: job.digest };
  const base = digestChanged ? null : (job?.watermark ?? null);
  const trust = trustAtBegin(job?.trust ?? null, request.mapping, {
    watermark: job?.watermark ?? null,
    digestChanged,
  });
  return startRun(ledger, request, { base, trust });
}

function startRun(
  ledger: LedgerDocument,
  request: BeginRequest,
  { base, trust }: { readonly base: Position | null; readonly trust: TargetTrust },
): BeginOutcome {
  const { job, taskId, digest } = request;
  const epoch = (ledger.job?.epoch ?? 0) + 1;
  const last = ledger.runs.at(-1);
  for (const run of ledger.runs) {
    if (run.state === 'running') closeRun(run, 'aborted');
    if (run !== last) Object.assign(run, { plan: null, partitions: [], splits: [], dirty: [] });
  }
  ledger.runs = ledger.runs.slice(-KEPT_RUNS);
  ledger.job = { job, epoch, taskId, watermark: base, digest, trust };
  ledger.runs.push({
    epoch,
    taskId,
    state: 'running',
    base,
    plan: null,
    skipped: 0,
    ended: 0,
    doubts: [],
    sums: null,
    partitions: [],
    splits: [],
    dirty: [],
  });
  return { kind: 'begun', epoch, base };
}

export function abortRun(ledger: LedgerDocument, request: { job: string; taskId: string }): AbortOutcome {
  const { job } = ledger;
  const run = newestRun(ledger, request.taskId);
  if (job?.job !== request.job || job.taskId !== request.taskId || run === null)
    return { kind: 'not-holder' };
  if (run.state === 'complete') return { kind: 'complete', run: showRun(job.job, run) };
  if (run.state === 'running') {
    ledger.job = { ...job, epoch: job.epoch + 1 };
    closeRun(run, 'aborted');
  }
  return { kind: 'aborted', counts: showRun(job.job, run).counts };
}

/** false: the watermark is not at the run's base any more. */
export function completeRun(ledger: LedgerDocument, epoch: number, to: Position | null): boolean {
  const run = runOf(ledger, epoch);
  if (run === null || ledger.job === null || ledger.job.watermark !== run.base) return false;
  ledger.job = { ...ledger.job, watermark: to };
  closeRun(run, 'complete');
  return true;
}

export function runOf(ledger: LedgerDocument, epoch: number): DocumentRun | null {
  return ledger.runs.find((run) => run.epoch === epoch) ?? null;
}

export function newestRun(ledger: LedgerDocument, taskId: string): DocumentRun | null {
  return ledger.runs.filter((run) => run.taskId === taskId).at(-1) ?? null;
}

/** As the port shows a run; what the source read is known of a complete run only. */
export function showRun(job: string, run: DocumentRun): LedgerRun {
  const { epoch, taskId, state, base, plan, skipped, doubts } = run;
  const { read, filtered, nulled, written, dirty, deleted, removed } = run.sums ?? sumSplits(run);
  const known = state === 'complete';
  return {
    job,
    epoch,
    taskId,
    state,
    base,
    plan,
    counts: {
      read: known ? read : null,
      filtered: known ? filtered : null,
      emitted: known ? read - filtered : null,
      written,
      dirty,
      nulled: known ? nulled : null,
      deleted,
      removed,
      skipped,
    },
    doubts,
  };
}

function closeRun(run: DocumentRun, state: 'complete' | 'aborted'): void {
  run.sums = sumSplits(run);
  run.state = state;
}

function sumSplits({ splits }: DocumentRun): SplitSums {
  const sum = (of: (split: LedgerSplit) => number | null): number =>
    splits.reduce((total, split) => total + (of(split) ?? 0), 0);
  return {
    read: sum((split) => split.read),
    filtered: sum((split) => split.filtered),
    nulled: sum((split) => split.nulled),
    written: sum((split) => split.written),
    dirty: sum((split) => split.dirty),
    deleted: sum((split) => split.deleted),
    removed: sum((split) => split.removed),
  };
}

/** false: the document does not know the job. */
export function resetWatermark(
  ledger: LedgerDocument,
  job: string,
  reset: { readonly watermark: Position | null; readonly isBefore: IsBefore },
): boolean {
  if (ledger.job?.job !== job) return false;
  const { watermark, isBefore } = reset;
  const trust = trustAtReset(ledger.job.trust, { from: ledger.job.watermark, to: watermark }, isBefore);
  ledger.job = { ...ledger.job, watermark, trust, epoch: ledger.job.epoch + 1 };
  return true;
}

export function removeJob(ledger: LedgerDocument, job: string): void {
  if (ledger.job?.job !== job) return;
  ledger.job = null;
  ledger.runs = [];
}

/** The job as the port shows it. */
export function withoutTrust({ job, epoch, taskId, watermark, digest }: LedgerJob): LedgerJob {
  return { job, epoch, taskId, watermark, digest };
}
