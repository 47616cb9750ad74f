// What a job may believe of its target when a run of it is complete, and what of it is in doubt: the last of the rules of
// target-trust.ts.
import type { Followed } from '../deletes.ts';
import { addFound } from './found-rows.ts';
import type { FoundRows } from './found-rows.ts';
import type { Position } from '../position.ts';
import { isOther, maxOpen, trustInDoubt } from './target-trust.ts';
import type { OpenRow, TargetTrust, Witness } from './target-trust.ts';
import type { Text } from '../text.ts';
import {
  doubtMapping,
  doubtSaid,
  doubtFormer,
  doubtForeign,
  doubtGap,
  doubtOpen,
  doubtLost,
  doubtOverwritten,
  doubtBlind,
  doubtLacking,
  doubtStray,
  doubtAltered,
  doubtRemade,
  doubtBeforeRemade,
  doubtDeletes,
} from './trust-doubts.ts';
import type { Window } from '../window.ts';

export interface CompletedRun {
  readonly window: Window;
  /** null: the job does not follow deletes. */
  readonly follows: Followed | null;
  /** Of its source, as it was planned; null: it can't be told. */
  readonly sourceMark: string | null;
  /** Rows that it wrote, or that are there since before. */
  readonly witnesses: readonly Witness[];
  readonly filled: boolean;
  /** Of the table, as it is now; null: it can't be told. */
  readonly tableMark: string | null;
  /** Why it is not proved, by its source and its table. */
  readonly said: readonly Text[];
  /** Found at its end: rows that were written and are gone, or hold other values. */
  readonly lost: FoundRows;
  readonly overwritten: FoundRows;
  readonly lacks: boolean;
  /** Rows that it refused: how many, and those of them that are kept. */
  readonly dirty: number;
  readonly refused: readonly OpenRow[];
  /** Keys of rows open before that it wrote or removed. */
  readonly closed: ReadonlySet<string>;
}

export function trustAtEnd(
  trust: TargetTrust,
  run: CompletedRun,
): { readonly trust: TargetTrust; readonly doubts: readonly Text[] } {
  const { follows, window } = run;
  const isFull = window.from === null;
  const saidBefore = isFull ? [] : trust.said;
  const allFollowed = isUpToDate(follows, trust.deletesFrom);
  const after: TargetTrust = {
    ...trust,
    deletesFrom: allFollowed ? (window.to ?? trust.deletesFrom) : trust.deletesFrom,
    mixed: isFull ? null : trust.mixed,
    former: follows === 'keys' ? null : trust.former,
    gap: isFull ? null : trust.gap,
    witnesses: run.witnesses,
    filled: run.filled,
    blind: !isFull && trust.blind,
    lost: isFull ? run.lost : addFound(trust.lost, run.lost),
    overwritten: isFull ? run.overwritten : addFound(trust.overwritten, run.overwritten),
    lacking: run.lacks || (!isFull && follows !== 'keys' && trust.lacking),
    foreign: follows !== 'keys' && trust.foreign,
    stray: follows === 'keys' ? 0 : trust.stray,
    tableMark: run.tableMark ?? trust.tableMark,
    altered: (!isFull && trust.altered) || isOther(trust.tableMark, run.tableMark),
    source: run.sourceMark === null ? trust.source : { mark: run.sourceMark, to: window.to },
    remade: remadeAtEnd(trust, run),
    said: trustInDoubt({ ...trust, said: saidBefore }, run.said).said,
    ...openAtEnd(trust, run),
  };
  const doubts = [
    ...saidBefore.filter(({ en }) => !run.said.some((now) => now.en === en)).map(doubtSaid),
    ...(after.mixed === null ? [] : [doubtMapping(after.mixed)]),
    ...(after.gap === null ? [] : [doubtGap(after.gap)]),
    ...(after.open.length + after.openBeyond === 0 ? [] : [doubtOpen(after)]),
    ...(after.lost.rows === 0 ? [] : [doubtLost(after.lost)]),
    ...(after.overwritten.rows === 0 ? [] : [doubtOverwritten(after.overwritten)]),
    ...(after.blind ? [doubtBlind] : []),
    ...(after.lacking ? [doubtLacking] : []),
    ...(after.stray > 0 ? [doubtStray(after.stray)] : []),
    ...(after.altered ? [doubtAltered] : []),
    ...(follows !== null && after.foreign ? [doubtForeign] : []),
    ...(after.remade?.unread === true ? [doubtRemade(after.remade)] : []),
    ...(follows === null || after.remade?.unread !== false ? [] : [doubtBeforeRemade(after.remade)]),
    ...(follows === null || after.former === null ? [] : [doubtFormer(after.former)]),
    ...(follows === null || allFollowed ? [] : [doubtDeletes(trust.deletesFrom, follows)]),
  ];
  return { trust: after, doubts };
}

/** A full run reads all of what is there now; what was there before, only a comparison of keys finds: it left nothing to follow. */
function remadeAtEnd(
  trust: TargetTrust,
  { window, follows, sourceMark }: CompletedRun,
): TargetTrust['remade'] {
  const isAnew = isOther(trust.source?.mark ?? null, sourceMark);
  const remade = trust.remade ?? (isAnew ? { since: trust.source?.to ?? null, unread: true } : null);
  if (remade === null) return null;
  if (window.from !== null) return isAnew ? { ...remade, unread: true } : remade;
  return follows === 'keys' ? null : { ...remade, unread: false };
}

/** Positions are compared for equality only: a source that was told `deletesFrom`, and lies before it, follows `all`. */
function isUpToDate(follows: Followed | null, deletesFrom: Position | null): boolean {
  if (follows === null) return false;
  return typeof follows === 'string' || deletesFrom === null || follows.since === deletesFrom;
}

/** A full read has met every row that the source still has. */
function openAtEnd(
  trust: TargetTrust,
  { window, dirty, refused, closed }: CompletedRun,
): Pick<TargetTrust, 'open' | 'openBeyond'> {
  const mine = refused.map((row) => ({ ...row, mapping: trust.mapping }));
  const again = new Set(mine.map(({ key }) => key));
  const before = window.from === null ? [] : trust.open;
  const still = before.filter(({ key, sent }) => !again.has(key) && (sent === null || !closed.has(sent)));
  const all = [...mine, ...still];
  const beyond = (window.from === null ? 0 : trust.openBeyond) + dirty - mine.length;
  return { open: all.slice(0, maxOpen), openBeyond: beyond + Math.max(0, all.length - maxOpen) };
}
