// The splits that one unit touches, as it leaves them: kept apart from the state until its transaction has committed.
import type { LedgerSplit } from '../../core/ledger/ledger.ts';
import { differenceOf } from './sink-state.ts';
import type { Measure, SinkState } from './sink-state.ts';

export class UnitSplits {
  readonly #state: SinkState;
  readonly #touched = new Map<number, LedgerSplit>();

  constructor(state: SinkState) {
    this.#state = state;
  }

  get touched(): Iterable<LedgerSplit> {
    return this.#touched.values();
  }

  forget(): void {
    this.#touched.clear();
  }

  put(split: LedgerSplit): void {
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
    let total = this.#state.sums[of];
    for (const split of this.#touched.values())
      total += differenceOf(of, this.#state.splits.get(split.split), split);
    return total;
  }
}
