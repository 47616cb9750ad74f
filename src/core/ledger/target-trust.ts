// What a job may believe of its target between runs: kept with the job in the ledger, changed by these rules only, whatever the
// ledger is kept in.
//
//   begin     another mapping, source or key since rows were written → remembered, with the job's version
//   plan      the first rows that ever go there → from now on deletes have to be followed, and rows that were there are remembered; a
//             full run into an empty table knows nothing;
//             an increment looks for rows of before (witnesses): those that are gone, or hold other values, are remembered
//   complete  witnesses are chosen anew, and what the target holds of them is marked; a full read forgets a changed mapping and skipped
//             changes; a run that followed deletes from the oldest open beginning moves that to its window's end; what is not
//             forgotten is a doubt; so is what complete runs since the last full one had in doubt, a table altered during the run, and
//             a source made anew since the run that was complete last
//
// Rows of an attempt that never reached its END, of one that was begun anew, and of runs that failed, need no doubt: an attempt writes
// only rows that its source had when it read them, which was after `deletesFrom` was set. Such a row, since then,
//   is unchanged        → the target is right
//   changed             → the change bears a position of the window that is read next, or of a later one: that run writes it
//   was removed         → a delete since `deletesFrom`: followed, found by a comparison of keys, or 'deletes not followed', as said
//   came by another mapping or key → `mixed`, `former`: remembered at begin, whatever becomes of the run
// A later attempt at the split reads all of it again, so nothing older than what it reads stays. A source that makes rows up is beyond
// that argument: its count tells at the END (`stray`), and an attempt without END tells nothing.
import { noRows } from './found-rows.ts';
import type { FoundRows } from './found-rows.ts';
import { BEGINNING } from '../position.ts';
import type { IsBefore, Position } from '../position.ts';
import { distinctTexts } from '../text.ts';
import type { Text } from '../text.ts';
import { doubtAdded, type Change, type Gap, type Remade } from './trust-doubts.ts';
import type { Window } from '../window.ts';

export interface MappingVersion {
  /** Digest of all that decides what a row's values are (content of both plugins). */
  readonly digest: string;
  /** The job's. */
  readonly version: number;
}

export interface TargetTrust {
  /** Rows deleted in the source from there on may still be in the target; null: nothing was written to it yet. */
  readonly deletesFrom: Position | null;
  /** Of the run that was begun last. */
  readonly mapping: string;
  /** Rows that were not read since have the columns of an older mapping. */
  readonly mixed: Change | null;
  /** Rows of another source, or under another key, may be in the target. */
  readonly former: Change | null;
  /** Somebody moved the watermark over changes that no run read. */
  readonly gap: Gap | null;
  /** Rows that were written: they must be there, as they were, when an increment begins, and when it is complete. */
  readonly witnesses: readonly Witness[];
  /** What they are marked over (ReadyTable.columns); null: that can't be told. */
  readonly columns: readonly string[] | null;
  /** The table had rows when a run was complete last. */
  readonly filled: boolean;
  /** It had rows when an increment began, and the job had no witness left to look for. */
  readonly blind: boolean;
  /** Rows that were refused and neither written nor gone since; few of them, the others are counted. */
  readonly open: readonly OpenRow[];
  readonly openBeyond: number;
  /** Those that were found gone while others were there, */
  readonly lost: FoundRows;
  /** or with values that no run of the job wrote. */
  readonly overwritten: FoundRows;
  /** A comparison of keys met rows that must be there and are not: no increment brings them. */
  readonly lacking: boolean;
  /** Rows were there before the first that this job wrote: the source may not have them. */
  readonly foreign: boolean;
  /** So many rows more than its source counted were written by runs that failed for it: the source may not have them. */
  readonly stray: number;
  /** Of the table, as the run planned last found it when it looked at the table (ReadyTable.mark); null: it can't be told. */
  readonly tableMark: string | null;
  /** Somebody altered the table, or put another in its place: rows that no run read since may hold other values. */
  readonly altered: boolean;
  /** Of what was read by the run that was complete last and could tell it (SourcePlan.sourceMark). */
  readonly source: { readonly mark: string; readonly to: Position | null } | null;
  /** What is read was made anew since that window's end: rows of before may be in the target, and unread ones in the source. */
  readonly remade: Remade | null;
  /**
   * What the last complete full run, and all runs since that wrote rows, had in doubt: rows that no run read since are as they left
   * them. At most `maxSaid`.
   */
  readonly said: readonly Text[];
}

export interface Witness {
  /** As sentKey gives it. */
  readonly key: string;
  /** Digest of what the target held of the row when the job wrote it last, or a run was complete; null: nobody knows. */
  readonly mark: string | null;
}

