// The ledger of one target file as data, and its decisions: the rules of src/core/ledger-decisions.ts, over plain objects
// instead of SQL. One file has one job at most.
//
//   task id unknown ─────────────────────────────────────────────► begun
//   known, holds the job: running, epoch is the job's ───────────► current
//                         complete ── executor ──────────────────► current (complete)
//                         complete or aborted ── by hand ────────► begun again, under the same id
//   known, another holds: complete, holder not running, by hand ─► begun again
//   everything else ─────────────────────────────────────────────► zombie
import type {
  AbortOutcome,
  BeginOutcome,
  BeginRequest,
  LedgerJob,
  LedgerPartition,
  LedgerPlan,
  LedgerRun,
  LedgerSplit,
} from '../../src/core/ledger.ts';
import type { DirtyEntry } from '../../src/core/sink-store.ts';

export interface FileLedger {
  job: LedgerJob | null;
  /** By epoch. */
  runs: FileRun[];
  /** Bytes of the target file that are written; null: no row was ever written. */
  length: number | null;
  /** The last rows written: whoever reads the ledger makes sure that they stand in the file. */
  tail: { readonly at: number; readonly base64: string } | null;
}

export interface FileRun {
  readonly epoch: number;
  readonly taskId: string;
  state: LedgerRun['state'];
  readonly base: number | null;
  plan: LedgerPlan | null;
  skipped: number;
  /** Sums of the splits, kept when the run ends: its splits go before it does. */
  sums: SplitSums | null;
  partitions: LedgerPartition[];
  splits: LedgerSplit[];
  dirty: DirtyEntry[];
}

interface SplitSums {
  readonly read: number;
  readonly filtered: number;
  readonly written: number;
  readonly dirty: number;
}

const KEPT_RUNS = 100;

export function emptyLedger(): FileLedger {
  return { job: null, runs: [], length: null, tail: null };
}

export function beginRun(ledger: FileLedger, request: BeginRequest): BeginOutcome {
  const { job } = ledger;
  if (job !== null && job.job !== request.job) return { kind: 'table-taken', by: job.job };
  const known = newestRun(ledger, request.taskId);
  const outcome = job === null || known === null ? null : judgeKnown(ledger, { job, known, request });
  if (outcome !== null) return outcome;
  const digestChanged = job !== null && job.epoch > 0 && !request.byHand && job.digest !== request.digest;
  if (digestChanged && request.mode !== 'full') return { kind: 'digest-changed', stored: job.digest };
  const base = digestChanged ? null : (job?.watermark ?? null);
  return startRun(ledger, request, base);
}

function judgeKnown(
  ledger: FileLedger,
  at: { readonly job: LedgerJob; readonly known: FileRun; readonly request: BeginRequest },
): BeginOutcome | null {
  const { job, known, request } = at;
  const zombie = { kind: 'zombie', holder: job.taskId } as const;
  if (job.taskId === request.taskId) {
    const complete = known.state === 'complete';
    const running = known.state === 'running' && known.epoch === job.epoch;
    if (running || (complete && !request.byHand))
      return { kind: 'current', epoch: known.epoch, base: known.base, complete };
    return request.byHand ? null : zombie;
  }
  if (!request.byHand || known.state !== 'complete') return zombie;
  const holding = newestRun(ledger, job.taskId);
  return holding?.state === 'running' && holding.epoch === job.epoch ? zombie : null;
}

function startRun(ledger: FileLedger, request: BeginRequest, base: number | null): BeginOutcome {
  const { job, taskId, digest } = request;
  const epoch = (ledger.job?.epoch ?? 0) + 1;
  const last = ledger.runs.at(-1);
  for (const run of ledger.runs) {
    if (run.state === 'running') closeRun(run, 'aborted');
    if (run !== last) Object.assign(run, { partitions: [], splits: [], dirty: [] });
  }
  ledger.runs = ledger.runs.slice(-KEPT_RUNS);
  ledger.job = { job, epoch, taskId, watermark: base, digest };
  ledger.runs.push({
    epoch,
    taskId,
    state: 'running',
    base,
    plan: null,
    skipped: 0,
    sums: null,
    partitions: [],
    splits: [],
    dirty: [],
  });
  return { kind: 'begun', epoch, base };
}

export function abortRun(ledger: FileLedger, request: { job: string; taskId: string }): AbortOutcome {
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
export function completeRun(ledger: FileLedger, epoch: number, to: number | null): boolean {
  const run = runOf(ledger, epoch);
  if (run === null || ledger.job === null || ledger.job.watermark !== run.base) return false;
  ledger.job = { ...ledger.job, watermark: to };
  closeRun(run, 'complete');
  return true;
}

export function runOf(ledger: FileLedger, epoch: number): FileRun | null {
  return ledger.runs.find((run) => run.epoch === epoch) ?? null;
}

export function newestRun(ledger: FileLedger, taskId: string): FileRun | null {
  return ledger.runs.filter((run) => run.taskId === taskId).at(-1) ?? null;
}

/** As the port shows a run; what the source read is known of a complete run only. */
export function showRun(job: string, run: FileRun): LedgerRun {
  const { epoch, taskId, state, base, plan, skipped } = run;
  const { read, filtered, written, dirty } = run.sums ?? sumSplits(run);
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
      skipped,
    },
  };
}

function closeRun(run: FileRun, state: 'complete' | 'aborted'): void {
  run.sums = sumSplits(run);
  run.state = state;
}

function sumSplits({ splits }: FileRun): SplitSums {
  const sum = (of: (split: LedgerSplit) => number | null): number =>
    splits.reduce((total, split) => total + (of(split) ?? 0), 0);
  return {
    read: sum((split) => split.read),
    filtered: sum((split) => split.filtered),
    written: sum((split) => split.written),
    dirty: sum((split) => split.dirty),
  };
}
