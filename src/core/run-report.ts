// A run in numbers: stored with the run row, served as JSON.
import type { Position } from './position.ts';
import type { Predicted, RunCounts } from './status.ts';
import type { Text } from './text.ts';
import type { Ending, StepOutcome } from './steps/step-outcome.ts';
import type { Window } from './window.ts';

export type SideStage = 'silent' | 'start' | 'processing' | 'end';

export interface RunReport {
  /** proved: the ledger shows every row of the window in the target. delivered: handed over, not proved. */
  readonly outcome: 'proved' | 'delivered' | 'not-complete';
  readonly window: Window | null;
  readonly watermarkBefore: Position | null;
  readonly watermarkAfter: Position | null;
  readonly predicted: Predicted;
  readonly counts: RunCounts;
  readonly splits: { readonly total: number | null; readonly ended: number | null };
  /** How far each side has said it is. */
  readonly stages: { readonly source: SideStage; readonly sink: SideStage };
  /** First `start` to last `end`, ms; null while unknown. */
  readonly tookMs: number | null;
  readonly rowsPerSecond: number | null;
  /** What became of the steps around the sync, in the order in which they were begun. Absent: none was. */
  readonly steps?: readonly StepOutcome[];
  /** While its post steps run; absent: before and after that. */
  readonly ending?: Ending;
  /** Why a complete run is `delivered` and not `proved`; of a proved one there is nothing to say. */
  readonly notProved: readonly Text[];
  /** How the run went, and what it does not follow: e.g. rows deleted in the source. */
  readonly notes: readonly Text[];
}
