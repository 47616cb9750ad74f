// What a sink task knows of the run in the ledger; changed only after a COMMIT.
import type { LedgerPlan, LedgerSplit } from '../../core/ledger/ledger.ts';
import type { OpenRow, TargetTrust } from '../../core/ledger/target-trust.ts';
import type { Text } from '../../core/text.ts';

export interface SinkState {
  plan: LedgerPlan | null;
  readonly splits: Map<number, LedgerSplit>;
  /** Of all splits, kept up to date: a plan of 20,000 is not walked for each of its ENDs. */
  sums: SplitSums;
  /** Records passed over so far. */
  skipped: number;
  complete: boolean;
  /** How many removals there were when the limit was last looked at: it is again when they have doubled, and at the end. */
  removalsSeen: number;
  /** In the ledger of this run already. */
  doubts: readonly Text[];
  /** Refused by earlier runs, and neither written nor gone since. */
  readonly open: readonly OpenRow[];
  /** Keys of rows whose values the ledger has a mark of: it goes when such a row is written. */
  marked: readonly string[];
}

export type Summed = 'written' | 'dirty' | 'deleted' | 'removed';
export type SplitSums = Readonly<Record<Summed | 'ended', number>>;

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
    sums: { written: 0, dirty: 0, deleted: 0, removed: 0, ended: 0 },
    skipped: 0,
    complete: false,
    removalsSeen: 0,
    doubts: [],
    open: trust?.open ?? [],
    marked: trust === null ? [] : markedKeys(trust),
    ...rest,
  };
  for (const split of splits) putSplit(state, split);
  return state;
}

export function putSplit(state: SinkState, split: LedgerSplit): void {
  const before = state.splits.get(split.split);
  const { sums } = state;
  const moved = (of: Summed): number => sums[of] + split[of] - (before?.[of] ?? 0);
  state.sums = {
    written: moved('written'),
    dirty: moved('dirty'),
    deleted: moved('deleted'),
    removed: moved('removed'),
    ended: sums.ended + Number(split.endedAs !== null) - Number((before?.endedAs ?? null) !== null),
  };
  state.splits.set(split.split, split);
}

export function markedKeys({ witnesses }: TargetTrust): readonly string[] {
  return witnesses.filter(({ mark }) => mark !== null).map(({ key }) => key);
}
