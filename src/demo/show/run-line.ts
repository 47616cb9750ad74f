// One run as one line of the terminal.
import type { RunReport } from '../../core/run-report.ts';
import type { Run } from '../../core/run.ts';
import { formatCount, formatSeconds } from './texts.ts';
import type { DemoTexts } from './texts.ts';

/** `now`: ms, for the rate of a run that is going. */
export function runLine(run: Run, number: number, texts: DemoTexts, now: number): string {
  const { report } = run;
  const label = padEnd(texts.runLabel(number), 7);
  const state = padEnd(texts.states[stageOf(run)], 9);
  if (report === null) return `${label} ${state}${reasonOf(run)}`.trimEnd();
  const kind = report.window === null ? '' : report.window.from === null ? texts.full : texts.increment;
  const { predicted, counts } = report;
  const parts = [
    ...(predicted.rows === null
      ? []
      : [texts.expected(`${predicted.exact ? '' : '≈'}${formatCount(predicted.rows)}`)]),
    `${texts.read} ${count(counts.read)}`,
    `${texts.written} ${count(counts.written)}`,
    ...(counts.deleted ? [`${texts.deleted} ${count(counts.deleted)}`] : []),
    ...(counts.removed ? [`${texts.removed} ${count(counts.removed)}`] : []),
    ...rateOf(run, texts, now),
  ];
  return `${label} ${padEnd(kind, 9)} ${state} ${parts.join(' · ')}${reasonOf(run)}${doubtsOf(report, texts)}`;
}

/** The state, and for a run that succeeded what it means. */
export function stageOf({ state, report }: Run): keyof DemoTexts['states'] {
  return state === 'succeeded' ? (report?.outcome ?? state) : state;
}

export function isProved(run: Run): boolean {
  return run.state === 'succeeded' && run.report?.outcome === 'proved';
}

function rateOf(run: Run, texts: DemoTexts, now: number): readonly string[] {
  const { report, startedAt } = run;
  if (report === null || startedAt === null) return [];
  const tookMs = report.tookMs ?? (run.endedAt ?? now) - startedAt;
  const written = report.counts.written ?? 0;
  const rate = report.rowsPerSecond ?? (tookMs > 0 ? (written * 1000) / tookMs : 0);
  return [`${formatCount(Math.round(rate))} ${texts.rate}`, `${formatSeconds(tookMs)} s`];
}

function reasonOf({ reason }: Run): string {
  return reason === null ? '' : ` – ${reason.code}: ${reason.message}`;
}

function count(value: number | null): string {
  return value === null ? '–' : formatCount(value);
}

/** Why a run that succeeded is not proved. */
function doubtsOf({ outcome, notProved }: RunReport, texts: DemoTexts): string {
  return outcome === 'delivered' && notProved.length > 0 ? ` – ${notProved.map(texts.say).join(' · ')}` : '';
}

/** Columns of the terminal that a text takes: Chinese characters take two. */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of text) width += isWide(character.codePointAt(0) ?? 0) ? 2 : 1;
  return width;
}

export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

export function padStart(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - widthOf(text))) + text;
}

/** As much of a text as fits into `columns`. */
export function fit(text: string, columns: number): string {
  let width = 0;
  let fitting = '';
  for (const character of text) {
    width += widthOf(character);
    if (width > columns) return fitting;
    fitting += character;
  }
  return fitting;
}

function isWide(code: number): boolean {
  return (
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0xffe0 && code <= 0xffe6) ||
    (code >= 0x1f300 && code <= 0x1faff) ||
    (code >= 0x20000 && code <= 0x3fffd)
  );
}
