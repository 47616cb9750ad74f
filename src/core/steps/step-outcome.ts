// What became of the steps of a run, and what is to become of one. Written before a step is begun and after it has ended, so that
// whoever takes the run over knows:
//
//  no outcome ─► going ─► succeeded │ failed        going, and its executor is gone: unknown
import type { ErrorShape } from '../errors.ts';

export interface StepOutcome {
  readonly phase: 'pre' | 'post';
  readonly name: string;
  readonly state: 'going' | 'succeeded' | 'failed';
  /** null while it goes, and where nobody knows. */
  readonly tookMs: number | null;
  /** Why it failed. */
  readonly reason: ErrorShape | null;
}

/** How a run has ended, while its post steps run: settled in the target already, its connectors stopped. */
export interface Ending {
  readonly state: 'succeeded' | 'failed' | 'timed-out' | 'cancelled' | 'superseded' | 'lost';
  readonly reason: ErrorShape | null;
  /** The target's ledger has it, and is asked again. */
  readonly inLedger: boolean;
}
