// What every target's ledger must do when a run is aborted, a watermark reset, a job removed.
import assert from 'node:assert/strict';
import { assertHas } from '../assert-has.ts';
import { withLedger } from './ledger-desk.ts';
import { byNumber, requestOf, resetTo } from './run-tools.ts';
import type { SqlTargetCheck, TargetCheck } from './target-bed.ts';

export const abortChecks: readonly TargetCheck[] = [
  {
    name: 'raises the epoch, keeps what was counted, and says the same again',
    act: (bed) =>
      withLedger(bed, async ({ ledger, job }) => {
        await ledger.begin(requestOf(job, 'task-1'));
        const aborted = { kind: 'aborted', counts: { written: 0, dirty: 0, skipped: 0, read: null } };
        assertHas(await ledger.abort({ job, taskId: 'task-1' }), aborted);
        assertHas(await ledger.readJob(job), { epoch: 2, taskId: 'task-1' });
        assertHas(await ledger.abort({ job, taskId: 'task-1' }), aborted);
        assertHas(await ledger.readJob(job), { epoch: 2 });
        assertHas(await ledger.begin(requestOf(job, 'task-1')), { kind: 'zombie' });
        assertHas(await ledger.begin(requestOf(job, 'task-2')), { kind: 'begun', epoch: 3 });
      }),
  },

  {
    name: 'finds that the sink was faster',
    act: (bed) =>
      withLedger(bed, async ({ ledger, job, complete }) => {
        await ledger.begin(requestOf(job, 'task-1'));
        await complete(1, '100');
        assertHas(await ledger.abort({ job, taskId: 'task-1' }), {
          kind: 'complete',
          run: { state: 'complete', counts: { read: 5, emitted: 4, written: 2, dirty: 1 } },
        });
        assertHas(await ledger.readJob(job), { epoch: 1, watermark: '100' });
      }),
  },

  {
    name: 'leaves a job alone that another task holds, or that is not there',
    act: (bed) =>
      withLedger(bed, async ({ ledger, job }) => {
        assert.deepEqual(await ledger.abort({ job, taskId: 'task-1' }), { kind: 'not-holder' });
        await ledger.begin(requestOf(job, 'task-1'));
        await ledger.begin(requestOf(job, 'task-2'));
        assert.deepEqual(await ledger.abort({ job, taskId: 'task-1' }), { kind: 'not-holder' });
        assertHas(await ledger.readJob(job), { epoch: 2 });
      }),
  },
];

export const upkeepChecks: readonly TargetCheck[] = [
  {
    name: 'keeps the details of the last run, not those of the run before it',
    act: (bed) =>
      withLedger(bed, async ({ ledger, job, complete }) => {
        await ledger.begin(requestOf(job, 'task-1'));
        await complete(1, '10');
        const positions = [{ topic: 't', partition: 3, next: 7, logIncarnation: 'log-1' }];
        assert.deepEqual(await ledger.readPartitions(job), positions);
        assert.deepEqual(await ledger.readDirty(job, 'task-1', 10), [
          {
            split: 0,
            attempt: 'a',
            stage: 'target',
            key: 'k',
            field: 'f',
            reason: 'too long',
            bytesHex: '00ff',
          },
        ]);
        await ledger.begin(requestOf(job, 'task-2'));
        assert.deepEqual(await ledger.readPartitions(job), []);
        assert.equal((await ledger.readDirty(job, 'task-1', 10)).length, 1);
        await ledger.begin(requestOf(job, 'task-3'));
        assert.deepEqual(await ledger.readDirty(job, 'task-1', 10), []);
        // Its numbers stay although its splits went.
        assertHas(await ledger.readRun(job, 'task-1'), { counts: { written: 2, read: 5 } });
      }),
  },

  {
    name: 'resets a watermark and fences whoever was running',
    act: (bed) =>
      withLedger(bed, async ({ ledger, job }) => {
        await ledger.begin(requestOf(job, 'task-1'));
        await resetTo(ledger, job, '77');
        assertHas(await ledger.readJob(job), { epoch: 2, watermark: '77' });
        assert.deepEqual(await ledger.begin(requestOf(job, 'task-2')), {
          kind: 'begun',
          epoch: 3,
          base: '77',
        });
        await resetTo(ledger, job, null);
        assertHas(await ledger.readJob(job), { watermark: null });
        await assert.rejects(resetTo(ledger, 'nobody', '1'), { code: 'NOT_FOUND' });
      }),
  },

  {
    name: 'resets no watermark that somebody else moved, or that a run was begun over, since it was read',
    act: (bed) =>
      withLedger(bed, async ({ ledger, job }) => {
        await ledger.begin(requestOf(job, 'task-1'));
        const to = (watermark: string) =>
          ledger.resetWatermark(job, { watermark, epoch: 1, isBefore: byNumber });
        const both = await Promise.allSettled([to('5'), to('6')]);
        const [done] = both.flatMap(({ status }, n) => (status === 'fulfilled' ? [['5', '6'][n]] : []));
        assertHas(
          both.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : [])),
          [{ code: 'CONFLICT' }],
        );
        assertHas(await ledger.readJob(job), { epoch: 2, watermark: done });
        await ledger.begin(requestOf(job, 'task-2'));
        await assert.rejects(ledger.resetWatermark(job, { watermark: '7', epoch: 2, isBefore: byNumber }), {
          code: 'CONFLICT',
        });
        assertHas(await ledger.readJob(job), { epoch: 3, watermark: done });
      }),
  },

  {
    name: 'removes every row of a job',
    act: (bed) =>
      withLedger(bed, async ({ ledger, job, complete }) => {
        await ledger.begin(requestOf(job, 'task-1'));
        await complete(1, '10');
        await ledger.remove(job);
        assert.equal(await ledger.readJob(job), null);
        assert.equal(await ledger.readRun(job, 'task-1'), null);
        assert.deepEqual(await ledger.readPartitions(job), []);
        assert.deepEqual(await ledger.begin(requestOf(job, 'task-1')), {
          kind: 'begun',
          epoch: 1,
          base: null,
        });
      }),
  },
];

export const historyChecks: readonly SqlTargetCheck[] = [
  {
    name: 'forgets a run that is a thousand epochs old, and not before',
    act: (bed) =>
      withLedger(bed, async ({ ledger, job }) => {
        const jumpTo = (epoch: number): Promise<void> =>
          bed.execute(`UPDATE syncline_job SET epoch = ${epoch} WHERE job = '${job}'`);
        await ledger.begin(requestOf(job, 'task-1'));
        await jumpTo(1000);
        await ledger.begin(requestOf(job, 'task-2'));
        assertHas(await ledger.begin(requestOf(job, 'task-1')), { kind: 'zombie' });
        await jumpTo(1001);
        await ledger.begin(requestOf(job, 'task-3'));
        assert.equal(await ledger.readRun(job, 'task-1'), null);
        assert.notEqual(await ledger.readRun(job, 'task-2'), null);
      }),
  },
];
