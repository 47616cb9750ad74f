// Small pieces of the completeness simulation: what a row, a fresh sink and a plan look like in it.
import type { SinkState } from '../../connectors/runtime/apply-unit.ts';
import type { BeginControl } from '../../src/core/headers.ts';
import type { LedgerPlan } from '../../src/core/ledger.ts';

export function versionOf(row: string): number {
  return Number(row.split('\t')[1] ?? 0);
}

export function emptyState(): SinkState {
  return {
    plan: null,
    splits: new Map(),
    skipped: 0,
    complete: false,
    removalsSeen: 0,
    doubts: [],
    open: [],
  };
}

export function planOf(begin: BeginControl): LedgerPlan {
  return {
    id: begin.plan,
    splits: begin.splits,
    window: { from: begin.from, to: begin.to },
    detail: JSON.stringify(begin),
  };
}
