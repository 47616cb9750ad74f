// One step: its statements or its call, within its time limit.
import { SyncError, toSyncError } from '../../src/core/errors.ts';
import type { JobSpec } from '../../src/core/job.ts';
import { requireReachableHosts } from '../../src/core/network/check-hosts.ts';
import { connectionOfStep } from '../../src/core/steps/step-connection.ts';
import type { HttpStep, SqlStep, Step } from '../../src/core/steps/job-steps.ts';
import type { StepOutcome } from '../../src/core/steps/step-outcome.ts';
import { within } from '../../src/core/waiting/within.ts';
import type { ExecutorContext } from '../executor-parts.ts';

export interface StepWork {
  readonly phase: StepOutcome['phase'];
  readonly step: Step;
  readonly spec: JobSpec;
  readonly signal: AbortSignal;
}

/** Throws STEP_FAILED, naming the step; and the signal's reason. */
export async function runStep(executor: ExecutorContext, work: StepWork): Promise<void> {
  const { phase, step, spec, signal } = work;
  const over = new AbortController();
  const both = AbortSignal.any([signal, over.signal]);
  const doing =
    step.kind === 'sql' ? runSql(executor, step, { spec, signal: both }) : call(executor, step, both);
  const onLimit = (): never => {
    const message = `it did not end within ${step.timeLimitMs / 1_000} s; what it has done by then is not known`;
    throw new SyncError('STEP_FAILED', { message, retriable: step.onUnknown === 'repeat' });
  };
  try {
    await within({ clock: executor.clock, ms: step.timeLimitMs, onLimit }, doing);
  } catch (error) {
    signal.throwIfAborted();
    const { message, retriable } = toSyncError(error, 'STEP_FAILED');
    throw new SyncError('STEP_FAILED', {
      message: `${phase} step ${step.name}: ${message}`,
      retriable,
      place: `${phase} step ${step.name}`,
      cause: error,
    });
  } finally {
    over.abort();
  }
}

async function runSql(
  executor: ExecutorContext,
  step: SqlStep,
  { spec, signal }: Pick<StepWork, 'spec' | 'signal'>,
): Promise<void> {
  const { sqlConnections, refuse } = executor;
  const config = connectionOfStep(step, spec);
  await requireReachableHosts(sqlConnections.hosts(config), refuse);
  const { statements, timeLimitMs } = step;
  await sqlConnections.run({ config, statements, timeLimitMs, signal });
}

/** Statuses that say that another try may do. */
const passing = (status: number): boolean => status === 408 || status === 429 || status >= 500;

async function call({ callHttp }: ExecutorContext, step: HttpStep, signal: AbortSignal): Promise<void> {
  const { method = 'POST', url, headers = {}, body = null } = step;
  const status = await callHttp({ method, url, headers, body, signal }).catch((cause: unknown) => {
    if (cause instanceof SyncError) throw cause;
    const { message } = toSyncError(cause);
    throw new SyncError('STEP_FAILED', { message: `no answer: ${message}`, retriable: true, cause });
  });
  if (status >= 200 && status < 300) return;
  throw new SyncError('STEP_FAILED', { message: `it was answered ${status}`, retriable: passing(status) });
}
