// What every TargetLedger must do.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunKey, TargetLedger } from '../../src/core/ledger/ledger.ts';
import type { SinkTransaction } from '../../src/core/connector/sink-store.ts';
import { describeLooking } from './ledger-looks.ts';
import { byNumber, newTableName, noSignal, requestOf, splitOf } from './sink-bed.ts';
import type { OpenBed, SinkBed, TargetKind, Tools } from './sink-bed.ts';
import { resetTo } from '../support/reset-to.ts';
import type { ConnectorConfig } from '../../src/core/connector/config-def.ts';
import type { Text } from '../../src/core/text.ts';

export function describeTargetLedger(name: string, openBed: OpenBed, kind: TargetKind = 'sql'): void {
  describe(`the ledger in ${name}`, () => {
    let bed: SinkBed;
    beforeAll(async () => {
      bed = await openBed();
    });
    afterAll(() => bed.close());
    const tools: Tools = { bed: () => bed, newTable: newTableName };
    describeLooking(tools);
    describeBegin(tools);
    describeByHand(tools);
    describeAbort(tools);
    describeUpkeep(tools);
    if (kind === 'sql') describeHistory(tools);
  });
}

interface Desk {
  readonly ledger: TargetLedger;
  readonly job: string;
  readonly config: ConnectorConfig;
  /** Completes the current run: one split with two rows and one dirty row, watermark `to`. */
  readonly complete: (epoch: number, to: string | null) => Promise<void>;
}

async function withLedger(tools: Tools, work: (desk: Desk) => Promise<void>): Promise<void> {
  const table = tools.newTable();
  const config = tools.bed().configOf(table);
  const ledger = await tools.bed().plugin.openLedger(config);
  const job = `job of ${table}`;
  const complete = async (epoch: number, to: string | null): Promise<void> => {
    const store = await tools.bed().plugin.openStore(config, noSignal);
    try {
      expect(await store.transaction((tx) => finish(tx, { job, epoch }, to))).toBe(true);
    } finally {
      await store.close();
    }
  };
  try {
    await work({ ledger, job, config, complete });
  } finally {
    await ledger.close();
  }
}

async function finish(tx: SinkTransaction, key: RunKey, to: string | null): Promise<boolean> {
  await tx.lockJob(key.job, 'exclusive');
  await tx.setPlan(key, { id: 'plan-1', splits: 1, window: { from: null, to }, detail: '{"a":"ä"}' });
  await tx.addPartition(key, { topic: 't', partition: 3, next: 7, logIncarnation: 'log-1' });
  await tx.putSplit(
    key,
    splitOf(0, {
      written: 2,
      dirty: 1,
      deleted: 1,
      removed: 2,
      read: 5,
      filtered: 1,
      nulled: 3,
      endedAs: 1,
    }),
  );
  await tx.addDirty(key, [
    { split: 0, attempt: 'a', stage: 'target', key: 'k', field: 'f', reason: 'too long', bytesHex: '00ff' },
  ]);
  await tx.addSkipped(key, 5);
  return tx.completeRun(key, to);
}

function doubt(en: string): Text {
  return { en, zh: `疑:${en}` };
}

