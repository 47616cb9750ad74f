// A run in numbers: stored with the run row, served as JSON.
import type { Predicted, RunCounts } from './status.ts';
import type { Window } from './window.ts';

export interface RunReport {
  /** proved: the ledger shows every row of the window in the target. delivered: handed over, not proved. */
  readonly outcome: 'proved' | 'delivered' | 'not-complete';
  readonly window: Window | null;
  readonly watermarkBefore: number | null;
  readonly watermarkAfter: number | null;
  readonly predicted: Predicted;
  readonly counts: RunCounts;
  readonly splits: { readonly total: number | null; readonly ended: number | null };
  /** First `start` to last `end`, ms; null while unknown. */
  readonly tookMs: number | null;
  readonly rowsPerSecond: number | null;
  /** What this run does not prove, in words: e.g. deletes not followed. */
  readonly notProved: readonly string[];
  readonly notes: readonly string[];
}
