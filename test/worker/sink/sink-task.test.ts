// A sink task from its first statement to its last, over a fake or memory log and the target in memory.
import { describe, expect, it } from 'vitest';
import { runSinkTask } from '../../../src/worker/sink/sink-task.ts';
import type { SinkPlugin } from '../../../src/core/connector/contract.ts';
import type { SinkTransaction } from '../../../src/core/connector/sink-store.ts';
import { SyncError } from '../../../src/core/errors.ts';
import type { LogReader, RecordLog } from '../../../src/core/ports/record-log.ts';
import type { StatusMessage } from '../../../src/core/status.ts';
import { createMemoryLog } from '../../../src/log/memory/memory-log.ts';
import { createFakeClock } from '../../fakes/fake-clock.ts';
import { createFakeRecordLog } from '../../fakes/fake-record-log.ts';
import { createMemoryTarget } from '../../fakes/memory-target.ts';
import type { MemoryTarget } from '../../fakes/memory-target.ts';
import { writeSplit } from '../../support/split-records.ts';
import { strikeAt } from '../../support/struck-calls.ts';
import { createMemorySink, createTaskBed, runOut } from '../../support/task-bed.ts';
import { wholeRun } from '../../support/whole-run.ts';

const config = { topics: 't', 'pkuse.task.id': 'run-1' };

/** A log with the topic `t`, whose polls do what the test says. */
async function logOf(poll: LogReader['poll']): Promise<RecordLog> {
  const log = createFakeRecordLog('memory');
  await log.createTopic({ name: 't', partitions: 2, retentionMs: 1 });
  const reader = { poll, setPaused: () => undefined, close: () => Promise.resolve() };
  return { ...log, openReader: () => Promise.resolve(reader) };
}

const rowsOf = (target: MemoryTarget): string[] => [...target.state.rows.values()].sort();
const allRows = ['1\tt1', '2\tt2', '3\tt3', '4\tt4'];
const stagesOf = (statuses: readonly StatusMessage[]): string[] => statuses.map(({ stage }) => stage);

