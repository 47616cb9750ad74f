// Runs the steps of a connection test: each says what it found. One that fails ends the test, unless the test goes on without it.
import type { CheckStep } from './contract.ts';
import { toSyncError, type ErrorCode } from '../errors.ts';
import type { Text } from '../text.ts';

/** Runs one step; resolves to what later steps need, or throws what it met. `detail` is what the user reads. */
export type RunStep = <T>(name: string, act: () => Promise<Finding<T>>) => Promise<T>;

export interface Finding<T> {
  readonly detail: string;
  /** What keeps the next run from being proved. */
  readonly doubts?: readonly Text[];
  readonly value: T;
}

/** Never throws for a failed step; a step's error goes no further than its line. `fallback`: the code of an error that has none. */
export async function runCheckSteps(
  test: (step: RunStep) => Promise<void>,
  fallback: ErrorCode = 'TARGET_FAILED',
): Promise<readonly CheckStep[]> {
  const steps: CheckStep[] = [];
  const failed = new Set<unknown>();
  const step: RunStep = async (name, act) => {
    const start = performance.now();
    const tookMs = (): number => Math.round(performance.now() - start);
    try {
      const { detail, value, doubts = [] } = await act();
      steps.push({ name, ok: true, detail, ...(doubts.length === 0 ? {} : { doubts }), tookMs: tookMs() });
      return value;
    } catch (error) {
      steps.push(failedStep(name, error, { fallback, tookMs: tookMs() }));
      failed.add(error);
      throw error;
    }
  };
  try {
    await test(step);
  } catch (error) {
    if (!failed.has(error)) throw error;
  }
  return steps;
}

export function failedStep(
  name: string,
  error: unknown,
  { fallback, tookMs }: { readonly fallback: ErrorCode; readonly tookMs: number },
): CheckStep {
  const { code, message, hint } = toSyncError(error, fallback);
  return { name, ok: false, detail: message, code, hint, tookMs };
}

/** For a step that later ones don't need. */
export async function passOver(step: Promise<unknown>): Promise<void> {
  await step.catch(() => undefined);
}
