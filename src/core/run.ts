// A run: one attempt at a job's fire, and its state machine.
//
//  queued ─claim─► starting ─begin, connectors resumed─► running ─sink complete─► succeeded
//     │                │                                    │
//     └── cancelled    └──────────────┬─────────────────────┘
//  skipped (made terminal)            └─► failed │ timed-out │ cancelled │ superseded │ lost ──retry──► a new row, attempt n+1
import type { ErrorShape } from './errors.ts';
import type { Interval } from './planning/interval.ts';
import type { RunReport } from './run-report.ts';

export const runStates = [
  'queued',
  'starting',
  'running',
  'succeeded',
  'failed',
  'timed-out',
  'cancelled',
  'superseded',
  'lost',
  'skipped',
] as const;
export type RunState = (typeof runStates)[number];

export type TerminalState = Exclude<RunState, 'queued' | 'starting' | 'running'>;

export const activeStates = ['queued', 'starting', 'running'] as const satisfies readonly RunState[];

export function isTerminal(state: RunState): state is TerminalState {
  return !(activeStates as readonly RunState[]).includes(state);
}

/** Why a run exists. */
export type Trigger =
  | { readonly kind: 'schedule' }
  | { readonly kind: 'manual'; readonly idempotencyKey: string | null }
  | { readonly kind: 'retry'; readonly of: string };

export interface Run {
  /** UUID; also the `pkuse.task.id` of its connectors. */
  readonly id: string;
  readonly jobId: string;
  readonly jobVersion: number;
  /** ms; the planned fire, or when it was triggered by hand. Unique with job and attempt. */
  readonly plannedAt: number;
  /** What a skipped row stands for; null: for its planned instant. */
  readonly instants: Instants | null;
  /** What its fire owns; its retries keep it. null: made by hand, or by a schedule whose fires own none. */
  readonly interval: Interval | null;
  readonly attempt: number;
  readonly trigger: Trigger;
  readonly mode: 'full' | 'incremental';
  /** What the trigger gave, by name; {}: nothing. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Chosen by who triggered it: the Connect cluster that has its connectors, and the executor that takes it. null: the job's, any. */
  readonly cluster: string | null;
  readonly executor: string | null;
  readonly state: RunState;
  /** Not to be claimed before (retry delay, jitter), ms. */
  readonly notBefore: number;
  /** Of a higher one first. */
  readonly priority: number;
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  /** Executor that holds the lease, and when the lease ends by database time. */
  readonly owner: string | null;
  readonly leaseUntil: number | null;
  readonly cancelRequested: boolean;
  /** The run's number in the target; null before begin. */
  readonly epoch: number | null;
  /** Why it ended as it did: first cause first. null while it goes and when it succeeded. */
  readonly reason: RunReason | null;
  readonly report: RunReport | null;
}

/** Planned instants that were skipped for one reason, ms. `first` is the row's `plannedAt`. */
export interface Instants {
  readonly first: number;
  readonly last: number;
  readonly count: number;
}

/** Why a run ended as it did. */
export type RunReason = ErrorShape;
