// What became of each interval of a job.
import { expect, it } from 'vitest';
import type { Interval } from '../../../src/core/planning/interval.ts';
import { judgeIntervals } from '../../../src/core/planning/judge-intervals.ts';
import type { Run } from '../../../src/core/run.ts';
import { createMemoryRunStore } from '../../fakes/memory-run-store.ts';
import { createFakeClock } from '../../fakes/fake-clock.ts';
import { sampleRun } from '../../support/sample-job.ts';

const h = 3_600_000;
const hours = (first: number, last: number): readonly Interval[] =>
  Array.from({ length: last - first + 1 }, (_, n) => ({ from: (first + n - 1) * h, to: (first + n) * h }));

async function row(hour: number, change: Partial<Run> = {}): Promise<Run> {
  const store = createMemoryRunStore(createFakeClock(0));
  const interval = { from: (hour - 1) * h, to: hour * h };
  const { run } = await store.create('job', sampleRun(hour * h, { notBefore: hour * h, interval }));
  return { ...run, id: `${hour}/${change.attempt ?? 1}`, ...change };
}

function show(fires: readonly Interval[], runs: readonly Run[]): readonly string[] {
  return judgeIntervals(fires, runs).map(
    ({ from, to, state, fires: count }) =>
      `${(from ?? 0) / h}-${to / h} ${state}${count === 1 ? '' : ` (${count})`}`,
  );
}

it('each fire is done, going, failed or skipped by its newest attempt, newest first', async () => {
  const rows = [
    await row(1, { state: 'succeeded' }),
    await row(2, { state: 'failed' }),
    await row(2, { state: 'queued', attempt: 2 }),
    await row(3, { state: 'lost' }),
    await row(4, { state: 'skipped' }),
    await row(5, { state: 'running', startedAt: 5 * h + 90_000 }),
  ];
  expect(show(hours(1, 5), rows)).toEqual([
    '4-5 going',
    '3-4 skipped',
    '2-3 failed',
    '1-2 going',
    '0-1 done',
  ]);
  expect(judgeIntervals([], rows)[0]).toMatchObject({ lateMs: 90_000, attempts: 1, reruns: 0 });
});

it('fires without a row are missed, neighbours as one entry', async () => {
  const rows = [await row(3, { state: 'succeeded' })];
  expect(show(hours(1, 6), rows)).toEqual(['3-6 missed (3)', '2-3 done', '0-2 missed (2)']);
});

it('a row for several instants covers them, as does what an older schedule cut otherwise', async () => {
  const skipped = await row(2, {
    state: 'skipped',
    instants: { first: 2 * h, last: 4 * h, count: 3 },
    interval: { from: h, to: 4 * h },
  });
  const daily = await row(30, { state: 'succeeded', interval: { from: 6 * h, to: 30 * h } });
  expect(show(hours(2, 8), [skipped, daily])).toEqual(['6-30 done', '4-6 missed (2)', '1-4 skipped (3)']);
});

it('an attempt after a success is a re-run, and takes nothing back', async () => {
  const rows = [
    await row(1, { state: 'failed' }),
    await row(1, { state: 'succeeded', attempt: 2 }),
    await row(1, { state: 'failed', attempt: 3 }),
  ];
  expect(judgeIntervals(hours(1, 1), rows)).toMatchObject([
    { state: 'done', attempts: 3, reruns: 1, run: { attempt: 3 } },
  ]);
});

it('what a schedule adds by jitter is no delay', async () => {
  const rows = [await row(1, { state: 'succeeded', notBefore: h + 5_000, startedAt: h + 5_200 })];
  expect(judgeIntervals([], rows)).toMatchObject([{ lateMs: 200 }]);
});
