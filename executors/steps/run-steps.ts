// The steps of a run, one after another. What is about to be run is stored before, and what came of it after, so that an executor
// that takes the run over repeats nothing that is done and passes over nothing that is not.
import { fromShape, rephrase, toShape } from '../../src/core/errors.ts';
import { noSteps, type Step } from '../../src/core/steps/job-steps.ts';
import { decideStep, postStepsAfter, withOutcome } from '../../src/core/steps/decide-step.ts';
import type { StepOutcome } from '../../src/core/steps/step-outcome.ts';
import type { Interruption } from '../interrupts.ts';
import { LeftRun } from '../run/leave-run.ts';
import type { Reached, RunSession } from '../run/run-session.ts';
import { CONNECT_WRITE_MS } from '../run/run-session.ts';
import { liveReport, saveProgress } from '../run/save-progress.ts';
import type { Settlement } from '../run/settle-run.ts';
import type { Verdict } from '../run/verdict.ts';
import { brokenFor } from '../run/verdict.ts';
import { untilStored } from '../until-stored.ts';
import { runStep } from './run-step.ts';

export type PreSteps<R> =
  | { readonly reached: R; readonly over: null }
  /** One failed, or the run was asked to end: nothing of the sync has begun. */
  | { readonly reached: R; readonly over: Verdict };

/** Throws LEASE_LOST, and LeftRun between two steps. `keep`: is told what has been reached, for the case that this throws. */
export async function runPreSteps<R extends Reached>(
  session: RunSession,
  begun: R,
  keep: (reached: R) => R,
): Promise<PreSteps<R>> {
  let reached = begun;
  for (const step of (session.spec.steps ?? noSteps).pre) {
    const ended = await takeStep(session, reached, { phase: 'pre', step, mayBeEnded: true });
    reached = keep({ ...reached, steps: ended.steps });
    if (ended.outcome.reason !== null) return { reached, over: brokenFor(ended.outcome.reason) };
  }
  return { reached, over: null };
}

/** All that follow on the run's end, whatever becomes of each. Throws LEASE_LOST. */
export async function runPostSteps(
  session: RunSession,
  ended: Reached,
  { state, reason, ledgerRun }: Settlement,
): Promise<Reached> {
  // A run that is skipped is in no executor's hands.
  if (state === 'skipped') return ended;
  let reached: Reached = { ...ended, ending: { state, reason, inLedger: ledgerRun !== null } };
  for (const step of postStepsAfter(session.spec.steps ?? noSteps, state)) {
    const { steps } = await takeStep(session, reached, { phase: 'post', step, mayBeEnded: false });
    reached = { ...reached, steps };
  }
  return { ...reached, ending: null };
}

/** What an executor that was gone in the post steps had settled; null: nothing, or the ledger is to say it again. */
export function endedBefore({ ending }: Reached): Verdict | null {
  if (ending === null) return null;
  const { state, reason, inLedger } = ending;
  if (state === 'succeeded') return inLedger ? null : { kind: 'delivered' };
  return reason === null ? null : { kind: 'broken', state, reason };
}

interface Taking {
  readonly phase: StepOutcome['phase'];
  readonly step: Step;
  /** By a cancel, or a stop of the executor. */
  readonly mayBeEnded: boolean;
}

interface Taken {
  readonly steps: readonly StepOutcome[];
  readonly outcome: StepOutcome;
}

async function takeStep(session: RunSession, reached: Reached, taking: Taking): Promise<Taken> {
  const { phase, step } = taking;
  const next = decideStep(phase, step, reached.steps);
  if (next.kind === 'over') return { steps: withOutcome(reached.steps, next.outcome), outcome: next.outcome };
  if (taking.mayBeEnded) throwIfLeft(session);
  const { executor, lease, log, scrub } = session;
  const outcome: StepOutcome = { phase, name: step.name, state: 'going', tookMs: null, reason: null };
  const going = withOutcome(reached.steps, outcome);
  await store(session, { ...reached, steps: going });
  await lease.ensure(CONNECT_WRITE_MS);
  const startedAt = executor.clock.monotonic();
  const failed = await attempt(session, taking);
  const tookMs = Math.round(executor.clock.monotonic() - startedAt);
  const done: StepOutcome =
    failed === null
      ? { ...outcome, state: 'succeeded', tookMs }
      : { ...outcome, state: 'failed', tookMs, reason: rephrase(failed, scrub) };
  const steps = withOutcome(going, done);
  log.add(
    failed === null ? 'info' : 'error',
    failed === null ? `${phase} step ${step.name}: done in ${tookMs} ms` : failed.message,
  );
  await store(session, { ...reached, steps });
  return { steps, outcome: done };
}

/** null: it succeeded. Throws LEASE_LOST. */
async function attempt(
  session: RunSession,
  { phase, step, mayBeEnded }: Taking,
): Promise<StepOutcome['reason']> {
  const { executor, lease, spec, interrupts } = session;
  const over = new AbortController();
  // Where this process is to end, a step that has begun is let finish: half of one helps nobody.
  const leave = !mayBeEnded
    ? null
    : interrupts.attend((asked) => {
        if (asked.kind === 'end') over.abort(fromShape(asked.reason));
      });
  try {
    await runStep(executor, { phase, step, spec, signal: AbortSignal.any([over.signal, lease.signal]) });
    return null;
  } catch (error) {
    lease.signal.throwIfAborted();
    return toShape(error);
  } finally {
    leave?.();
  }
}

function throwIfLeft({ interrupts }: RunSession): void {
  const asked: Interruption[] = [];
  const leave = interrupts.attend((now) => void asked.push(now));
  leave();
  if (asked.some(({ kind }) => kind === 'leave')) throw new LeftRun();
}

async function store(session: RunSession, reached: Reached): Promise<void> {
  const { clock } = session.executor;
  await untilStored({ clock, signal: session.lease.signal }, () =>
    saveProgress(session, liveReport(session, reached, clock.monotonic())),
  );
}
