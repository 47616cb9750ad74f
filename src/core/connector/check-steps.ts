// Runs the steps of a connection test: each says what it found, the first that fails ends the test.
import type { CheckStep } from './contract.ts';
import { toSyncError } from '../errors.ts';

/** Runs one step; resolves to what later steps need. `detail` is what the user reads. */
export type RunStep = <T>(name: string, act: () => Promise<Finding<T>>) => Promise<T>;

export interface Finding<T> {
  readonly detail: string;
  readonly value: T;
}

/** Never throws for a failed step; a step's error goes no further than its line. */
export async function runCheckSteps(test: (step: RunStep) => Promise<void>): Promise<readonly CheckStep[]> {
  const steps: CheckStep[] = [];
  const step: RunStep = async (name, act) => {
    const start = performance.now();
    const tookMs = (): number => Math.round(performance.now() - start);
    try {
      const { detail, value } = await act();
      steps.push({ name, ok: true, detail, tookMs: tookMs() });
      return value;
    } catch (error) {
      const failure = toSyncError(error, 'TARGET_FAILED');
      steps.push({ name, ok: false, detail: `${failure.message} (${failure.hint.en})`, tookMs: tookMs() });
      throw error;
    }
  };
  try {
    await test(step);
  } catch (error) {
    if (steps.at(-1)?.ok !== false) throw error;
  }
  return steps;
}
