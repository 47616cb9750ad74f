// What becomes of a step, whatever an executor that died has left of it.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decideStep, postStepsAfter, withOutcome } from '../../../src/core/steps/decide-step.ts';
import type { Step } from '../../../src/core/steps/job-steps.ts';
import type { StepOutcome } from '../../../src/core/steps/step-outcome.ts';

const step = (name: string, onUnknown: Step['onUnknown']): Step => ({
  kind: 'http',
  name,
  timeLimitMs: 1_000,
  onUnknown,
  url: 'https://example.org',
});

/**
 * Executors take one another's place in a run of three pre steps, each dying where it likes: before it stores that a step begins,
 * in the step, or before it stores the end. A step that may not run twice does not, one that was not done is never passed over, and
 * a run that goes on has done all of them.
 */
it('a step is neither passed over nor repeated unasked, wherever executors die', () => {
  const policies = fc.array(fc.constantFrom('fail' as const, 'repeat' as const), {
    minLength: 3,
    maxLength: 3,
  });
  const deaths = fc.array(fc.constantFrom('before', 'within', 'after', 'none'), { maxLength: 12 });
  fc.assert(
    fc.property(policies, deaths, (onUnknown, fates) => {
      const steps = onUnknown.map((policy, at) => step(`step ${at}`, policy));
      const done = new Map(steps.map(({ name }) => [name, 0]));
      let stored: readonly StepOutcome[] = [];
      let end: 'going' | 'failed' | 'all done' = 'going';
      const fate = [...fates];
      while (end === 'going') {
        let died = false;
        for (const each of steps) {
          const next = decideStep('pre', each, stored);
          if (next.kind === 'over') {
            if (next.outcome.reason === null) continue;
            end = 'failed';
            break;
          }
          const how = fate.shift() ?? 'none';
          died = how !== 'none';
          if (how === 'before') break;
          const outcome = {
            phase: 'pre',
            name: each.name,
            state: 'going',
            tookMs: null,
            reason: null,
          } as const;
          stored = withOutcome(stored, outcome);
          done.set(each.name, (done.get(each.name) ?? 0) + 1);
          if (died) break;
          stored = withOutcome(stored, { ...outcome, state: 'succeeded', tookMs: 1 });
        }
        if (!died && end === 'going') end = 'all done';
      }
      for (const { name, onUnknown: policy } of steps) {
        if (policy === 'fail') expect(done.get(name)).toBeLessThanOrEqual(1);
        if (end === 'all done') expect(done.get(name)).toBeGreaterThanOrEqual(1);
      }
      const unknown = stored.filter(({ state }) => state === 'going');
      expect(end === 'failed').toBe(unknown.length > 0);
    }),
  );
});

it('post steps follow on the end that they name', () => {
  const post = (['success', 'failure', 'always'] as const).map((when) => ({ ...step(when, 'fail'), when }));
  const names = (state: Parameters<typeof postStepsAfter>[1]): readonly string[] =>
    postStepsAfter({ pre: [], post }, state).map(({ name }) => name);
  expect(names('succeeded')).toEqual(['success', 'always']);
  for (const state of ['failed', 'timed-out', 'cancelled', 'superseded', 'lost'] as const)
    expect(names(state)).toEqual(['failure', 'always']);
});
