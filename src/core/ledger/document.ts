// The ledger of one target as a document, for targets without SQL transactions: what rules.ts decides, stored in plain objects.
// One target (a file, a table) has one job at most.
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
  WatermarkReset,
} from './ledger.ts';
import { countsOf, decideAbort, decideBegin, keptEpochs, mayComplete, resetJob } from './rules.ts';
import type { HeldJob, SplitSums } from './rules.ts';
import type { Position } from '../position.ts';
import type { Text } from '../text.ts';

export interface LedgerDocument {
  job: HeldJob | null;
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

export function beginRun(ledger: LedgerDocument, request: BeginRequest): BeginOutcome {
  const held = ledger.job;
  const job = held?.job === request.job ? held : null;
  const { outcome, start } = decideBegin(
    {
      job,
      known: job === null ? null : newestRun(ledger, request.taskId),
      holding: job === null ? null : newestRun(ledger, job.taskId),
      takenBy: job === null ? (held?.job ?? null) : null,
      hasMoved: false,
    },
    request,
  );
  if (start !== null) startRun(ledger, start);
  return outcome;
}

function startRun(ledger: LedgerDocument, job: HeldJob): void {
  const last = ledger.runs.at(-1);
  for (const run of ledger.runs) {
    if (run.state === 'running') closeRun(run, 'aborted');
    if (run !== last) Object.assign(run, { plan: null, partitions: [], splits: [], dirty: [] });
  }
  const { epoch, taskId, watermark: base } = job;
  ledger.runs = ledger.runs.filter((run) => run.epoch >= epoch - keptEpochs);
  ledger.job = job;
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
}

export function abortRun(ledger: LedgerDocument, request: { job: string; taskId: string }): AbortOutcome {
  const job = ledger.job?.job === request.job ? ledger.job : null;
  const run = newestRun(ledger, request.taskId);
  const decision = decideAbort(job, run, request.taskId);
  if (decision === 'not-holder' || job === null || run === null) return { kind: 'not-holder' };
  if (decision === 'complete') return { kind: 'complete', run: showRun(job.job, run) };
  if (decision === 'abort') {
    ledger.job = { ...job, epoch: job.epoch + 1 };
    closeRun(run, 'aborted');
  }
  return { kind: 'aborted', counts: showRun(job.job, run).counts };
}

/** false: the watermark is not at the run's base any more. */
export function completeRun(ledger: LedgerDocument, epoch: number, to: Position | null): boolean {
  const [job, run] = [ledger.job, runOf(ledger, epoch)];
  if (job === null || run === null || !mayComplete(job, run)) return false;
  ledger.job = { ...job, watermark: to };
  closeRun(run, 'complete');
  return true;
}

/**
 * The job while rows of a unit are on their way, for targets that can't change rows and ledger together: what those hold that the unit
 * writes, of the rows that the job remembers, is not known until its commit, should that never come. `after`: as the unit leaves it;
 * what it found in the target is not kept by halves, then all stays as it was.
 */
export function jobWhileSent(
  before: HeldJob | null,
  after: HeldJob | null,
  { removes }: { readonly removes: boolean },
): HeldJob | null {
  if (before === null || after === null || foundOf(before) !== foundOf(after)) return before;
  const left = new Map(after.trust.witnesses.map(({ key, mark }) => [key, mark]));
  const witnesses = before.trust.witnesses.flatMap((each) => {
    if (!left.has(each.key)) return removes ? [] : [each];
    return [left.get(each.key) === each.mark ? each : { key: each.key, mark: null }];
  });
  return { ...before, trust: { ...before.trust, witnesses } };
}

function foundOf({ trust: { lost, overwritten, blind } }: HeldJob): string {
  return JSON.stringify([lost, overwritten, blind]);
}

export function runOf(ledger: LedgerDocument, epoch: number): DocumentRun | null {
  return ledger.runs.find((run) => run.epoch === epoch) ?? null;
}

export function newestRun(ledger: LedgerDocument, taskId: string): DocumentRun | null {
  return ledger.runs.filter((run) => run.taskId === taskId).at(-1) ?? null;
}

/** As the port shows a run. */
export function showRun(job: string, run: DocumentRun): LedgerRun {
  const { epoch, taskId, state, base, plan, skipped, doubts } = run;
  const counts = countsOf(state, run.sums ?? sumSplits(run), skipped);
  return { job, epoch, taskId, state, base, plan, counts, doubts };
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
export function resetWatermark(ledger: LedgerDocument, job: string, reset: WatermarkReset): boolean {
  if (ledger.job?.job !== job) return false;
  ledger.job = resetJob(ledger.job, reset);
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
