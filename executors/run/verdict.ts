// How a run is judged to have ended, before the target's ledger had the last word (settle-run.ts).
import type { ErrorCode } from '../../src/core/errors.ts';
import { shapeOf, toShape } from '../../src/core/errors.ts';
import type { LedgerRun } from '../../src/core/ledger/ledger.ts';
import type { RunReason, TerminalState } from '../../src/core/run.ts';

export type Verdict =
  /** The ledger shows the run complete. */
  | { readonly kind: 'complete'; readonly run: LedgerRun }
  /** A sink without a ledger said `end`. */
  | { readonly kind: 'delivered' }
  | { readonly kind: 'broken'; readonly state: BrokenState; readonly reason: RunReason };

type BrokenState = Exclude<TerminalState, 'succeeded' | 'skipped'>;

/** A run that the executor itself ends. */
export function broken(code: ErrorCode, message: string): Verdict {
  return brokenFor(shapeOf(code, message));
}

/** A run that is ended from outside. */
export function brokenFor(reason: RunReason): Verdict {
  return { kind: 'broken', state: stateOf(reason.code), reason };
}

/** A run that an error thrown in the executor ends. */
export function brokenBy(error: unknown): Verdict {
  return brokenFor(toShape(error));
}

function stateOf(code: ErrorCode): BrokenState {
  switch (code) {
    case 'FENCED':
      return 'superseded';
    case 'CANCELLED':
      return 'cancelled';
    case 'TIMED_OUT':
      return 'timed-out';
    case 'EXECUTOR_STOPPED':
    case 'LEASE_LOST':
    case 'WORKER_LOST':
      return 'lost';
    default:
      return 'failed';
  }
}

/** A run that the failure of a connector ends; a fence means that a newer run has the job. */
export function brokenConnector(reason: RunReason): Verdict {
  return { kind: 'broken', state: reason.code === 'FENCED' ? 'superseded' : 'failed', reason };
}
