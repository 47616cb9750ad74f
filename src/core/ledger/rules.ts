// What a ledger decides, over the little that it has to know for it: the rules of every ledger, whatever it is kept in. The adapters
// (sql-*.ts, document*.ts) read that little under the job's lock, ask here, and store the answer in the same transaction.
//
// begin, for a task id:
//   unknown ─────────────────────────────────────────────► begun
//   known, holds the job: running, epoch is the job's ───► current
//                         complete ── executor ──────────► current (complete)
//                         complete or aborted ── by hand ► begun again, under the same id
//   known, another holds: complete, holder not running, by hand ─► begun again
//   everything else ─────────────────────────────────────► zombie
import { SyncError } from '../errors.ts';
import type { BeginOutcome, BeginRequest, LedgerJob, LedgerRun, WatermarkReset } from './ledger.ts';
import type { RunCounts } from '../status.ts';
import { trustAtBegin, trustAtReset } from './target-trust.ts';
import type { TargetTrust } from './target-trust.ts';

/** Old runs stay in the ledger so that a task of theirs that wakes up is known for what it is. */
export const keptEpochs = 1_000;

export type KnownRun = Pick<LedgerRun, 'state' | 'epoch' | 'base'>;

export interface HeldJob extends LedgerJob {
  readonly trust: TargetTrust;
}

export interface BeginState {
  /** null: the target knows no such job. */
  readonly job: HeldJob | null;
  /** The newest run of the request's task id, and of the task id that holds the job. */
  readonly known: KnownRun | null;
  readonly holding: KnownRun | null;
  /** The other job that has the target table; null: nobody has. */
  readonly takenBy: string | null;
  /** The job wrote to another table until now. */
  readonly hasMoved: boolean;
}

/** `start`: the job as the new run finds it; null: nothing is changed. */
export function decideBegin(
  { job, known, holding, takenBy, hasMoved }: BeginState,
  request: BeginRequest,
): { readonly outcome: BeginOutcome; readonly start: HeldJob | null } {
  const answer = (outcome: BeginOutcome) => ({ outcome, start: null });
  const judged = job === null || known === null ? null : judgeKnownRun(job, { known, holding, request });
  if (judged !== null) return answer(judged);
  if (takenBy !== null) return answer({ kind: 'table-taken', by: takenBy });
  const { digest, taskId } = request;
  const digestChanged = job !== null && job.epoch > 0 && !request.byHand && job.digest !== digest;
  if (digestChanged && request.mode !== 'full') return answer({ kind: 'digest-changed', stored: job.digest });
  const watermark = job?.watermark ?? null;
  // Behind another table or mapping the old watermark says nothing: until a run completes, there is none.
  const base = digestChanged || hasMoved ? null : watermark;
  const before = hasMoved ? null : (job?.trust ?? null);
  const trust = trustAtBegin(before, request.mapping, { watermark, digestChanged });
  const epoch = (job?.epoch ?? 0) + 1;
  return {
    outcome: { kind: 'begun', epoch, base },
    start: { job: request.job, epoch, taskId, watermark: base, digest, trust },
  };
}

/** null: it begins anew. */
function judgeKnownRun(
  job: LedgerJob,
  of: { readonly known: KnownRun; readonly holding: KnownRun | null; readonly request: BeginRequest },
): BeginOutcome | null {
  const { known, holding, request } = of;
  const zombie = { kind: 'zombie', holder: job.taskId } as const;
  if (job.taskId === request.taskId) {
    const complete = known.state === 'complete';
    const running = known.state === 'running' && known.epoch === job.epoch;
    if (running || (complete && !request.byHand))
      return { kind: 'current', epoch: known.epoch, base: known.base, complete };
    return request.byHand ? null : zombie;
  }
  if (!request.byHand || known.state !== 'complete') return zombie;
  return holding?.state === 'running' && holding.epoch === job.epoch ? zombie : null;
}

/** `run`: the newest of the task id. `abort`: the job's epoch is raised and the run closed; `aborted`: it was before. */
export function decideAbort(
  job: LedgerJob | null,
  run: Pick<LedgerRun, 'state'> | null,
  taskId: string,
): 'not-holder' | 'complete' | 'aborted' | 'abort' {
  if (job?.taskId !== taskId || run === null) return 'not-holder';
  return run.state === 'running' ? 'abort' : run.state;
}

/** May a run of that epoch move the watermark from its base? Asked under the exclusive lock. */
export function mayComplete(job: LedgerJob | null, run: KnownRun | null): boolean {
  return job !== null && run !== null && job.watermark === run.base;
}

/** The job after somebody moved its watermark: whoever was running is fenced. Throws CONFLICT. */
export function resetJob<Job extends HeldJob>(job: Job, { watermark, epoch, isBefore }: WatermarkReset): Job {
  if (job.epoch !== epoch)
    throw new SyncError('CONFLICT', {
      message: `resetting the watermark: it was moved, or a run began, since it was read (epoch ${job.epoch} now, ${epoch} then)`,
    });
  const trust = trustAtReset(job.trust, { from: job.watermark, to: watermark }, isBefore);
  return { ...job, watermark, trust, epoch: job.epoch + 1 };
}

/** Of a run's splits. */
export interface SplitSums {
  readonly read: number;
  readonly filtered: number;
  readonly nulled: number;
  readonly written: number;
  readonly dirty: number;
  readonly deleted: number;
  readonly removed: number;
}

/**
 * What a run counts. What the source read is known of a complete run only: before that, splits without an END are missing in the sum; and
 * rows that a comparison of keys did not find go when the run completes.
 */
export function countsOf(
  state: LedgerRun['state'],
  { read, filtered, nulled, written, dirty, deleted, removed }: SplitSums,
  skipped: number,
): RunCounts {
  const source =
    state === 'complete'
      ? { read, filtered, emitted: read - filtered, nulled }
      : { read: null, filtered: null, emitted: null, nulled: null };
  return { ...source, written, dirty, deleted, removed: state === 'complete' ? removed : 0, skipped };
}
