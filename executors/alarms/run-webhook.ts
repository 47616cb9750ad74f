// Tells the job's webhook of a failure, of a post step that failed, and of the first success after a failure. Never in the way of the run's own end.
import type { JobSpec } from '../../src/core/job.ts';
import type { Run, RunReason, TerminalState } from '../../src/core/run.ts';
import { toSyncError } from '../../src/core/errors.ts';
import type { ExecutorContext } from '../executor-parts.ts';
import type { Scrub } from '../../src/core/secrets/scrub.ts';

const TRIES = 3;
const TIMEOUT_MS = 10_000;
const PAUSES_MS = [1_000, 5_000];
const LOOK_BACK = 20;

export interface EndedRun {
  readonly run: Run;
  readonly spec: JobSpec;
  readonly state: TerminalState;
  /** Scrubbed already. */
  readonly reason: RunReason | null;
  readonly scrub: Scrub;
  /** Post steps that failed, by name. */
  readonly failedSteps: readonly string[];
}

/** Resolves when delivered or given up (event `webhook.failed`); never rejects. */
export async function notifyWebhook(executor: ExecutorContext, ended: EndedRun): Promise<void> {
  const { run, spec, scrub } = ended;
  if (spec.webhook === null) return;
  try {
    const event = await eventOf(executor, ended);
    if (event === null) return;
    await deliver(executor, spec.webhook, JSON.stringify(bodyOf(executor, ended, event)));
  } catch (error) {
    const message = scrub(toSyncError(error).message);
    executor.emit({ type: 'webhook.failed', jobId: run.jobId, runId: run.id, error: message });
  }
}

function isFailure(state: string): boolean {
  return state === 'failed' || state === 'timed-out' || state === 'lost';
}

async function eventOf(
  executor: ExecutorContext,
  { run, state, failedSteps }: EndedRun,
): Promise<'run.failed' | 'run.step-failed' | 'run.recovered' | null> {
  if (isFailure(state)) return 'run.failed';
  if (failedSteps.length > 0) return 'run.step-failed';
  if (state !== 'succeeded') return null;
  let before: Run | null = run;
  for (let step = 0; step < LOOK_BACK && before !== null; step += 1) {
    before = await executor.runs.readPrevious(run.jobId, before);
    if (before !== null && isFailure(before.state)) return 'run.recovered';
    if (before?.state === 'succeeded') return null;
  }
  return null;
}

function bodyOf(executor: ExecutorContext, ended: EndedRun, event: string): object {
  const { run, spec, state, reason, failedSteps } = ended;
  return {
    event,
    job: { id: run.jobId, name: spec.name },
    run: { id: run.id, attempt: run.attempt, plannedAt: new Date(run.plannedAt).toISOString() },
    state,
    reason: reason === null ? null : { code: reason.code, message: reason.message },
    ...(failedSteps.length === 0 ? {} : { failedSteps }),
    report: executor.reportLink(run.id),
  };
}

async function deliver(executor: ExecutorContext, url: string, body: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const status = await executor.postWebhook({ url, body, signal: AbortSignal.timeout(TIMEOUT_MS) });
      if (status >= 200 && status < 300) return;
      throw new Error(`the webhook answered ${status}`);
    } catch (error) {
      if (attempt >= TRIES) throw error;
      await executor.clock.sleep(PAUSES_MS[attempt - 1] ?? 0);
    }
  }
}
