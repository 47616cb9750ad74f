// What the report of a run says: the notes of both sides and nothing of its own, and what a delivered run has against it.
import { expect, it } from 'vitest';
import { buildReport } from '../../executors/run/build-report.ts';
import { startWatch } from '../../executors/watch/watch-state.ts';
import type { RunReport } from '../../src/core/run-report.ts';
import type { RunCounts } from '../../src/core/status.ts';
import { noCounts } from '../../src/core/status.ts';
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

const counts = { ...noCounts, read: 7, filtered: 0, emitted: 7, written: 5, dirty: 0 };

function endedAfter(stages: RunReport['stages'], abortedCounts: RunCounts = noCounts): RunReport {
  const watched = startWatch({ startedAt: 0, resumedAt: 0, incarnation: 'worker-1', report: null });
  const going = { base: null, steps: [], ending: null, watched: { ...watched, counts } };
  const asked = { notes: [], ledgerRun: null, outcome: 'not-complete' } as const;
  const saved = { ...buildReport({ ...asked, reached: going, now: 1 }), stages };
  expect(saved.counts).toEqual(counts);
  const reached = { ...going, watched: null };
  return buildReport({ ...asked, reached, now: null, saved, abortedCounts });
}

it('of a run that was lost, what was saved while it went is not what it came to', () => {
  expect(endedAfter({ source: 'processing', sink: 'processing' }).counts).toEqual(noCounts);
  const written = { ...noCounts, written: 91_421, dirty: 0 };
  expect(endedAfter({ source: 'start', sink: 'start' }, written).counts).toEqual(written);
});

it('of a side that had said its end, numbers are its own last ones', () => {
  const { read, filtered, emitted, written, dirty } = counts;
  expect(endedAfter({ source: 'end', sink: 'processing' }).counts).toEqual({
    ...noCounts,
    read,
    filtered,
    emitted,
  });
  expect(endedAfter({ source: 'start', sink: 'end' }).counts).toEqual({ ...noCounts, written, dirty });
});

it('a source that said less than the target has of it is not believed once it is ended', () => {
  const watched = startWatch({ startedAt: 0, resumedAt: 0, incarnation: 'worker-1', report: null });
  const report = (now: number | null) =>
    buildReport({
      reached: { base: null, steps: [], ending: null, watched: { ...watched, counts } },
      notes: [],
      ledgerRun: null,
      outcome: 'not-complete',
      abortedCounts: { ...noCounts, written: 9 },
      now,
    }).counts;
  expect(report(1)).toEqual({ ...counts, written: 9 });
  expect(report(null)).toEqual({ ...noCounts, written: 9, dirty: 0 });
});
