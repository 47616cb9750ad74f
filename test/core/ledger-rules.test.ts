// What every ledger decides in one way; the conformance suites hold each kind of ledger to it.
import { expect, it } from 'vitest';
import { abortRun, beginRun } from '../../src/core/ledger/document.ts';
import type { LedgerDocument } from '../../src/core/ledger/document.ts';
import { countsOf, keptEpochs, mayComplete } from '../../src/core/ledger/rules.ts';

const request = (taskId: string) => ({
  ...{ job: 'job', taskId, digest: 'd' },
  ...({ mode: 'full', byHand: false } as const),
});

it('a document forgets runs of as many epochs ago as an SQL ledger does', () => {
  const ledger: LedgerDocument = { job: null, runs: [] };
  beginRun(ledger, request('first'));
  while ((ledger.job?.epoch ?? 0) < keptEpochs) {
    const taskId = `task-${ledger.job?.epoch}`;
    beginRun(ledger, request(taskId));
    abortRun(ledger, { job: 'job', taskId });
  }
  expect(beginRun(ledger, request('first')).kind).toBe('zombie');
  beginRun(ledger, request('next'));
  beginRun(ledger, request('next but one'));
  expect(beginRun(ledger, request('first')).kind).toBe('begun');
  // Each aborted run took two epochs.
  expect(ledger.runs.length).toBeLessThan(keptEpochs / 2 + 5);
});

it('rows that a comparison of keys found count once they went; what was read, once all is known', () => {
  const sums = { read: 9, filtered: 1, nulled: 2, written: 7, dirty: 1, deleted: 0, removed: 3 };
  const unknown = { read: null, filtered: null, emitted: null, nulled: null, removed: 0 };
  expect(countsOf('running', sums, 4)).toMatchObject({ ...unknown, written: 7, skipped: 4 });
  expect(countsOf('aborted', sums, 0)).toMatchObject(unknown);
  expect(countsOf('complete', sums, 0)).toMatchObject({ read: 9, emitted: 8, nulled: 2, removed: 3 });
});

it('only a run whose base is the watermark moves it', () => {
  const job = { job: 'job', epoch: 2, taskId: 't', watermark: '5', digest: 'd' };
  const run = { state: 'running', epoch: 2 } as const;
  expect(mayComplete(job, { ...run, base: '5' })).toBe(true);
  expect(mayComplete(job, { ...run, base: null })).toBe(false);
  expect(mayComplete({ ...job, watermark: null }, { ...run, base: null })).toBe(true);
  expect(mayComplete(null, { ...run, base: null })).toBe(false);
});
