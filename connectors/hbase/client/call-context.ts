// What every operation of a client works with.
import type { Caller } from './wire/connections.ts';
import type { Clock } from '../../../src/core/clock.ts';
import type { HBaseError } from './exceptions.ts';
import type { RegionLocator } from './regions/locating.ts';
import type { Registry } from './regions/registry.ts';
import { RetryBudget } from './retry-budget.ts';

/** What operations need of `RegionLocator`; tests put fakes in its place. */
type Locator = Pick<
  RegionLocator,
  'known' | 'locate' | 'locateBefore' | 'regions' | 'stateOf' | 'forget' | 'forgetTable'
>;

export interface CallContext {
  readonly connections: Caller;
  readonly registry: Registry;
  readonly locator: Locator;
  readonly clock: Clock;
  readonly retryBudgetMs: number;
  readonly onRetry?: ((error: HBaseError, pauseMs: number) => void) | undefined;
}

export interface CallOptions {
  /** Fail after so long without progress; default from the client. */
  readonly retryBudgetMs?: number;
  readonly signal?: AbortSignal;
}

/** `what` is a gerund: the first words of the error when the budget is spent. */
export function budgetFor(context: CallContext, options: CallOptions, what: string): RetryBudget {
  const { retryBudgetMs = context.retryBudgetMs, signal } = options;
  return new RetryBudget({
    clock: context.clock,
    budgetMs: retryBudgetMs,
    signal,
    what,
    onRetry: context.onRetry,
  });
}