describe('a sink task', () => {
  it('writes a run, completes it in the ledger and says so', async () => {
    const clock = createFakeClock(0);
    const target = createMemoryTarget();
    const bed = createTaskBed({ log: await wholeRun(clock), clock, config });
    expect(await runOut(clock, runSinkTask(createMemorySink(target), bed.context))).toBeNull();
    expect(rowsOf(target)).toEqual(allRows);
    expect([...target.state.runs.values()].map(({ state }) => state)).toEqual(['complete']);
    expect(stagesOf(bed.statuses)).toEqual(['start', 'processing', 'end']);
    expect(bed.statuses.at(-1)?.description).toBe('4');
  });

  it('says `end` again when it is started on a run that is complete', async () => {
    const clock = createFakeClock(0);
    const target = createMemoryTarget();
    const log = await wholeRun(clock);
    const bed = createTaskBed({ log, clock, config });
    await runOut(clock, runSinkTask(createMemorySink(target), bed.context));
    await runOut(clock, runSinkTask(createMemorySink(target), bed.context));
    expect(bed.statuses.at(-1)).toMatchObject({ stage: 'end', description: '4', syncline: { repeat: true } });
    expect(stagesOf(bed.statuses)).toEqual(['start', 'processing', 'end', 'end']);
  });

  it('goes on after 200,000 empty polls', async () => {
    const clock = createFakeClock(0);
    let polls = 0;
    const log = await logOf(() => {
      polls += 1;
      clock.set(clock.now() + 100);
      if (polls === 200_000) bed.stop.abort();
      return Promise.resolve([]);
    });
    const bed = createTaskBed({ log, clock, config });
    await runSinkTask(createMemorySink(createMemoryTarget()), bed.context);
    expect(polls).toBe(200_000);
    expect(stagesOf(bed.statuses)).not.toContain('error');
    expect(clock.sleepers).toBe(0);
  }, 60_000);

  it('opens no second connection where no two partitions are to be written at one time', async () => {
    const clock = createFakeClock(0);
    const { log } = createMemoryLog({ maxBytes: 10_000_000, clock });
    await log.createTopic({ name: 't', partitions: 2, retentionMs: 1 });
    await writeSplit(log, { topic: 't', taskId: 'run-1', splits: 1, split: 0, ids: [1, 2] });
    const target = createMemoryTarget();
    let opened = 0;
    const openStore = (): ReturnType<SinkPlugin['openStore']> => {
      opened += 1;
      return Promise.resolve(target.openStore());
    };
    const bed = createTaskBed({ log, clock, config });
    expect(
      await runOut(clock, runSinkTask({ ...createMemorySink(target), openStore }, bed.context)),
    ).toBeNull();
    expect([opened, rowsOf(target)]).toEqual([1, ['1\tt1', '2\tt2']]);
  });

  it('lets one writer prepare the table after the other: the first makes what is missing', async () => {
    const clock = createFakeClock(0);
    const target = createMemoryTarget();
    let [at, most, prepared] = [0, 0, 0];
    const watched = {
      ...createMemorySink(target),
      openStore: () => {
        const store = target.openStore();
        return Promise.resolve({
          ...store,
          prepareTable: async (...schema: Parameters<typeof store.prepareTable>) => {
            at += 1;
            most = Math.max(most, at);
            await clock.sleep(1_000);
            at -= 1;
            prepared += 1;
            return store.prepareTable(...schema);
          },
          transaction: async <T>(work: (tx: SinkTransaction) => Promise<T>): Promise<T> => {
            await clock.sleep(300);
            return store.transaction(work);
          },
        });
      },
    };
    const bed = createTaskBed({ log: await wholeRun(clock), clock, config });
    expect(await runOut(clock, runSinkTask(watched, bed.context))).toBeNull();
    expect([prepared, most]).toEqual([2, 1]);
    expect(rowsOf(target)).toEqual(allRows);
  });

  it("doubts what the look before its first row found: a later one would meet the run's own rows", async () => {
    const clock = createFakeClock(0);
    const target = createMemoryTarget();
    let looks = 0;
    const openStore: SinkPlugin['openStore'] = () => {
      const store = target.openStore();
      return Promise.resolve({
        ...store,
        prepareTable: async (...schema: Parameters<typeof store.prepareTable>) => {
          looks += 1;
          const doubt = { en: `found by look ${looks}`, zh: `第 ${looks} 次查看` };
          return { ...(await store.prepareTable(...schema)), doubts: [doubt] };
        },
        transaction: async <T>(work: (tx: SinkTransaction) => Promise<T>): Promise<T> => {
          await clock.sleep(300);
          return store.transaction(work);
        },
      });
    };
    const bed = createTaskBed({ log: await wholeRun(clock), clock, config });
    expect(
      await runOut(clock, runSinkTask({ ...createMemorySink(target), openStore }, bed.context)),
    ).toBeNull();
    expect(looks).toBe(2);
    expect([...target.state.runs.values()].map(({ doubts }) => doubts.map(({ en }) => en))).toEqual([
      ['found by look 1'],
    ]);
  });

  it('waits an hour for a transaction, says that it lives, and goes on', async () => {
    const clock = createFakeClock(0);
    const target = createMemoryTarget();
    const plugin = createMemorySink(target);
    let prepared = 0;
    const slow = {
      ...plugin,
      openStore: () => {
        const store = target.openStore();
        return Promise.resolve({
          ...store,
          prepareTable: async (...schema: Parameters<typeof store.prepareTable>) => {
            prepared += 1;
            if (prepared === 1) await clock.sleep(3_600_000);
            return store.prepareTable(...schema);
          },
        });
      },
    };
    const bed = createTaskBed({
      log: await wholeRun(clock),
      clock,
      config: { ...config, 'syncline.job': 'j', 'syncline.epoch': '1' },
    });
    await target.openLedger().begin({ job: 'j', taskId: 'run-1', digest: '', mode: 'full', byHand: false });
    const run = runSinkTask(slow, bed.context);
    await clock.advance(0);
    await clock.advance(3_600_000);
    expect(await runOut(clock, run)).toBeNull();
    expect(rowsOf(target)).toEqual(allRows);
    const lives = stagesOf(bed.statuses).filter((stage) => stage === 'processing').length;
    expect(lives).toBeGreaterThan(3_000);
    expect(lives).toBeLessThan(3_700);
  });
});

