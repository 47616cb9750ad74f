// Another attempt at a run that ended badly: a new row, made before the old one ends, so that a crash between can't lose it
// (it can't be claimed while the old one goes).
//
// `maxAttempts` counts causes: a service that is away is one, however many attempts meet it in a row; that this process was shut
// down is none. While a service is away the pauses grow, until the job's timeout has passed since the run was planned.
import { isAway, toSyncError } from '../../src/core/errors.ts';
import { defaultRetryMaxDelayMs, type RunPolicy } from '../../src/core/job.ts';
import type { Run, RunReason } from '../../src/core/run.ts';
import { scatter } from '../../src/core/scatter.ts';
import type { RunSession } from './run-session.ts';
import type { Settlement } from './settle-run.ts';

export interface Retry {
  /** The planned attempt; null: none. */
  readonly next: Run | null;
  /** It goes on by itself and was told of before, or needs nobody: no alarm. */
  readonly quiet: boolean;
}

export const noRetry: Retry = { next: null, quiet: false };

/** Throws DATABASE_*. */
export async function retryRun(session: RunSession, { state, reason }: Settlement): Promise<Retry> {
  const { executor, lease, log, run, spec } = session;
  const { maxAttempts, retriesPerDay, priority, timeoutMs } = spec.policy;
  if (reason === null || !isFailure(state) || !mayHelp(spec.policy, reason)) return noRetry;
  const reasons = [...(await readEarlierReasons(session)), reason];
  const now = lease.databaseNow();
  const stopped = reason.code === 'EXECUTOR_STOPPED';
  const inRow = countAwayInRow(reasons);
  const tooLate = inRow > 1 && now - run.plannedAt >= timeoutMs;
  const causes = countCauses(reasons);
  if (!stopped && (causes >= maxAttempts || tooLate)) return noRetry;
  const isCounted = !stopped && inRow <= 1;
  try {
    const { run: next } = await executor.runs.create(run.jobId, {
      plannedAt: run.plannedAt,
      interval: run.interval,
      mode: run.mode,
      parameters: run.parameters,
      cluster: run.cluster,
      executor: run.executor,
      trigger: { kind: 'retry', of: run.id },
      attempt: run.attempt + 1,
      notBefore: now + (stopped ? 0 : pauseAfter(spec.policy, { causes, inRow, runId: run.id })),
      priority,
      skipped: null,
      ...(isCounted && retriesPerDay !== undefined ? { maxRetriesToday: retriesPerDay } : {}),
    });
    return { next, quiet: stopped || inRow > 1 };
  } catch (error) {
    const { code, field, message } = toSyncError(error);
    if (code !== 'CONFLICT' || field !== 'policy.retriesPerDay') throw error;
    log.add('warn', `not tried again: ${message}`);
    return noRetry;
  }
}

/** An executor that was shut down is no fault of the job: what the policy names does not matter. */
function mayHelp({ retryOn }: RunPolicy, { code, retriable }: RunReason): boolean {
  return retryOn === undefined || code === 'EXECUTOR_STOPPED' ? retriable : retryOn.includes(code);
}

function isFailure(state: Settlement['state']): boolean {
  return state === 'failed' || state === 'timed-out' || state === 'lost';
}

/** Why the attempts before this one ended, the first one first. */
async function readEarlierReasons({ executor, run }: RunSession): Promise<readonly RunReason[]> {
  const reasons: RunReason[] = [];
  for (let { trigger } = run; trigger.kind === 'retry';) {
    const before = await executor.runs.read(trigger.of);
    if (before === null) break;
    if (before.reason !== null) reasons.unshift(before.reason);
    ({ trigger } = before);
  }
  return reasons;
}

function countCauses(reasons: readonly RunReason[]): number {
  const counted = reasons.filter(({ code }) => code !== 'EXECUTOR_STOPPED');
  return counted.filter(({ code }, at) => !isAway(code) || counted[at - 1]?.code !== code).length;
}

/** How many attempts in a row the newest reason has ended, where it is that a service is away. */
function countAwayInRow(reasons: readonly RunReason[]): number {
  const code = reasons.at(-1)?.code;
  if (code === undefined || !isAway(code)) return 0;
  const other = reasons.findLastIndex((reason) => reason.code !== code);
  return reasons.length - 1 - other;
}

interface Failures {
  readonly causes: number;
  readonly inRow: number;
  readonly runId: string;
}

/** Scattered by the run's id: that an executor asks again changes nothing. */
function pauseAfter(policy: RunPolicy, { causes, inRow, runId }: Failures): number {
  const { retryDelayMs, retryBackoff, retryMaxDelayMs = defaultRetryMaxDelayMs, retryJitter } = policy;
  const doublings = Math.max(0, inRow - 1, retryBackoff === 'exponential' ? causes - 1 : 0);
  const pauseMs = Math.max(retryDelayMs, Math.min(retryMaxDelayMs, retryDelayMs * 2 ** doublings));
  return Math.round(pauseMs * (1 + retryJitter * scatter(runId)));
}
