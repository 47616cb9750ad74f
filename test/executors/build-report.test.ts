// What the report of a run says: the notes of both sides and nothing of its own, and what a delivered run has against it.
import { expect, it } from 'vitest';
import { buildReport } from '../../executors/run/build-report.ts';
import { startWatch } from '../../executors/watch/watch-state.ts';
import type { RunReport } from '../../src/core/run-report.ts';
import { sameInBoth } from '../../src/core/text.ts';
import { english } from '../support/english.ts';

function reportOf(outcome: RunReport['outcome']): RunReport {
  const started = startWatch({ startedAt: 0, resumedAt: 0, incarnation: 'worker-1', report: null });
  const notes = { source: [sameInBoth('deletes not followed')], sink: [sameInBoth('LOAD DATA is used')] };
  return buildReport({
    reached: { base: null, steps: [], ending: null, watched: { ...started, notes } },
    notes: [],
    ledgerRun: null,
    outcome,
    now: null,
  });
}

it('what is done about deletes is the source’s to say, once', () => {
  for (const outcome of ['proved', 'delivered', 'not-complete'] as const)
    expect(english(reportOf(outcome).notes)).toEqual(['deletes not followed', 'LOAD DATA is used']);
});

it('a run that is delivered without a ledger says so', () => {
  expect(english(reportOf('delivered').notProved)).toEqual([expect.stringContaining('keeps no ledger')]);
  expect(reportOf('proved').notProved).toEqual([]);
});
