// How a run is judged to have ended, before the target's ledger had the last word (finish-run.ts).
import type { ErrorCode } from '../src/core/errors.ts';
import { describeError, isErrorCode, toSyncError } from '../src/core/errors.ts';
import type { LedgerRun } from '../src/core/ledger.ts';
import type { RunReason, TerminalState } from '../src/core/run.ts';

export type Verdict =
  /** The ledger shows the run complete. */
  | { readonly kind: 'complete'; readonly run: LedgerRun }
  /** A sink without a ledger said `end`. */
  | { readonly kind: 'delivered' }
  | { readonly kind: 'broken'; readonly state: BrokenState; readonly reason: RunReason };

type BrokenState = Exclude<TerminalState, 'succeeded' | 'skipped'>;

/** A run that the executor itself ends. */
export function broken(code: ErrorCode, message: string): Verdict {
  return { kind: 'broken', state: stateOf(code), reason: { code, message, detail: null } };
}

/** A run that an error thrown in the executor ends. */
export function brokenBy(error: unknown): Verdict {
  const { code } = toSyncError(error);
  return { kind: 'broken', state: stateOf(code), reason: reasonOfTrace(describeError(error), code, code) };
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

/** A run that a connector's trace ends; a fence means that a newer run has the job. `code`: what the speaker named itself; `fallback`: when the trace names none. */
export function brokenByTrace(trace: string, code: string | undefined, fallback: ErrorCode): Verdict {
  const reason = reasonOfTrace(trace, code, fallback);
  return { kind: 'broken', state: reason.code === 'FENCED' ? 'superseded' : 'failed', reason };
}

/**
 * The first cause, and where it struck. Our own traces begin with the deepest cause and name codes (`CODE: message`) in lines
 * after it; a Java trace has its deepest cause in the last `Caused by:`.
 */
function reasonOfTrace(trace: string, code: string | undefined, fallback: ErrorCode): RunReason {
  const lines = trace.split('\n').map((line) => line.trim());
  const causedBy = lines.findLast((line) => line.startsWith('Caused by: '))?.slice('Caused by: '.length);
  const first = causedBy ?? lines.find((line) => line !== '') ?? 'no reason given';
  const coded = lines.map(parseCoded).find((line) => line !== null);
  const cause = parseCoded(first)?.message ?? first.replace(/^[A-Za-z]*Error: /, '');
  const named = code !== undefined && isErrorCode(code) ? code : (coded?.code ?? fallback);
  const place = coded?.message ?? cause;
  return { code: named, message: place.includes(cause) ? place : `${cause} (${place})`, detail: trace };
}

function parseCoded(line: string): { readonly code: ErrorCode; readonly message: string } | null {
  const match = /^([A-Z_]+): (.+)$/.exec(line);
  const [, code = '', message = ''] = match ?? [];
  return isErrorCode(code) ? { code, message } : null;
}
