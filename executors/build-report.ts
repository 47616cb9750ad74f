// The run in numbers, from what the connectors said and, where it has spoken, from the ledger: its word is the last.
import type { LedgerRun } from '../src/core/ledger.ts';
import type { RunReport } from '../src/core/run-report.ts';
import type { DeletePolicy, RunCounts } from '../src/core/status.ts';
import { noCounts } from '../src/core/status.ts';
import type { RunProgress } from './run-session.ts';
import type { WatchState } from './watch-state.ts';

export interface ReportSources {
  readonly progress: Pick<RunProgress, 'base' | 'watched' | 'notes'>;
  /** The ledger's row of a complete run; null: the run is going, or ended otherwise. */
  readonly ledgerRun: LedgerRun | null;
  /** Numbers of an aborted run, from the ledger. */
  readonly abortedCounts?: RunCounts;
  readonly outcome: RunReport['outcome'];
  /** Local time while the run goes; null: it has ended. */
  readonly now: number | null;
  /** Report that was saved before, when another executor watched the run. */
  readonly saved?: RunReport | null;
}

const DELETES: Readonly<Record<DeletePolicy, readonly string[]>> = {
  ignore: ['deletes not followed: rows deleted in the source stay in the target'],
  markers: [
    'deletes followed by their markers: a row that expired, or whose marker a major compaction took away before this run, stays in the target (按删除标记同步删除:已过期的行,或标记在本次运行前已被 major compaction 清除的行,仍留在目标中)',
  ],
  reconcile: [],
};
const MERGED = 'keys may merge in the target: several source rows may have become one';
const NO_LEDGER = 'the sink keeps no ledger: that every row arrived is its word only';

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
    predicted: watched?.predicted ?? saved?.predicted ?? { rows: null, exact: false },
    counts,
    splits: {
      total,
      ended: ledgerRun?.state === 'complete' ? total : (watched?.splits.ended ?? saved?.splits.ended ?? null),
    },
    ...speed(watched, counts, sources.now),
    notProved: notProved(sources),
    notes: [...new Set([...(saved?.notes ?? []), ...(watched?.notes ?? []), ...progress.notes])],
  };
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

function notProved({ outcome, ledgerRun, progress }: ReportSources): readonly string[] {
  if (outcome === 'not-complete') return [];
  const deletes = DELETES[progress.watched?.deletes ?? 'ignore'];
  if (outcome === 'proved') return deletes;
  return [...deletes, ledgerRun === null ? NO_LEDGER : MERGED];
}
