// The run in numbers, from what the connectors said and, where it has spoken, from the ledger: its word is the last.
import type { LedgerRun } from '../../src/core/ledger/ledger.ts';
import type { RunReport } from '../../src/core/run-report.ts';
import type { Predicted, RunCounts } from '../../src/core/status.ts';
import { noCounts } from '../../src/core/status.ts';
import { distinctTexts } from '../../src/core/text.ts';
import type { Text } from '../../src/core/text.ts';
import type { Reached } from './run-session.ts';
import type { WatchState } from '../watch/watch-state.ts';

export interface ReportSources {
  readonly reached: Pick<Reached, 'base' | 'watched' | 'steps' | 'ending'>;
  /** Of the run's end. */
  readonly notes: readonly Text[];
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

const NO_LEDGER: Text = {
  en: 'the sink keeps no ledger: that every row arrived is its word only',
  zh: '目标端没有账本：各行是否到达只有其自身的说法',
};

export function buildReport(sources: ReportSources): RunReport {
  const { reached, ledgerRun, outcome } = sources;
  const { watched } = reached;
  const saved = sources.now === null ? lastWord(sources.saved) : sources.saved;
  const summed = [ledgerRun?.counts, sources.abortedCounts, watched?.counts, saved?.counts].reduce<RunCounts>(
    (known, next) => (next === undefined ? known : fillCounts(known, next)),
    noCounts,
  );
  const counts = sources.now === null ? withoutOutrun(summed) : summed;
  const window = ledgerRun?.plan?.window ?? watched?.window ?? saved?.window ?? null;
  const base = ledgerRun?.base ?? reached.base ?? saved?.watermarkBefore ?? null;
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
    ...(reached.steps.length === 0 ? {} : { steps: reached.steps }),
    ...(reached.ending === null ? {} : { ending: reached.ending }),
    notProved: notProved(sources),
    notes: [
      ...distinctTexts([
        ...(saved?.notes ?? []),
        ...(watched?.notes.source ?? []),
        ...(watched?.notes.sink ?? []),
        ...sources.notes,
      ]),
    ],
  };
}

/**
 * What was saved of a run while it went is what a side had come to then: of a run that ended without the side's own end, how far it
 * came is not known.
 */
function lastWord(saved: RunReport | null | undefined): RunReport | null {
  if (saved == null) return null;
  const { read, filtered, emitted, nulled, written, dirty, deleted, removed, skipped } = saved.counts;
  const [source, sink] = [saved.stages.source === 'end', saved.stages.sink === 'end'];
  const ofSource = source ? { read, filtered, emitted, nulled } : {};
  const ofSink = sink ? { written, dirty, deleted, removed, skipped } : {};
  return {
    ...saved,
    counts: { ...noCounts, ...ofSource, ...ofSink },
    splits: { total: saved.splits.total, ended: sink ? saved.splits.ended : null },
  };
}

/** A source that was ended before it said more than the sink has had of it said too little. */
function withoutOutrun(counts: RunCounts): RunCounts {
  const { emitted, written, dirty, deleted } = counts;
  if (emitted === null || emitted >= (written ?? 0) + (dirty ?? 0) + (deleted ?? 0)) return counts;
  return { ...counts, read: null, filtered: null, emitted: null, nulled: null };
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