export interface OpenRow {
  /** Printable. */
  readonly key: string;
  /** As sentKey gives it; null: not known. */
  readonly sent: string | null;
  /** The row in the row format, base64; null: it can't be tried again. */
  readonly row: string | null;
  /** The mapping that made the row. */
  readonly mapping?: string;
}

export const maxWitnesses = 16;
/** Open rows whose keys are kept. */
export const maxOpen = 50;
const maxSaid = 10;

export function freshTrust(mapping: string): TargetTrust {
  return {
    deletesFrom: null,
    mapping,
    mixed: null,
    former: null,
    gap: null,
    witnesses: [],
    columns: null,
    filled: false,
    blind: false,
    open: [],
    openBeyond: 0,
    lost: noRows,
    overwritten: noRows,
    lacking: false,
    foreign: false,
    stray: 0,
    tableMark: null,
    altered: false,
    source: null,
    remade: null,
    said: [],
  };
}

/** `before`: null when nothing is known of this target. */
export function trustAtBegin(
  before: TargetTrust | null,
  /** Absent by hand: nobody says what the mapping is. */
  said: MappingVersion | undefined,
  job: { readonly watermark: Position | null; readonly digestChanged: boolean },
): TargetTrust {
  const mapping = said?.digest ?? '';
  if (before === null) return freshTrust(mapping);
  if (before.deletesFrom === null) return { ...before, mapping };
  const isSame = said !== undefined && before.mapping === mapping;
  const change = { version: said?.version ?? null, since: job.watermark };
  return {
    // What is marked are the columns of a mapping.
    ...(isSame ? before : withoutMarks(before)),
    mapping,
    mixed: isSame ? before.mixed : (before.mixed ?? change),
    former: job.digestChanged || said === undefined ? (before.former ?? change) : before.former,
  };
}

export function trustAtPlan(
  trust: TargetTrust,
  plan: {
    readonly window: Window;
    /** null: that can't be told. */
    readonly emptyTarget: boolean | null;
    /** As the sink finds it now. */
    readonly tableMark: string | null;
    readonly columns: readonly string[] | null;
    /** What an increment found of rows of before. */
    readonly seen: Pick<TargetTrust, 'witnesses' | 'lost' | 'overwritten' | 'blind'> | null;
  },
): TargetTrust {
  const isFull = plan.window.from === null;
  const isFirst = trust.deletesFrom === null;
  const isNew = plan.emptyTarget === true && isFull && !isFirst;
  // A full run writes all rows: what they held before says nothing any more, whether it is complete or not.
  // Should the full run into an empty target fail, the watermark says that rows are there which nobody wrote again.
  const emptied = { ...freshTrust(trust.mapping), lacking: true };
  const known = isNew ? emptied : isFull ? withoutMarks(trust) : { ...trust, ...plan.seen };
  return {
    ...known,
    deletesFrom: known.deletesFrom ?? plan.window.to ?? BEGINNING,
    foreign: known.foreign || (isFirst && plan.emptyTarget !== true),
    columns: plan.columns,
    said: isFull ? known.said : saidOfColumns(known, plan.columns),
    tableMark: plan.tableMark ?? known.tableMark,
    altered: known.altered || isOther(known.tableMark, plan.tableMark),
  };
}

/** Columns that are new to the job: an increment brings their values with the rows that it reads, and no others. */
function saidOfColumns(trust: TargetTrust, columns: readonly string[] | null): readonly Text[] {
  const known = trust.columns;
  const added = known === null ? [] : (columns ?? []).filter((column) => !known.includes(column));
  return added.length === 0 ? trust.said : trustInDoubt(trust, [doubtAdded(added)]).said;
}

export function isOther(before: string | null, now: string | null): boolean {
  return before !== null && now !== null && before !== now;
}

/** Rows were written that a run has in doubt: they stay, whether it is complete one day or not. */
export function trustInDoubt(trust: TargetTrust, said: readonly Text[]): TargetTrust {
  return { ...trust, said: distinctTexts([...trust.said, ...said]).slice(0, maxSaid) };
}

export function trustAtReset(
  trust: TargetTrust,
  move: { readonly from: Position | null; readonly to: Position | null },
  isBefore: IsBefore,
): TargetTrust {
  const { from, to } = move;
  if (to === null || (from !== null && !isBefore(from, to))) return trust;
  return { ...trust, gap: { from: trust.gap === null ? from : trust.gap.from, to } };
}

/** Rows are there, but what they should hold nobody knows. */
export function withoutMarks(trust: TargetTrust): TargetTrust {
  return { ...trust, witnesses: trust.witnesses.map(({ key }) => ({ key, mark: null })) };
}
