// The report of several runs as a table.
import type { Position } from '../../core/position.ts';
import type { Run } from '../../core/run.ts';
import { padEnd, padStart, widthOf } from './run-line.ts';
import { formatCount } from './texts.ts';
import type { DemoTexts } from './texts.ts';

/** Runs in the order of their numbers, 1 first. */
export function runTable(runs: readonly Run[], texts: DemoTexts): readonly string[] {
  const rows = runs.map((run, index) => [
    String(index + 1),
    timeOf(run.plannedAt),
    texts.states[run.state],
    run.report === null ? '–' : texts.states[run.report.outcome],
    windowOf(run),
    count(run.report?.counts.read),
    count(run.report?.counts.written),
    count(run.report?.counts.deleted),
    count(run.report?.counts.removed),
    count(run.report?.counts.dirty),
    count(run.report?.rowsPerSecond),
  ]);
  const all = [texts.reportHeads, ...rows];
  const widths = texts.reportHeads.map((_, column) =>
    Math.max(...all.map((row) => widthOf(row[column] ?? ''))),
  );
  const firstNumber = 5;
  const lines = all.map((row) =>
    row
      .map((cell, column) => (column < firstNumber ? padEnd : padStart)(cell, widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  lines.splice(1, 0, widths.map((width) => '─'.repeat(width)).join('  '));
  return lines;
}

function windowOf({ report }: Run): string {
  if (report === null || report.window === null) return '–';
  const { from, to } = report.window;
  return `[${from === null ? '…' : dayTime(from)}, ${to === null ? '…' : dayTime(to)})`;
}

/** UTC, as in the log. */
function timeOf(ms: number): string {
  return dayTime(new Date(ms).toISOString());
}

/** The demo's positions are instants. */
function dayTime(instant: Position): string {
  return instant.slice(11, 23).replace('.000', '');
}

function count(value: number | null | undefined): string {
  return value === null || value === undefined ? '–' : formatCount(Math.round(value));
}
