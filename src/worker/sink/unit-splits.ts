// The splits that one unit touches, as it leaves them: kept apart from the state until its transaction has committed.
import type { LedgerSplit } from '../../core/ledger/ledger.ts';
import { addDifference, noSums } from './sink-state.ts';
import type { Measure, SinkState, SplitSums } from './sink-state.ts';

export class UnitSplits {
  readonly #state: SinkState;
  readonly #touched = new Map<number, LedgerSplit>();
  /** What they add to the state's sums: a unit of thousands is not walked for each of its rows. */
  #added: SplitSums = noSums();

  constructor(state: SinkState) {
    this.#state = state;
  }

  get touched(): Iterable<LedgerSplit> {
    return this.#touched.values();
  }

  forget(): void {
    this.#touched.clear();
    this.#added = noSums();
  }

  put(split: LedgerSplit): void {
    addDifference(this.#added, this.read(split.split), split);
    this.#touched.set(split.split, split);
  }

  read(split: number): LedgerSplit | undefined {
    return this.#touched.get(split) ?? this.#state.splits.get(split);
  }

  /** null: another attempt at the split is its current one, or it has ended. */
  current(split: number, attempt: string): LedgerSplit | null {
    const known = this.read(split);
    return known?.attempt === attempt && known.endedAs === null ? known : null;
  }

  /** Of all splits of the run. */
  sum(of: Measure): number {
    return this.#state.sums[of] + this.#added[of];
  }
}
