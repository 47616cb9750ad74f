// What a sink task knows of the run in the ledger; changed only after a COMMIT.
import type { LedgerPlan, LedgerSplit } from '../../core/ledger/ledger.ts';
import type { OpenRow, TargetTrust } from '../../core/ledger/target-trust.ts';
import type { Text } from '../../core/text.ts';

export interface SinkState {
  plan: LedgerPlan | null;
  readonly splits: Map<number, LedgerSplit>;
  /** Of all splits, kept up to date: a plan of 20,000 is not walked for each of its ENDs. */
  readonly sums: SplitSums;
  /** Records passed over so far. */
  skipped: number;
  complete: boolean;
  /** How many removals there were when the limit was last looked at: it is again when they have doubled, and at the end. */
  removalsSeen: number;
  /** In the ledger of this run already. */
  doubts: readonly Text[];
  /** How many of them the job keeps, should the run not become complete: rows were written that they concern. */
  doubtsKept: number;
  /** Refused by earlier runs, and neither written nor gone since. */
  readonly open: readonly OpenRow[];
  /** Keys of rows whose values the ledger has a mark of: it goes when such a row is written. */
  marked: readonly string[];
}

const measures = {
  written: (split: LedgerSplit) => split.written,
  dirty: (split: LedgerSplit) => split.dirty,
  deleted: (split: LedgerSplit) => split.deleted,
  removed: (split: LedgerSplit) => split.removed,
  waiting: (split: LedgerSplit) => split.waiting.length,
  ended: (split: LedgerSplit) => Number(split.endedAs !== null),
} as const;
export type Measure = keyof typeof measures;
export type SplitSums = Record<Measure, number>;

export function newSinkState(
  known: Partial<Pick<SinkState, 'plan' | 'skipped' | 'complete' | 'doubts'>> & {
    readonly splits?: readonly LedgerSplit[];
    readonly trust?: TargetTrust | null;
  } = {},
): SinkState {
  const { splits = [], trust = null, ...rest } = known;
  const state: SinkState = {
    plan: null,
    splits: new Map(),
    sums: noSums(),
    skipped: 0,
    complete: false,
    removalsSeen: 0,
    doubts: [],
    doubtsKept: 0,
    open: trust?.open ?? [],
    marked: trust === null ? [] : markedKeys(trust),
    ...rest,
  };
  for (const split of splits) putSplit(state, split);
  return state;
}

export function noSums(): SplitSums {
  return { written: 0, dirty: 0, deleted: 0, removed: 0, waiting: 0, ended: 0 };
}

export function putSplit(state: SinkState, split: LedgerSplit): void {
  addDifference(state.sums, state.splits.get(split.split), split);
  state.splits.set(split.split, split);
}

/** A split of which the sums have `before` is `after` now. */
export function addDifference(sums: SplitSums, before: LedgerSplit | undefined, after: LedgerSplit): void {
  for (const of of Object.keys(measures) as Measure[])
    sums[of] += measures[of](after) - (before === undefined ? 0 : measures[of](before));
}

export function markedKeys({ witnesses }: TargetTrust): readonly string[] {
  return witnesses.filter(({ mark }) => mark !== null).map(({ key }) => key);
}
