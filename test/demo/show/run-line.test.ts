// What a run looks like on the terminal.
import { describe, expect, it } from 'vitest';
import { shapeOf } from '../../../src/core/errors.ts';
import type { RunReport } from '../../../src/core/run-report.ts';
import { runStates, type Run } from '../../../src/core/run.ts';
import { noCounts } from '../../../src/core/status.ts';
import { fit, isProved, runLine, widthOf } from '../../../src/demo/show/run-line.ts';
import { runTable } from '../../../src/demo/show/run-table.ts';
import { chooseTexts } from '../../../src/demo/show/texts.ts';
import { sampleProgress, sampleShownRun } from './sample-shown-run.ts';

const en = chooseTexts({ LANG: 'C.UTF-8' });
const zh = chooseTexts({ LC_ALL: 'zh_CN.UTF-8', LANG: 'C' });

describe('the line of a run', () => {
  it('of a run that has not begun says so', () => {
    expect(runLine(sampleShownRun({ state: 'queued' }), 1, en, 0)).toBe('run 1   queued');
  });

  it('of a going run shows the estimate as one, and the rate so far', () => {
    const run = sampleShownRun({ state: 'running', startedAt: 1_000, report: sampleProgress() });
    expect(runLine(run, 1, en, 3_000)).toBe(
      'run 1   full      running   ≈98,304 expected · read 40,000 · written 30,000 · 15,000 rows/s · 2.0 s',
    );
  });

  it('shows what is unknown as unknown, never as zero', () => {
    const report: RunReport = {
      ...sampleProgress(),
      counts: noCounts,
      predicted: { rows: null, exact: false },
    };
    const run = sampleShownRun({ state: 'running', startedAt: 1_000, report });
    expect(runLine(run, 1, en, 1_500)).toContain('read – · written – ·');
    expect(runLine(run, 1, en, 1_500)).not.toContain('expected');
  });

  it('of an increment says so, of a proved run that it is', () => {
    const report: RunReport = {
      ...sampleProgress(),
      outcome: 'proved',
      window: { from: '5', to: '9' },
      predicted: { rows: 7, exact: true },
      tookMs: 500,
      rowsPerSecond: 14,
    };
    const run = sampleShownRun({ state: 'succeeded', startedAt: 0, endedAt: 900, report });
    expect(runLine(run, 12, en, 0)).toMatch(
      /^run 12 {2}increment proved {4}7 expected .* 14 rows\/s · 0\.5 s$/,
    );
    expect(isProved(run)).toBe(true);
    expect(isProved({ ...run, report: { ...report, outcome: 'delivered' } })).toBe(false);
    const notProved = [{ en: 'two keys are one row', zh: '两个主键是同一行' }];
    const delivered = { ...run, report: { ...report, outcome: 'delivered', notProved } } as const;
    expect(runLine(delivered, 1, en, 0)).toMatch(/ delivered, not proved .* – two keys are one row$/);
    expect(runLine(delivered, 1, zh, 0)).toMatch(/ – 两个主键是同一行$/);
  });

  it('tells rows that were deleted, and removed by a comparison of keys, where there are some', () => {
    const counts = { ...sampleProgress().counts, deleted: 1_200, removed: 3 };
    const run = sampleShownRun({ startedAt: 0, report: { ...sampleProgress(), counts } });
    expect(runLine(run, 1, en, 1_000)).toContain(' · written 30,000 · deleted 1,200 · removed 3 · ');
    const none = { ...sampleProgress(), counts: { ...counts, deleted: 0, removed: null } };
    expect(runLine({ ...run, report: none }, 1, en, 1_000)).not.toMatch(/deleted|removed/);
  });

  it('of a failed run ends with the reason', () => {
    const reason = shapeOf('STALLED', 'the source said nothing');
    const run = sampleShownRun({ state: 'failed', reason });
    expect(runLine(run, 3, en, 0)).toBe('run 3   FAILED    – STALLED: the source said nothing');
  });

  it('is Chinese where the locale is', () => {
    const run = sampleShownRun({ state: 'running', startedAt: 1_000, report: sampleProgress() });
    expect(runLine(run, 1, zh, 3_000)).toContain('运行中');
    expect(chooseTexts({ LANG: 'zh_TW' })).toBe(zh);
    expect(chooseTexts({ LC_ALL: '', LANG: 'en_US.UTF-8' })).toBe(en);
  });
});

describe('the width of a text', () => {
  it('counts two columns for a Chinese character', () => {
    expect(widthOf('运行 1')).toBe(6);
    expect(widthOf('≈12 rows/s')).toBe(10);
    expect(fit('运行中', 5)).toBe('运行');
    expect(fit('running', 80)).toBe('running');
  });
});

describe('the table of runs', () => {
  it('has a line for each, with columns that stand under their heads in both languages', () => {
    const proved = {
      ...sampleProgress(),
      outcome: 'proved',
      window: { from: null, to: '1970-01-01T00:00:04.000Z' },
    } as const;
    const runs: Run[] = [
      sampleShownRun({ state: 'succeeded', plannedAt: 10_000, report: proved }),
      sampleShownRun({ state: 'skipped', plannedAt: 20_000 }),
    ];
    expect(runTable(runs, en)).toEqual([
      'run  planned   state      outcome  window           read  written  deleted  removed  dirty  rows/s',
      '───  ────────  ─────────  ───────  ─────────────  ──────  ───────  ───────  ───────  ─────  ──────',
      '1    00:00:10  succeeded  proved   […, 00:00:04)  40,000   30,000        –        –      0       –',
      '2    00:00:20  skipped    –        –                   –        –        –        –      –       –',
    ]);
    const chinese = runTable(runs, zh);
    expect(new Set(chinese.map(widthOf)).size).toBe(1);
    expect(chinese.join('')).toContain('成功  已证明');
  });

  it('in Chinese has the words of the lines above it for every state and outcome', () => {
    const runs = runStates.flatMap((state) =>
      (['proved', 'delivered', 'not-complete'] as const).map((outcome) =>
        sampleShownRun({ state, report: { ...sampleProgress(), outcome } }),
      ),
    );
    expect(runTable(runs, zh).join('\n')).not.toMatch(/[a-z]{3}/i);
  });

  it('the double of HBase is told of in the language of the demo', () => {
    expect(zh.double('127.0.0.1:1')).toBe('HBase 的演示替身：127.0.0.1:1');
    expect(en.double('127.0.0.1:1')).toContain('DEMO DOUBLE');
  });
});