function describeBegin(tools: Tools): void {
  it('gives a new job epoch 1, no watermark and a run that counts nothing yet', () =>
    withLedger(tools, async ({ ledger, job }) => {
      expect(await ledger.readJob(job)).toBeNull();
      expect(await ledger.begin(requestOf(job, 'task-1'))).toEqual({ kind: 'begun', epoch: 1, base: null });
      expect(await ledger.readJob(job)).toMatchObject({
        job,
        epoch: 1,
        taskId: 'task-1',
        watermark: null,
        digest: 'digest-1',
      });
      expect(await ledger.readRun(job, 'task-1')).toEqual({
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
      expect(await ledger.readRun(job, 'task-2')).toBeNull();
    }));

  it('changes nothing for a task id that holds the job already', () =>
    withLedger(tools, async ({ ledger, job, complete }) => {
      await ledger.begin(requestOf(job, 'task-1'));
      const current = { kind: 'current', epoch: 1, base: null, complete: false };
      expect(await ledger.begin(requestOf(job, 'task-1'))).toEqual(current);
      await complete(1, '100');
      expect(await ledger.begin(requestOf(job, 'task-1'))).toEqual({ ...current, complete: true });
      expect(await ledger.readJob(job)).toMatchObject({ epoch: 1, watermark: '100' });
    }));

  it('keeps why a run is not proved: each doubt once, and not in the next run', () =>
    withLedger(tools, async ({ ledger, job, config, complete }) => {
      await ledger.begin(requestOf(job, 'task-1'));
      const [first, second] = [doubt('keys may merge'), doubt('a cell is ahead of the clock')];
      const store = await tools.bed().plugin.openStore(config, noSignal);
      const key = { job, epoch: 1 };
      await store.transaction((tx) => tx.addDoubts(key, [first]));
      await store.transaction((tx) => tx.addDoubts(key, [second, first]));
      await store.close();
      await complete(1, '5');
      const { doubts = [] } = (await ledger.readRun(job, 'task-1')) ?? {};
      expect([...doubts].sort((a, b) => a.en.length - b.en.length)).toEqual([first, second]);
      await ledger.begin(requestOf(job, 'task-2'));
      expect(await ledger.readRun(job, 'task-2')).toMatchObject({ doubts: [] });
    }));

  it('gives the next run the watermark that the last one moved, and shows both as the source wrote them', () =>
    withLedger(tools, async ({ ledger, job, complete }) => {
      await ledger.begin(requestOf(job, 'task-1'));
      await complete(1, '1700000000123');
      expect(await ledger.readRun(job, 'task-1')).toEqual({
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
      expect(await ledger.begin(requestOf(job, 'task-2'))).toEqual({
        kind: 'begun',
        epoch: 2,
        base: '1700000000123',
      });
    }));

  it('knows a task id whose job another one holds as a zombie', () =>
    withLedger(tools, async ({ ledger, job }) => {
      await ledger.begin(requestOf(job, 'task-1'));
      await ledger.begin(requestOf(job, 'task-2'));
      const zombie = { kind: 'zombie', holder: 'task-2' };
      expect(await ledger.begin(requestOf(job, 'task-1'))).toEqual(zombie);
      expect(await ledger.begin(requestOf(job, 'task-1', { byHand: true }))).toEqual(zombie);
      expect(await ledger.readRun(job, 'task-1')).toMatchObject({ state: 'aborted' });
      expect(await ledger.readJob(job)).toMatchObject({ epoch: 2, taskId: 'task-2' });
    }));

  it('refuses an increment behind another source, target or key, and forgets the watermark at a full run', () =>
    withLedger(tools, async ({ ledger, job, complete }) => {
      await ledger.begin(requestOf(job, 'task-1'));
      await complete(1, '100');
      const other = { digest: 'digest-2' };
      expect(await ledger.begin(requestOf(job, 'task-2', other))).toEqual({
        kind: 'digest-changed',
        stored: 'digest-1',
      });
      expect(await ledger.readJob(job)).toMatchObject({ epoch: 1, digest: 'digest-1', watermark: '100' });
      expect(await ledger.begin(requestOf(job, 'task-2', { ...other, mode: 'full' }))).toEqual({
        kind: 'begun',
        epoch: 2,
        base: null,
      });
      // The full run fails: the next increment must not start where the old source ended.
      await ledger.abort({ job, taskId: 'task-2' });
      expect(await ledger.begin(requestOf(job, 'task-3', other))).toMatchObject({ base: null });
    }));

  it('lets one job only write to a table', () =>
    withLedger(tools, async ({ ledger, job }) => {
      await ledger.begin(requestOf(job, 'task-1'));
      const taken = { kind: 'table-taken', by: job };
      expect(await ledger.begin(requestOf(`${job} again`, 'task-2'))).toEqual(taken);
      expect(await ledger.readJob(`${job} again`)).toBeNull();
      await ledger.remove(job);
      expect(await ledger.begin(requestOf(`${job} again`, 'task-2'))).toMatchObject({ kind: 'begun' });
    }));

  it('tells jobs and tasks apart that differ in case, accent or a blank only', () =>
    withLedger(tools, async ({ ledger, job }) => {
      await ledger.begin(requestOf(job, 'task'));
      for (const taskId of ['TASK', 'task ', 'tàsk', 'ţask', '任务'])
        expect(await ledger.begin(requestOf(job, taskId))).toMatchObject({ kind: 'begun' });
      expect(await ledger.readJob(job)).toMatchObject({ epoch: 6, taskId: '任务' });
      expect(await ledger.readJob(job.toUpperCase())).toBeNull();
      expect(await ledger.readJob(`${job} `)).toBeNull();
    }));

  it('gives each of two that begin a new job at once an epoch of its own', () =>
    withLedger(tools, async ({ ledger, job }) => {
      const outcomes = await Promise.all(
        ['task-1', 'task-2', 'task-3'].map((taskId) => ledger.begin(requestOf(job, taskId))),
      );
      expect(
        outcomes.map((outcome) => (outcome.kind === 'begun' ? outcome.epoch : outcome.kind)).sort(),
      ).toEqual([1, 2, 3]);
    }));
}

function describeByHand(tools: Tools): void {
  it('makes a new run of an id that was posted again by hand after it had finished', () =>
    withLedger(tools, async ({ ledger, job, complete }) => {
      const byHand = { byHand: true };
      await ledger.begin(requestOf(job, '100003', byHand));
      expect(await ledger.begin(requestOf(job, '100003', byHand))).toMatchObject({ kind: 'current' });
      await complete(1, '50');
      expect(await ledger.begin(requestOf(job, '100003', byHand))).toEqual({
        kind: 'begun',
        epoch: 2,
        base: '50',
      });
      await ledger.abort({ job, taskId: '100003' });
      expect(await ledger.begin(requestOf(job, '100003', byHand))).toMatchObject({ kind: 'begun', epoch: 4 });
    }));

  it('lets an older finished id come back by hand only when nobody is running', () =>
    withLedger(tools, async ({ ledger, job, complete }) => {
      const byHand = { byHand: true };
      await ledger.begin(requestOf(job, '1', byHand));
      await complete(1, '10');
      await ledger.begin(requestOf(job, '2', byHand));
      expect(await ledger.begin(requestOf(job, '1', byHand))).toEqual({ kind: 'zombie', holder: '2' });
      await complete(2, '20');
      expect(await ledger.begin(requestOf(job, '1', byHand))).toEqual({
        kind: 'begun',
        epoch: 3,
        base: '20',
      });
    }));

  it('does not compare digests by hand', () =>
    withLedger(tools, async ({ ledger, job, complete }) => {
      await ledger.begin(requestOf(job, '1', { byHand: true }));
      await complete(1, '10');
      const next = requestOf(job, '2', { byHand: true, digest: 'other' });
      expect(await ledger.begin(next)).toEqual({ kind: 'begun', epoch: 2, base: '10' });
    }));
}

function describeAbort(tools: Tools): void {
  it('raises the epoch, keeps what was counted, and says the same again', () =>
    withLedger(tools, async ({ ledger, job }) => {
      await ledger.begin(requestOf(job, 'task-1'));
      const aborted = { kind: 'aborted', counts: { written: 0, dirty: 0, skipped: 0, read: null } };
      expect(await ledger.abort({ job, taskId: 'task-1' })).toMatchObject(aborted);
      expect(await ledger.readJob(job)).toMatchObject({ epoch: 2, taskId: 'task-1' });
      expect(await ledger.abort({ job, taskId: 'task-1' })).toMatchObject(aborted);
      expect(await ledger.readJob(job)).toMatchObject({ epoch: 2 });
      expect(await ledger.begin(requestOf(job, 'task-1'))).toMatchObject({ kind: 'zombie' });
      expect(await ledger.begin(requestOf(job, 'task-2'))).toMatchObject({ kind: 'begun', epoch: 3 });
    }));

  it('finds that the sink was faster', () =>
    withLedger(tools, async ({ ledger, job, complete }) => {
      await ledger.begin(requestOf(job, 'task-1'));
      await complete(1, '100');
      expect(await ledger.abort({ job, taskId: 'task-1' })).toMatchObject({
        kind: 'complete',
        run: { state: 'complete', counts: { read: 5, emitted: 4, written: 2, dirty: 1 } },
      });
      expect(await ledger.readJob(job)).toMatchObject({ epoch: 1, watermark: '100' });
    }));

  it('leaves a job alone that another task holds, or that is not there', () =>
    withLedger(tools, async ({ ledger, job }) => {
      expect(await ledger.abort({ job, taskId: 'task-1' })).toEqual({ kind: 'not-holder' });
      await ledger.begin(requestOf(job, 'task-1'));
      await ledger.begin(requestOf(job, 'task-2'));
      expect(await ledger.abort({ job, taskId: 'task-1' })).toEqual({ kind: 'not-holder' });
      expect(await ledger.readJob(job)).toMatchObject({ epoch: 2 });
    }));
}

function describeUpkeep(tools: Tools): void {
  it('keeps the details of the last run, not those of the run before it', () =>
    withLedger(tools, async ({ ledger, job, complete }) => {
      await ledger.begin(requestOf(job, 'task-1'));
      await complete(1, '10');
      const positions = [{ topic: 't', partition: 3, next: 7, logIncarnation: 'log-1' }];
      expect(await ledger.readPartitions(job)).toEqual(positions);
      expect(await ledger.readDirty(job, 'task-1', 10)).toEqual([
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
      expect(await ledger.readPartitions(job)).toEqual([]);
      expect(await ledger.readDirty(job, 'task-1', 10)).toHaveLength(1);
      await ledger.begin(requestOf(job, 'task-3'));
      expect(await ledger.readDirty(job, 'task-1', 10)).toEqual([]);
      // Its numbers stay although its splits went.
      expect(await ledger.readRun(job, 'task-1')).toMatchObject({ counts: { written: 2, read: 5 } });
    }));

  it('resets a watermark and fences whoever was running', () =>
    withLedger(tools, async ({ ledger, job }) => {
      await ledger.begin(requestOf(job, 'task-1'));
      await resetTo(ledger, job, '77');
      expect(await ledger.readJob(job)).toMatchObject({ epoch: 2, watermark: '77' });
      expect(await ledger.begin(requestOf(job, 'task-2'))).toEqual({ kind: 'begun', epoch: 3, base: '77' });
      await resetTo(ledger, job, null);
      expect(await ledger.readJob(job)).toMatchObject({ watermark: null });
      await expect(resetTo(ledger, 'nobody', '1')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    }));

  it('resets no watermark that somebody else moved, or that a run was begun over, since it was read', () =>
    withLedger(tools, async ({ ledger, job }) => {
      await ledger.begin(requestOf(job, 'task-1'));
      const to = (watermark: string) =>
        ledger.resetWatermark(job, { watermark, epoch: 1, isBefore: byNumber });
      const both = await Promise.allSettled([to('5'), to('6')]);
      const [done] = both.flatMap(({ status }, n) => (status === 'fulfilled' ? [['5', '6'][n]] : []));
      expect(
        both.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : [])),
      ).toMatchObject([{ code: 'CONFLICT' }]);
      expect(await ledger.readJob(job)).toMatchObject({ epoch: 2, watermark: done });
      await ledger.begin(requestOf(job, 'task-2'));
      await expect(
        ledger.resetWatermark(job, { watermark: '7', epoch: 2, isBefore: byNumber }),
      ).rejects.toMatchObject({ code: 'CONFLICT' });
      expect(await ledger.readJob(job)).toMatchObject({ epoch: 3, watermark: done });
    }));

  it('removes every row of a job', () =>
    withLedger(tools, async ({ ledger, job, complete }) => {
      await ledger.begin(requestOf(job, 'task-1'));
      await complete(1, '10');
      await ledger.remove(job);
      expect(await ledger.readJob(job)).toBeNull();
      expect(await ledger.readRun(job, 'task-1')).toBeNull();
      expect(await ledger.readPartitions(job)).toEqual([]);
      expect(await ledger.begin(requestOf(job, 'task-1'))).toEqual({ kind: 'begun', epoch: 1, base: null });
    }));
}

function describeHistory(tools: Tools): void {
  it('forgets a run that is a thousand epochs old, and not before', () =>
    withLedger(tools, async ({ ledger, job }) => {
      const jumpTo = (epoch: number): Promise<void> =>
        tools.bed().execute(`UPDATE syncline_job SET epoch = ${epoch} WHERE job = '${job}'`);
      await ledger.begin(requestOf(job, 'task-1'));
      await jumpTo(1000);
      await ledger.begin(requestOf(job, 'task-2'));
      expect(await ledger.begin(requestOf(job, 'task-1'))).toMatchObject({ kind: 'zombie' });
      await jumpTo(1001);
      await ledger.begin(requestOf(job, 'task-3'));
      expect(await ledger.readRun(job, 'task-1')).toBeNull();
      expect(await ledger.readRun(job, 'task-2')).not.toBeNull();
    }));
}
