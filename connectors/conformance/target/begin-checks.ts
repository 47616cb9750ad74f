// What every target's ledger must do when a run begins.
import assert from 'node:assert/strict';
import type { Text } from '../../../src/core/text.ts';
import { assertHas } from '../assert-has.ts';
import { withLedger } from './ledger-desk.ts';
import { noSignal, requestOf } from './run-tools.ts';
import type { TargetCheck } from './target-bed.ts';

const merging: Text = { en: 'keys may merge', zh: '键可能合并' };
const ahead: Text = { en: 'a time is ahead of the clock', zh: '有时间超前于时钟' };

export const beginChecks: readonly TargetCheck[] = [
  {
    name: 'gives a new job epoch 1, no watermark and a run that counts nothing yet',
    act: (bed) =>
      withLedger(bed, async ({ ledger, job }) => {
        assert.equal(await ledger.readJob(job), null);
        assert.deepEqual(await ledger.begin(requestOf(job, 'task-1')), {
          kind: 'begun',
          epoch: 1,
          base: null,
        });
        assertHas(await ledger.readJob(job), {
          job,
          epoch: 1,
          taskId: 'task-1',
          watermark: null,
          digest: 'digest-1',
        });
        assert.deepEqual(await ledger.readRun(job, 'task-1'), {
          job,
          epoch: 1,
          taskId: 'task-1',
          state: 'running',
          base: null,
          plan: null,
          counts: {
            read: null,
            filtered: null,
            emitted: null,
            written: 0,
            dirty: 0,
            nulled: null,
            deleted: 0,
            removed: 0,
            skipped: 0,
          },
          doubts: [],
        });
        assert.equal(await ledger.readRun(job, 'task-2'), null);
      }),
  },

  {
    name: 'changes nothing for a task id that holds the job already',
    act: (bed) =>
      withLedger(bed, async ({ ledger, job, complete }) => {
        await ledger.begin(requestOf(job, 'task-1'));
        const current = { kind: 'current', epoch: 1, base: null, complete: false };
        assert.deepEqual(await ledger.begin(requestOf(job, 'task-1')), current);
        await complete(1, '100');
        assert.deepEqual(await ledger.begin(requestOf(job, 'task-1')), { ...current, complete: true });
        assertHas(await ledger.readJob(job), { epoch: 1, watermark: '100' });
      }),
  },

  {
    name: 'keeps why a run is not proved: each doubt once, and not in the next run',
    act: (bed) =>
      withLedger(bed, async ({ ledger, job, config, complete }) => {
        await ledger.begin(requestOf(job, 'task-1'));
        const [first, second] = [merging, ahead];
        const store = await bed.plugin.openStore(config, noSignal);
        const key = { job, epoch: 1 };
        await store.transaction((tx) => tx.addDoubts(key, [first]));
        await store.transaction((tx) => tx.addDoubts(key, [second, first]));
        await store.close();
        await complete(1, '5');
        const { doubts = [] } = (await ledger.readRun(job, 'task-1')) ?? {};
        assert.deepEqual(
          [...doubts].sort((a, b) => a.en.length - b.en.length),
          [first, second],
        );
        await ledger.begin(requestOf(job, 'task-2'));
        assertHas(await ledger.readRun(job, 'task-2'), { doubts: [] });
      }),
  },

  {
    name: 'gives the next run the watermark that the last one moved, and shows both as the source wrote them',
    act: (bed) =>
      withLedger(bed, async ({ ledger, job, complete }) => {
        await ledger.begin(requestOf(job, 'task-1'));
        await complete(1, '1700000000123');
        assert.deepEqual(await ledger.readRun(job, 'task-1'), {
          job,
          epoch: 1,
          taskId: 'task-1',
          state: 'complete',
          base: null,
          plan: {
            id: 'plan-1',
            splits: 1,
            window: { from: null, to: '1700000000123' },
            detail: '{"a":"ä"}',
          },
          counts: {
            read: 5,
            filtered: 1,
            emitted: 4,
            written: 2,
            dirty: 1,
            nulled: 3,
            deleted: 1,
            removed: 2,
            skipped: 5,
          },
          doubts: [],
        });
        assert.deepEqual(await ledger.begin(requestOf(job, 'task-2')), {
          kind: 'begun',
          epoch: 2,
          base: '1700000000123',
        });
      }),
  },

  {
    name: 'knows a task id whose job another one holds as a zombie',
    act: (bed) =>
      withLedger(bed, async ({ ledger, job }) => {
        await ledger.begin(requestOf(job, 'task-1'));
        await ledger.begin(requestOf(job, 'task-2'));
        const zombie = { kind: 'zombie', holder: 'task-2' };
        assert.deepEqual(await ledger.begin(requestOf(job, 'task-1')), zombie);
        assert.deepEqual(await ledger.begin(requestOf(job, 'task-1', { byHand: true })), zombie);
        assertHas(await ledger.readRun(job, 'task-1'), { state: 'aborted' });
        assertHas(await ledger.readJob(job), { epoch: 2, taskId: 'task-2' });
      }),
  },

  {
    name: 'refuses an increment behind another source, target or key, and forgets the watermark at a full run',
    act: (bed) =>
      withLedger(bed, async ({ ledger, job, complete }) => {
        await ledger.begin(requestOf(job, 'task-1'));
        await complete(1, '100');
        const other = { digest: 'digest-2' };
        assert.deepEqual(await ledger.begin(requestOf(job, 'task-2', other)), {
          kind: 'digest-changed',
          stored: 'digest-1',
        });
        assertHas(await ledger.readJob(job), { epoch: 1, digest: 'digest-1', watermark: '100' });
        assert.deepEqual(await ledger.begin(requestOf(job, 'task-2', { ...other, mode: 'full' })), {
          kind: 'begun',
          epoch: 2,
          base: null,
        });
        // The full run fails: the next increment must not start where the old source ended.
        await ledger.abort({ job, taskId: 'task-2' });
        assertHas(await ledger.begin(requestOf(job, 'task-3', other)), { base: null });
      }),
  },

  {
    name: 'lets one job only write to a table',
    act: (bed) =>
      withLedger(bed, async ({ ledger, job }) => {
        await ledger.begin(requestOf(job, 'task-1'));
        const taken = { kind: 'table-taken', by: job };
        assert.deepEqual(await ledger.begin(requestOf(`${job} again`, 'task-2')), taken);
        assert.equal(await ledger.readJob(`${job} again`), null);
        await ledger.remove(job);
        assertHas(await ledger.begin(requestOf(`${job} again`, 'task-2')), { kind: 'begun' });
      }),
  },

  {
    name: 'tells jobs and tasks apart that differ in case, accent or a blank only',
    act: (bed) =>
      withLedger(bed, async ({ ledger, job }) => {
        await ledger.begin(requestOf(job, 'task'));
        for (const taskId of ['TASK', 'task ', 'tàsk', 'ţask', '任务'])
          assertHas(await ledger.begin(requestOf(job, taskId)), { kind: 'begun' });
        assertHas(await ledger.readJob(job), { epoch: 6, taskId: '任务' });
        assert.equal(await ledger.readJob(job.toUpperCase()), null);
        assert.equal(await ledger.readJob(`${job} `), null);
      }),
  },

  {
    name: 'gives each of two that begin a new job at once an epoch of its own',
    act: (bed) =>
      withLedger(bed, async ({ ledger, job }) => {
        const outcomes = await Promise.all(
          ['task-1', 'task-2', 'task-3'].map((taskId) => ledger.begin(requestOf(job, taskId))),
        );
        assert.deepEqual(
          outcomes.map((outcome) => (outcome.kind === 'begun' ? outcome.epoch : outcome.kind)).sort(),
          [1, 2, 3],
        );
      }),
  },
];

