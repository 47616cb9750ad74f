// A message of `pkuse_status` about the watched run. Delivered late, twice or out of order it changes nothing that is settled.
import { counted } from '../../src/core/text.ts';
import type { RunCounts, StatusDetail, StatusMessage } from '../../src/core/status.ts';
import { readForeignTrace } from '../connect/foreign-trace.ts';
import { brokenConnector } from '../run/verdict.ts';
import type { Side, SideState, Step, WatchAction, WatchRules, WatchState } from './watch-state.ts';
import { end, stay } from './watch-state.ts';

export function reduceStatus(rules: WatchRules, state: WatchState, input: StatusInput): Step {
  const { status, at } = input;
  if (status.taskId !== rules.runId || isStale(rules, status.syncline)) return stay(state);
  const side = sideOf(rules, status);
  if (status.stage === 'error') {
    const verdict = brokenConnector(status.syncline?.error ?? readForeignTrace(status.description));
    return end(takeNumbers({ ...state, lastEndAt: at }, status, side), verdict);
  }
  const known = takeNumbers(takeForeign(enter(state, input, side), status, side), status, side);
  const lines = describeChange(state, known, status);
  if (status.stage !== 'end' || side === 'source') return stay(known, ...lines);
  if (rules.epoch !== null) return stay({ ...known, lookedAt: at }, ...lines, { kind: 'look' });
  // Without a ledger the sink's word is all there is; a speaker that isn't the sink can't give it.
  return side === null ? stay(known, ...lines) : end(known, { kind: 'delivered' }, ...lines);
}

interface StatusInput {
  readonly at: number;
  readonly status: StatusMessage;
}

/** From an older run of the job, or about another job that used this id. */
function isStale(rules: WatchRules, detail: StatusDetail | undefined): boolean {
  if (detail === undefined) return false;
  if (detail.job !== rules.jobId) return true;
  return rules.epoch !== null && detail.epoch < rules.epoch;
}

/** null: a speaker that is neither of the two connectors, known by the taskId only. */
function sideOf(rules: WatchRules, status: StatusMessage): Side | null {
  if (status.syncline !== undefined) return status.syncline.side;
  if (status.connectorName === rules.names.source) return 'source';
  return status.connectorName === rules.names.sink ? 'sink' : null;
}

const ranks = { silent: 0, start: 1, processing: 2, end: 3 };

/** A message proves that its side lives and is at least so far: the ones before it may be lost. */
function enter(state: WatchState, { at, status }: StatusInput, side: Side | null): WatchState {
  const { stage } = status;
  if (stage === 'error') return state;
  const advance = (of: SideState): SideState => ({
    ...of,
    stage: ranks[stage] > ranks[of.stage] ? stage : of.stage,
    started: of.started || stage !== 'processing',
    lifeAt: at,
  });
  const timed = {
    ...state,
    firstStartAt: state.firstStartAt ?? at,
    lastEndAt: stage === 'end' ? at : state.lastEndAt,
  };
  if (side !== null) return { ...timed, [side]: advance(state[side]) };
  // An unknown speaker's `end` says nothing of either side's end.
  if (stage === 'end') return timed;
  return { ...timed, source: advance(state.source), sink: advance(state.sink) };
}

/** Numbers that a message of the contract's five fields holds in its description. */
function takeForeign(state: WatchState, status: StatusMessage, side: Side | null): WatchState {
  const rows = countIn(status.description);
  if (status.syncline !== undefined || rows === null) return state;
  if (status.stage === 'start') {
    const known = state.predicted.rows !== null && side !== 'source';
    return known ? state : { ...state, predicted: { rows, exact: false } };
  }
  if (status.stage !== 'end' || side === null) return state;
  const counts = side === 'source' ? { emitted: rows } : { written: rows };
  return { ...state, counts: { ...state.counts, ...counts } };
}

/** A line for the log when a side starts or enters a stage. */
function describeChange(
  before: WatchState,
  after: WatchState,
  status: StatusMessage,
): readonly WatchAction[] {
  return (['source', 'sink'] as const)
    .filter((side) => {
      const starts = !before[side].started && after[side].started;
      return before[side].stage !== after[side].stage || starts;
    })
    .map((side) => {
      const detail = {
        start: `, ${describePredicted(after.predicted)}`,
        processing: '',
        end: `, ${status.description === '1' ? '1 row' : `${status.description.slice(0, 40)} rows`}`,
        error: '',
      }[status.stage];
      return { kind: 'say', level: 'info', line: `${side}: ${status.stage}${detail}` };
    });
}

/** The newest numbers of each side win by the sender's time: a late message must not turn them back. */
function takeNumbers(state: WatchState, status: StatusMessage, side: Side | null): WatchState {
  const detail = status.syncline;
  if (detail === undefined || side === null || detail.at < state[side].saidAt) return state;
  const known = detail.predicted.rows !== null && (side === 'source' || state.predicted.rows === null);
  return {
    ...state,
    [side]: { ...state[side], saidAt: detail.at },
    predicted: known ? detail.predicted : state.predicted,
    counts: mergeCounts(state.counts, detail.counts, side),
    window: detail.window ?? state.window,
    splits: side === 'sink' || state.splits.total === null ? (detail.splits ?? state.splits) : state.splits,
    notes: { ...state.notes, [side]: detail.notes ?? state.notes[side] },
  };
}

/** The source knows what it read and sent, the sink what it wrote. */
function mergeCounts(known: RunCounts, said: RunCounts, side: Side): RunCounts {
  return side === 'source'
    ? {
        ...known,
        read: said.read ?? known.read,
        filtered: said.filtered ?? known.filtered,
        emitted: said.emitted ?? known.emitted,
        nulled: said.nulled ?? known.nulled,
      }
    : {
        ...known,
        written: said.written ?? known.written,
        dirty: said.dirty ?? known.dirty,
        deleted: said.deleted ?? known.deleted,
        removed: said.removed ?? known.removed,
        skipped: said.skipped ?? known.skipped,
      };
}

function countIn(description: string): number | null {
  return /^\d{1,15}$/.test(description.trim()) ? Number(description) : null;
}

function describePredicted(predicted: { readonly rows: number | null; readonly exact: boolean }): string {
  if (predicted.rows === null) return 'number of rows unknown';
  return `${predicted.exact ? '' : '≈'}${counted(predicted.rows, 'row')} predicted`;
}
