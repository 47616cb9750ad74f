// The run in numbers, from what the connectors said and, where it has spoken, from the ledger: its word is the last.
import type { LedgerRun } from '../../src/core/ledger/ledger.ts';
import type { RunReport } from '../../src/core/run-report.ts';
import type { DeletePolicy, Predicted, RunCounts } from '../../src/core/status.ts';
import { noCounts } from '../../src/core/status.ts';
import { distinctTexts } from '../../src/core/text.ts';
import type { Text } from '../../src/core/text.ts';
import type { RunProgress } from './run-session.ts';
import type { WatchState } from '../watch/watch-state.ts';

export interface ReportSources {
  readonly progress: Pick<RunProgress, 'base' | 'watched' | 'notes'>;
  /** The ledger's row of a complete run; null: the run is going, or ended otherwise. */
  readonly ledgerRun: LedgerRun | null;
  /** Numbers of an aborted run, from the ledger. */
  readonly abortedCounts?: RunCounts;
  readonly outcome: RunReport['outcome'];
  /** Monotonic time while the run goes; null: it has ended. */
  readonly now: number | null;
  /** Report that was saved before, when another executor watched the run. */
  readonly saved?: RunReport | null;
}

const IGNORED: Text = {
  en: 'deletes not followed: rows deleted in the source stay in the target',
  zh: '不跟随删除：源中已删除的行仍留在目标中',
};
const LOST_MARKERS = {
  en: 'lost before a run sees them: markers that a major compaction, or a minor one of all files of a store, took away; and unseen: rows or columns that expired or were truncated, and single versions deleted after a run had read them, whose markers bear the time of the version',
  zh: '在运行看到之前会失去的：已被 major compaction 或合并某个 store 全部文件的 minor compaction 清除的标记；看不到的：过期或被 truncate 的行与列，以及在被读取之后才删除的单个版本（其标记带有该版本的时间）',
} as const;
const BY_MARKERS: Text = {
  en: `deletes followed by their markers; what has none stays in the target. ${LOST_MARKERS.en}`,
  zh: `按删除标记同步删除；没有标记的仍留在目标中。${LOST_MARKERS.zh}`,
};
const COLUMNS_BY_MARKERS: Text = {
  en: `deletes of rows followed by comparing keys; of single columns, in an increment, by their markers at best. ${LOST_MARKERS.en}`,
  zh: `按比对键同步行的删除；增量运行中单列的删除最多依据删除标记。${LOST_MARKERS.zh}`,
};
const NO_LEDGER: Text = {
  en: 'the sink keeps no ledger: that every row arrived is its word only',
  zh: '接收端没有台账：各行是否到达只有其自身的说法',
};

export function buildReport(sources: ReportSources): RunReport {
  const { progress, ledgerRun, outcome, saved } = sources;
  const watched = progress.watched;
  const counts = [ledgerRun?.counts, sources.abortedCounts, watched?.counts, saved?.counts].reduce<RunCounts>(
    (known, next) => (next === undefined ? known : fillCounts(known, next)),
    noCounts,
  );
  const window = ledgerRun?.plan?.window ?? watched?.window ?? saved?.window ?? null;
  const base = ledgerRun?.base ?? progress.base ?? saved?.watermarkBefore ?? null;
  const total = ledgerRun?.plan?.splits ?? watched?.splits.total ?? saved?.splits.total ?? null;
  return {
    outcome,
    window,
    watermarkBefore: base,
    watermarkAfter: ledgerRun?.state === 'complete' ? (window?.to ?? null) : base,
    predicted: predicted(watched, saved),
    counts,
    splits: {
      total,
      ended: ledgerRun?.state === 'complete' ? total : (watched?.splits.ended ?? saved?.splits.ended ?? null),
    },
    stages: {
      source: watched?.source.stage ?? saved?.stages.source ?? 'silent',
      sink: watched?.sink.stage ?? saved?.stages.sink ?? 'silent',
    },
    ...speed(watched, counts, sources.now),
    notProved: notProved(sources),
    notes: [
      ...distinctTexts([
        ...(saved?.notes ?? []),
        ...(watched?.notes.source ?? []),
        ...(watched?.notes.sink ?? []),
        ...progress.notes,
        ...(outcome === 'not-complete' ? [] : unseenDeletes(watched?.deletes ?? 'ignore', window)),
      ]),
    ],
  };
}

/** Of a run that was taken over nobody says it again. */
function predicted(watched: WatchState | null, saved: RunReport | null | undefined): Predicted {
  const unknown = { rows: null, exact: false };
  if (watched === null || watched.predicted.rows === null) return saved?.predicted ?? unknown;
  return watched.predicted;
}

function fillCounts(known: RunCounts, next: RunCounts): RunCounts {
  return {
    read: known.read ?? next.read,
    filtered: known.filtered ?? next.filtered,
    emitted: known.emitted ?? next.emitted,
    written: known.written ?? next.written,
    dirty: known.dirty ?? next.dirty,
    nulled: known.nulled ?? next.nulled,
    deleted: known.deleted ?? next.deleted,
    removed: known.removed ?? next.removed,
    skipped: known.skipped ?? next.skipped,
  };
}

function speed(
  watched: WatchState | null,
  counts: RunCounts,
  now: number | null,
): Pick<RunReport, 'tookMs' | 'rowsPerSecond'> {
  if (watched?.firstStartAt == null) return { tookMs: null, rowsPerSecond: null };
  const until = now ?? watched.lastEndAt;
  if (until === null) return { tookMs: null, rowsPerSecond: null };
  const elapsedMs = Math.max(1, until - watched.firstStartAt);
  const rowsPerSecond = counts.written === null ? null : Math.round((counts.written * 1_000) / elapsedMs);
  return { tookMs: now === null ? elapsedMs : null, rowsPerSecond };
}

function notProved({ outcome, ledgerRun }: ReportSources): readonly Text[] {
  if (outcome !== 'delivered') return [];
  return ledgerRun?.doubts ?? [NO_LEDGER];
}

/** A full read finds what whole rows hold; only rows that are gone are found in another way. */
function unseenDeletes(policy: DeletePolicy, window: RunReport['window']): readonly Text[] {
  if (policy === 'ignore') return [IGNORED];
  if (policy === 'markers') return [BY_MARKERS];
  return window?.from == null ? [] : [COLUMNS_BY_MARKERS];
}