export const byHandChecks: readonly TargetCheck[] = [
  {
    name: 'makes a new run of an id that was posted again by hand after it had finished',
    act: (bed) =>
      withLedger(bed, async ({ ledger, job, complete }) => {
        const byHand = { byHand: true };
        await ledger.begin(requestOf(job, '100003', byHand));
        assertHas(await ledger.begin(requestOf(job, '100003', byHand)), { kind: 'current' });
        await complete(1, '50');
        assert.deepEqual(await ledger.begin(requestOf(job, '100003', byHand)), {
          kind: 'begun',
          epoch: 2,
          base: '50',
        });
        await ledger.abort({ job, taskId: '100003' });
        assertHas(await ledger.begin(requestOf(job, '100003', byHand)), { kind: 'begun', epoch: 4 });
      }),
  },

  {
    name: 'lets an older finished id come back by hand only when nobody is running',
    act: (bed) =>
      withLedger(bed, async ({ ledger, job, complete }) => {
        const byHand = { byHand: true };
        await ledger.begin(requestOf(job, '1', byHand));
        await complete(1, '10');
        await ledger.begin(requestOf(job, '2', byHand));
        assert.deepEqual(await ledger.begin(requestOf(job, '1', byHand)), { kind: 'zombie', holder: '2' });
        await complete(2, '20');
        assert.deepEqual(await ledger.begin(requestOf(job, '1', byHand)), {
          kind: 'begun',
          epoch: 3,
          base: '20',
        });
      }),
  },

  {
    name: 'does not compare digests by hand',
    act: (bed) =>
      withLedger(bed, async ({ ledger, job, complete }) => {
        await ledger.begin(requestOf(job, '1', { byHand: true }));
        await complete(1, '10');
        const next = requestOf(job, '2', { byHand: true, digest: 'other' });
        assert.deepEqual(await ledger.begin(next), { kind: 'begun', epoch: 2, base: '10' });
      }),
  },
];
