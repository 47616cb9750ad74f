// What is to become of a step of a run, by what is known of it.
import { shapeOf } from '../errors.ts';
import type { TerminalState } from '../run.ts';
import type { JobSteps, PostStep, Step } from './job-steps.ts';
import type { StepOutcome } from './step-outcome.ts';

export type NextOfStep = { readonly kind: 'run' } | { readonly kind: 'over'; readonly outcome: StepOutcome };

/** `known`: of the run's row when this executor took it. */
export function decideStep(
  phase: StepOutcome['phase'],
  step: Step,
  known: readonly StepOutcome[],
): NextOfStep {
  const outcome = known.find((each) => each.phase === phase && each.name === step.name);
  if (outcome === undefined) return { kind: 'run' };
  if (outcome.state !== 'going') return { kind: 'over', outcome };
  if (step.onUnknown === 'repeat') return { kind: 'run' };
  const message = `${phase} step ${step.name}: its executor was gone before it said how the step ended; it is not run again, for its onUnknown is fail`;
  const reason = { ...shapeOf('STEP_FAILED', message), retriable: false };
  return { kind: 'over', outcome: { phase, name: step.name, state: 'failed', tookMs: null, reason } };
}

/** Those that follow on this end of the run. Any end but a success is a failure. */
export function postStepsAfter({ post }: JobSteps, state: TerminalState): readonly PostStep[] {
  const end = state === 'succeeded' ? 'success' : 'failure';
  return post.filter(({ when }) => when === 'always' || when === end);
}

/** In the order in which they were begun; a step has one. */
export function withOutcome(known: readonly StepOutcome[], next: StepOutcome): readonly StepOutcome[] {
  const isSame = ({ phase, name }: StepOutcome): boolean => phase === next.phase && name === next.name;
  return known.some(isSame) ? known.map((each) => (isSame(each) ? next : each)) : [...known, next];
}
