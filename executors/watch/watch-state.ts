// What an executor knows of a going run. reduce-watch.ts moves it.
import type { ErrorCode } from '../../src/core/errors.ts';
import type { LedgerRun } from '../../src/core/ledger/ledger.ts';
import type { RunReason } from '../../src/core/run.ts';
import type { RunReport, SideStage } from '../../src/core/run-report.ts';
import type { Predicted, RunCounts, StatusMessage } from '../../src/core/status.ts';
import { noCounts } from '../../src/core/status.ts';
import type { Text } from '../../src/core/text.ts';
import type { Window } from '../../src/core/window.ts';
import type { ConnectorsPoll } from './poll-connectors.ts';
import type { Verdict } from '../run/verdict.ts';

export type Side = 'source' | 'sink';

/** How far a sink that isn't ours is. */
export interface Handover {
  /** Records of the run in the topic. */
  readonly sent: number;
  /** How many of them the sink committed. */
  readonly committed: number;
}

export interface WatchRules {
  readonly runId: string;
  readonly jobId: string;
  /** null: the sink keeps no ledger. */
  readonly epoch: number | null;
  readonly names: Readonly<Record<Side, string>>;
  readonly logKind: 'memory' | 'kafka';
  readonly startMs: number;
  readonly stallMs: number;
  readonly timeoutMs: number;
}

export interface SideState {
  /** Never goes back: a late or repeated message of an earlier stage changes nothing. */
  readonly stage: SideStage;
  /** Its `start` was heard, which may follow signs of life while it plans. */
  readonly started: boolean;
  /** Last status, or movement in the ledger; local time. */
  readonly lifeAt: number;
  /** Sender's time of the newest message whose numbers were taken. */
  readonly saidAt: number;
  /** As the last poll saw it; null: not seen yet. */
  readonly connector: string | null;
  /** Polls in a row that did not find the connector. */
  readonly missing: number;
}

export interface WatchState {
  /** When it was first claimed. All times are monotonic ones of this process. */
  readonly startedAt: number;
  readonly resumedAt: number;
  readonly source: SideState;
  readonly sink: SideState;
  readonly predicted: Predicted;
  readonly counts: RunCounts;
  readonly window: Window | null;
  readonly splits: { readonly total: number | null; readonly ended: number | null };
  /** What each side said last: a count in it grows while the run goes. */
  readonly notes: Readonly<Record<Side, readonly Text[]>>;
  /** As last seen of a sink without a ledger; null: not yet. */
  readonly handover: Handover | null;
  readonly firstStartAt: number | null;
  readonly lastEndAt: number | null;
  /** Id of the worker process that the connectors were put on; null: unknown or not ours. */
  readonly incarnation: string | null;
  /** Why the last poll failed; null: it didn't. */
  readonly unreachable: string | null;
  readonly resumes: number;
  readonly lookedAt: number;
  readonly tickedAt: number;
  readonly verdict: Verdict | null;
}

export type WatchInput =
  | { readonly kind: 'status'; readonly at: number; readonly status: StatusMessage }
  | { readonly kind: 'poll'; readonly at: number; readonly poll: ConnectorsPoll }
  | { readonly kind: 'poll-failed'; readonly at: number; readonly message: string }
  /** `run` null: the ledger has no row of this run any more. */
  | { readonly kind: 'ledger'; readonly at: number; readonly run: LedgerRun | null }
  /** `isAllSent`: the source had said its end before. */
  | {
      readonly kind: 'handover';
      readonly at: number;
      readonly handover: Handover;
      readonly isAllSent: boolean;
    }
  /** Records of the run that a sink without a ledger can't take any more. */
  | { readonly kind: 'records-lost'; readonly code: ErrorCode; readonly message: string }
  | { readonly kind: 'log-changed'; readonly at: number }
  /** From outside: it is to end. */
  | { readonly kind: 'end'; readonly reason: RunReason }
  | { readonly kind: 'tick'; readonly at: number };

export type WatchAction =
  | { readonly kind: 'look' }
  | { readonly kind: 'resume' }
  | { readonly kind: 'say'; readonly level: 'info' | 'warn'; readonly line: string };

export interface Step {
  readonly state: WatchState;
  readonly actions: readonly WatchAction[];
}

export interface WatchBegin {
  readonly startedAt: number;
  readonly resumedAt: number;
  readonly incarnation: string | null;
  /** As the executor saved it that watched the run before; null: nobody did. */
  readonly report: RunReport | null;
}

export function startWatch({ startedAt, resumedAt, incarnation, report }: WatchBegin): WatchState {
  const side = (name: Side): SideState => ({
    stage: report?.stages[name] ?? 'silent',
    started: report !== null,
    lifeAt: resumedAt,
    saidAt: -Infinity,
    connector: null,
    missing: 0,
  });
  const [source, sink] = [side('source'), side('sink')];
  const went = [source, sink].some(({ stage }) => stage !== 'silent');
  return {
    ...{ startedAt, resumedAt, incarnation, source, sink },
    predicted: { rows: null, exact: false },
    counts: noCounts,
    window: null,
    splits: { total: null, ended: null },
    notes: { source: [], sink: [] },
    handover: null,
    firstStartAt: went ? startedAt : null,
    lastEndAt: null,
    unreachable: null,
    resumes: 0,
    lookedAt: resumedAt,
    tickedAt: resumedAt,
    verdict: null,
  };
}

/** The run goes on. */
export function stay(state: WatchState, ...actions: readonly WatchAction[]): Step {
  return { state, actions };
}

/** The run is over; this verdict stays. */
export function end(state: WatchState, verdict: Verdict, ...actions: readonly WatchAction[]): Step {
  return { state: { ...state, verdict }, actions };
}
