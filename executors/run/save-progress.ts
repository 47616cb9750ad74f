// What a going run has come to, in its row: for who looks at it, and for the executor that takes it over.
import type { RunReport } from '../../src/core/run-report.ts';
import { mapText } from '../../src/core/text.ts';
import { buildReport } from './build-report.ts';
import type { Reached, RunSession } from './run-session.ts';

/** The report as it stands. `now`: monotonic. */
export function liveReport(session: RunSession, reached: Reached, now: number): RunReport {
  const { report: saved } = session.run;
  const report = buildReport({ reached, notes: [], ledgerRun: null, outcome: 'not-complete', now, saved });
  return { ...report, notes: report.notes.map((note) => mapText(note, session.scrub)) };
}

/** Throws DATABASE_UNREACHABLE, DATABASE_FAILED. */
export async function saveProgress({ executor, run }: RunSession, report: RunReport): Promise<void> {
  await executor.runs.saveProgress(run.id, executor.owner, report);
  executor.emit({ type: 'run.progress', jobId: run.jobId, runId: run.id, counts: report.counts });
}
