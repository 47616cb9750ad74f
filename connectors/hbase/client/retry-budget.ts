// How long to try again: by time without progress, with the pauses of HBase's own client.
import type { Clock } from '../../../src/core/clock.ts';
import { asHBaseError, HBaseError } from './exceptions.ts';

const pauseUnitMs = 100;
const pauseSteps = [1, 2, 3, 5, 10, 20, 40, 100, 100, 100, 100, 200, 200];
const overloadedFactor = 5;
/** Failures without one row of progress: ends a scan that opens, hears a heartbeat and dies, for ever. */
const maxFailures = 200;

export interface RetryOptions {
  readonly clock: Clock;
  /** No progress for so long → the last failure is thrown. */
  readonly budgetMs: number;
  readonly signal?: AbortSignal | undefined;
  /** What is being done, as a gerund: first words of the final error. */
  readonly what: string;
  readonly onRetry?: ((error: HBaseError, pauseMs: number) => void) | undefined;
}

export class RetryBudget {
  readonly #options: RetryOptions;
  #failures = 0;
  /** Time of the first failure since the last answer. A consumer that stalls uses up no budget. */
  #failingSinceMs: number | undefined;

  constructor(options: RetryOptions) {
    this.#options = options;
  }

  /** The work moved on: all failures are forgiven. */
  progress(): void {
    this.#failures = 0;
    this.#failingSinceMs = undefined;
  }

  /** The server answered, but the work is where it was. */
  alive(): void {
    this.#failingSinceMs = undefined;
  }

  /**
   * After a failed attempt: pauses, then returns for the next one.
   * @throws the error when no retry can help, an HBaseError naming it when the budget is spent, the abort reason
   */
  async failed(cause: unknown): Promise<HBaseError> {
    const { clock, signal, budgetMs, what } = this.#options;
    signal?.throwIfAborted();
    const error = asHBaseError(cause);
    if (error.recovery === 'fail') throw error;
    this.#failures++;
    this.#failingSinceMs ??= clock.monotonic();
    const leftMs = this.#failingSinceMs + budgetMs - clock.monotonic();
    if (leftMs <= 0 || this.#failures > maxFailures) throw spent(what, budgetMs, error);
    const pauseMs = Math.min(pauseAfter(error, this.#failures), leftMs);
    this.#options.onRetry?.(error, pauseMs);
    if (pauseMs > 0) await clock.sleep(pauseMs, signal);
    return error;
  }
}

/** Pause in ms after the n-th failure in a row, n from 1. */
export function pauseAfter(error: HBaseError, failures: number): number {
  if (error.waitMs !== undefined) return error.waitMs;
  if (failures === 1 && (error.recovery === 'reopen' || error.movedTo !== undefined)) return 0;
  const step = pauseSteps[Math.min(failures, pauseSteps.length) - 1] ?? 1;
  const jitter = 1 + Math.random() * 0.01;
  return Math.round(pauseUnitMs * step * (error.overloaded ? overloadedFactor : 1) * jitter);
}

function spent(what: string, budgetMs: number, cause: HBaseError): HBaseError {
  return new HBaseError({
    message: `${what}: no progress for ${Math.round(budgetMs / 1000)} s: ${cause.message}`,
    recovery: 'fail',
    code: cause.code,
    retriable: cause.retriable,
    cause,
    ...(cause.className === undefined ? {} : { className: cause.className }),
  });
}
