// May a task id that ran before have the job? The rule of every ledger, whatever it is kept in.
//
//   task id unknown ─────────────────────────────────────────────► begun
//   known, holds the job: running, epoch is the job's ───────────► current
//                         complete ── executor ──────────────────► current (complete)
//                         complete or aborted ── by hand ────────► begun again, under the same id
//   known, another holds: complete, holder not running, by hand ─► begun again
//   everything else ─────────────────────────────────────────────► zombie
import type { BeginOutcome, BeginRequest, LedgerJob, LedgerRun } from './ledger.ts';

type KnownRun = Pick<LedgerRun, 'state' | 'epoch' | 'base'>;

export interface KnownTask {
  readonly job: Pick<LedgerJob, 'taskId' | 'epoch'>;
  /** The newest run of the request's task id. */
  readonly known: KnownRun;
  /** The newest run of the task id that holds the job. */
  readonly holding: KnownRun | null;
  readonly request: BeginRequest;
}

/** null: it begins anew. */
export function judgeKnownRun({ job, known, holding, request }: KnownTask): BeginOutcome | null {
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