describe('a sink task that fails or is stopped at any of its calls', () => {
  const failure = new SyncError('TARGET_DENIED', { message: 'struck' });

  /** Runs once with the blow at call n, then once more without; the names of all calls of the first. */
  async function runStruck(n: number, fails: boolean): Promise<readonly string[]> {
    const clock = createFakeClock(0);
    const target = createMemoryTarget();
    const log = await wholeRun(clock);
    const stop = new AbortController();
    const strike = strikeAt(n, () => {
      if (fails) throw failure;
      stop.abort();
    });
    const bed = createTaskBed({ log: strike.log(log), clock, config, stop });
    const error = await runOut(clock, runSinkTask(strike.sink(createMemorySink(target)), bed.context));
    expect(strike.open).toEqual([]);
    expect(clock.sleepers).toBe(0);
    const complete = [...target.state.runs.values()].some(({ state }) => state === 'complete');
    if (!complete) {
      expect(error).toBe(fails && n > 0 ? failure : null);
      expect(stagesOf(bed.statuses).includes('error')).toBe(fails && n > 0);
      expect(stagesOf(bed.statuses)).not.toContain('end');
    }
    const again = createTaskBed({ log, clock, config, notes: bed.notes });
    expect(await runOut(clock, runSinkTask(createMemorySink(target), again.context))).toBeNull();
    expect(rowsOf(target)).toEqual(allRows);
    expect(stagesOf(again.statuses).at(-1)).toBe('end');
    return strike.calls;
  }

  it.each([true, false])(
    'closes what it opened, and a later task ends the run (fails: %s)',
    async (fails) => {
      const calls = await runStruck(0, fails);
      expect(calls.length).toBeGreaterThan(30);
      for (let n = 1; n <= calls.length; n += 1) await runStruck(n, fails);
    },
  );

  it('tells its own error, not that of closing, and closes the rest all the same', async () => {
    const clock = createFakeClock(0);
    const closed: string[] = [];
    const log = await logOf(() => Promise.reject(failure));
    const reader = {
      poll: () => Promise.reject(failure),
      setPaused: () => undefined,
      close: () => Promise.reject(new Error('of closing')),
    };
    const target = createMemoryTarget();
    const plugin = createMemorySink(target);
    const openStore = (): ReturnType<typeof plugin.openStore> =>
      Promise.resolve({ ...target.openStore(), close: () => Promise.resolve(void closed.push('store')) });
    const bed = createTaskBed({ log: { ...log, openReader: () => Promise.resolve(reader) }, clock, config });
    expect(await runOut(clock, runSinkTask({ ...plugin, openStore }, bed.context))).toBe(failure);
    expect(closed).toEqual(['store']);
  });

  it('is over when the run is complete: what fails after that changes nothing', async () => {
    const clock = createFakeClock(0);
    const target = createMemoryTarget();
    const plugin = createMemorySink(target);
    const openStore = (): ReturnType<typeof plugin.openStore> =>
      Promise.resolve({ ...target.openStore(), close: () => Promise.reject(new Error('of closing')) });
    const log = await wholeRun(clock);
    const bed = createTaskBed({ log, clock, config });
    expect(await runOut(clock, runSinkTask({ ...plugin, openStore }, bed.context))).toBeNull();
    expect(stagesOf(bed.statuses)).toEqual(['start', 'processing', 'end']);
  });
});

describe('a sink by hand whose source failed', () => {
  it('fails with the reason, is aborted in the ledger, and writes the whole run when both go on', async () => {
    const clock = createFakeClock(0);
    const target = createMemoryTarget();
    const { log } = createMemoryLog({ maxBytes: 10_000_000, clock });
    await log.createTopic({ name: 't', partitions: 2, retentionMs: 1 });
    const run = { topic: 't', taskId: 'run-1', splits: 2 };
    await writeSplit(log, { ...run, split: 0, ids: [1, 2] });
    const sourceFailed = new AbortController();
    const bed = createTaskBed({ log, clock, config, sourceFailed });
    const over = runSinkTask(createMemorySink(target), bed.context);
    await clock.advance(2_000);
    sourceFailed.abort(new Error('no such table'));
    expect(await runOut(clock, over)).toMatchObject({ code: 'TASK_FAILED' });
    expect(bed.statuses.at(-1)).toMatchObject({ stage: 'error' });
    expect(bed.statuses.at(-1)?.description).toContain('no such table');
    expect([...target.state.runs.values()].map(({ state }) => state)).toEqual(['aborted']);
    const again = createTaskBed({ log, clock, config, notes: bed.notes });
    const second = runSinkTask(createMemorySink(target), again.context);
    await writeSplit(log, { ...run, split: 1, ids: [3, 4] });
    expect(await runOut(clock, second)).toBeNull();
    expect(rowsOf(target)).toEqual(allRows);
  });

  it.each([false, true])(
    'before it started fails with the reason, and is aborted (topic there: %s)',
    async (there) => {
      const clock = createFakeClock(0);
      const target = createMemoryTarget();
      const { log } = createMemoryLog({ maxBytes: 10_000_000, clock });
      if (there) await log.createTopic({ name: 't', partitions: 2, retentionMs: 1 });
      const sourceFailed = new AbortController();
      sourceFailed.abort(new Error('no such table'));
      const bed = createTaskBed({ log, clock, config, sourceFailed });
      expect(await runOut(clock, runSinkTask(createMemorySink(target), bed.context))).toMatchObject({
        code: 'TASK_FAILED',
      });
      expect(bed.statuses.at(-1)?.description).toContain('no such table');
      expect([...target.state.runs.values()].map(({ state }) => state)).toEqual(['aborted']);
    },
  );

  it('says ever more seldom that it waits', async () => {
    const clock = createFakeClock(0);
    const bed = createTaskBed({ log: await logOf(() => clock.sleep(100).then(() => [])), clock, config });
    const over = runSinkTask(createMemorySink(createMemoryTarget()), bed.context);
    await clock.advance(0);
    await clock.advance(600_000);
    bed.stop.abort();
    await runOut(clock, over);
    expect(bed.statuses.length).toBeLessThan(25);
  });
});
