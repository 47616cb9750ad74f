// A source task from its plan to its end, over the memory log, on a fake clock.
import { describe, expect, it } from 'vitest';
import { runSinkTask } from '../../../src/worker/sink/sink-task.ts';
import { runSourceTask } from '../../../src/worker/source/source-task.ts';
import { SyncError } from '../../../src/core/errors.ts';
import type { RecordLog } from '../../../src/core/ports/record-log.ts';
import type { StatusMessage } from '../../../src/core/status.ts';
import { createMemoryLog } from '../../../src/log/memory/memory-log.ts';
import { createFakeClock } from '../../fakes/fake-clock.ts';
import type { FakeClock } from '../../fakes/fake-clock.ts';
import { createMemoryTarget } from '../../fakes/memory-target.ts';
import { strikeAt } from '../../support/struck-calls.ts';
import { createMemorySink, createSplitSource, createTaskBed, runOut } from '../../support/task-bed.ts';

const config = { 'pkuse.task.id': 'run-1', 'value.format': 'row' };
const stagesOf = (statuses: readonly StatusMessage[]): string[] => statuses.map(({ stage }) => stage);

function makeLog(clock: FakeClock): RecordLog {
  return createMemoryLog({ maxBytes: 500_000_000, clock }).log;
}

/** The ids that a sink makes of what is in the log; it must complete the run. */
async function sinkOf(log: RecordLog, clock: FakeClock): Promise<number[]> {
  const target = createMemoryTarget();
  const bed = createTaskBed({ log, clock, config: { topics: 't', 'pkuse.task.id': 'run-1' } });
  expect(await runOut(clock, runSinkTask(createMemorySink(target), bed.context))).toBeNull();
  return [...target.state.rows.keys()].map(Number).sort((a, b) => a - b);
}

const idsTo = (last: number): number[] => Array.from({ length: last }, (_, at) => at + 1);

describe('a source task', () => {
  it('sends every split, and says what it did', async () => {
    const clock = createFakeClock(0);
    const log = makeLog(clock);
    const bed = createTaskBed({ log, clock, config });
    expect(await runOut(clock, runSourceTask(createSplitSource({ splits: 5 }), bed.context))).toBeNull();
    expect(stagesOf(bed.statuses)).toEqual(['start', 'processing', 'end']);
    expect(bed.statuses.at(-1)).toMatchObject({
      description: '10',
      syncline: { splits: { total: 5, ended: 5 } },
    });
    expect(await sinkOf(log, clock)).toEqual(idsTo(10));
  });

  it('says that it lives while a split gives nothing for an hour', async () => {
    const clock = createFakeClock(0);
    const log = makeLog(clock);
    const bed = createTaskBed({
      log,
      clock,
      config: { ...config, 'syncline.job': 'j', 'syncline.epoch': '1' },
    });
    const source = createSplitSource({ splits: 2, onSplit: () => clock.sleep(3_600_000) });
    const run = runSourceTask(source, bed.context);
    await clock.advance(0);
    await clock.advance(3_600_000);
    expect(await runOut(clock, run)).toBeNull();
    const lives = stagesOf(bed.statuses).filter((stage) => stage === 'processing').length;
    expect(lives).toBeGreaterThan(3_500);
    expect(lives).toBeLessThan(3_700);
    expect(await sinkOf(log, clock)).toEqual(idsTo(4));
  });

  it('by hand begins at the position that is said, else at its own last one', async () => {
    const notes = new Map<string, string>();
    const bases: (string | null)[] = [];
    const run = async (taskId: string, said: Record<string, string>) => {
      const clock = createFakeClock(1_000);
      const more = { ...config, 'pkuse.task.id': taskId, 'pkuse.datasyntype': '2', ...said };
      const bed = createTaskBed({ log: makeLog(clock), clock, config: more, notes });
      const onPlan = ({ base }: { base: string | null }) => Promise.resolve(void bases.push(base));
      return runOut(clock, runSourceTask(createSplitSource({ splits: 1, onPlan }), bed.context));
    };
    for (const [taskId, said] of [['a'], ['b'], ['c', '7']] as const)
      expect(await run(taskId, said === undefined ? {} : { 'pkuse.lastincrementvalue': said })).toBeNull();
    expect(bases).toEqual([null, '100', '7']);
    expect(await run('d', { 'pkuse.lastincrementvalue': 'soon' })).toMatchObject({
      code: 'BAD_INPUT',
      field: 'pkuse.lastincrementvalue',
      message: "reading pkuse.lastincrementvalue: 'soon' is no whole number",
    });
  });

  it.each(['', ' 5', 'a\nb', 'x'.repeat(256)])('refuses a plan that ends at %j', async (to) => {
    const clock = createFakeClock(0);
    const bed = createTaskBed({ log: makeLog(clock), clock, config });
    expect(
      await runOut(clock, runSourceTask(createSplitSource({ splits: 1, to }), bed.context)),
    ).toMatchObject({
      code: 'PLUGIN_FAULT',
      message: expect.stringContaining('is none; a position is') as string,
    });
    expect(bed.notes.size).toBe(0);
  });

  it('says each second that it plans', async () => {
    const clock = createFakeClock(0);
    const bed = createTaskBed({ log: makeLog(clock), clock, config });
    const source = createSplitSource({ splits: 1, onPlan: () => clock.sleep(5_500) });
    expect(await runOut(clock, runSourceTask(source, bed.context))).toBeNull();
    const said = bed.statuses.map(({ stage, description }) => `${stage} ${description}`);
    expect(said.slice(0, 6)).toEqual([...Array<string>(5).fill('processing planning'), 'start 2']);
  });

  it('reads only what is not ended when it starts again, and counts all', async () => {
    const clock = createFakeClock(0);
    const log = makeLog(clock);
    const read: number[] = [];
    const resumes: boolean[] = [];
    const stop = new AbortController();
    const source = createSplitSource({
      splits: 5,
      concurrency: 1,
      onSplit: (split, resumed) => {
        read.push(split);
        resumes.push(resumed);
        if (read.length === 3) stop.abort();
        return Promise.resolve();
      },
    });
    const first = createTaskBed({ log, clock, config, stop });
    await runOut(clock, runSourceTask(source, first.context));
    // A crash in mid line: what it leaves is nobody's end.
    first.notes.set('ended', `${first.notes.get('ended') ?? ''}\n{"plan":"`);
    const second = createTaskBed({ log, clock, config, notes: first.notes });
    await runOut(clock, runSourceTask(source, second.context));
    expect(read).toEqual([0, 1, 2, 2, 3, 4]);
    expect(resumes).toEqual([false, false, false, true, true, true]);
    expect(second.statuses.at(-1)).toMatchObject({ stage: 'end', description: '10' });
    expect(await sinkOf(log, clock)).toEqual(idsTo(10));
  });

  it('writes to its notes in proportion to its splits', async () => {
    /** Characters written for a plan of so many splits, and the longest single write after the plan. */
    const written = async (splits: number): Promise<{ all: number; longest: number }> => {
      const clock = createFakeClock(0);
      const bed = createTaskBed({ log: makeLog(clock), clock, config });
      const sizes: number[] = [];
      const notes = {
        ...bed.context.notes,
        write: (key: string, value: string) => {
          sizes.push(value.length);
          return bed.context.notes.write(key, value);
        },
        append: (_key: string, line: string) => Promise.resolve(void sizes.push(line.length)),
      };
      const source = createSplitSource({ splits });
      expect(await runOut(clock, runSourceTask(source, { ...bed.context, notes }))).toBeNull();
      expect(bed.statuses.at(-1)?.description).toBe(String(splits * 2));
      return { all: sizes.reduce((sum, size) => sum + size, 0), longest: Math.max(...sizes.slice(1)) };
    };
    const [few, many] = [await written(200), await written(20_000)];
    expect(many.all / few.all).toBeLessThan(110);
    expect(many.longest).toBeLessThan(200);
  }, 60_000);
});

describe('a source task that fails or is stopped at any of its calls', () => {
  const failure = new SyncError('SOURCE_FAILED', { message: 'struck' });

  async function runStruck(
    n: number,
    fails: boolean,
    more: Record<string, string> = {},
  ): Promise<readonly string[]> {
    const clock = createFakeClock(0);
    const log = makeLog(clock);
    const stop = new AbortController();
    const strike = strikeAt(n, () => {
      if (fails) throw failure;
      stop.abort();
    });
    const bed = createTaskBed({ log: strike.log(log), clock, config: { ...config, ...more }, stop });
    const source = createSplitSource({ splits: 3 });
    const error = await runOut(clock, runSourceTask(strike.source(source), bed.context));
    expect(strike.open).toEqual([]);
    expect(clock.sleepers).toBe(0);
    if (n > 0) {
      expect(error).toBe(fails ? failure : null);
      expect(stagesOf(bed.statuses).includes('error')).toBe(fails);
      expect(stagesOf(bed.statuses)).not.toContain('end');
    }
    const again = createTaskBed({ log, clock, config, notes: bed.notes });
    expect(await runOut(clock, runSourceTask(source, again.context))).toBeNull();
    expect(stagesOf(again.statuses).at(-1)).toBe('end');
    expect(await sinkOf(log, clock)).toEqual(idsTo(6));
    return strike.calls;
  }

  it.each([true, false])(
    'closes what it opened, and a later task ends the run (fails: %s)',
    async (fails) => {
      const calls = await runStruck(0, fails);
      expect(calls.length).toBeGreaterThan(12);
      for (let n = 1; n <= calls.length; n += 1) await runStruck(n, fails);
    },
  );

  it('tells its own error, not that of closing', async () => {
    const clock = createFakeClock(0);
    const bed = createTaskBed({ log: makeLog(clock), clock, config });
    const source = createSplitSource({ splits: 1, onSplit: () => Promise.reject(failure) });
    const closing = {
      ...source,
      openTask: async (...of: Parameters<typeof source.openTask>) => ({
        ...(await source.openTask(...of)),
        close: () => Promise.reject(new Error('of closing')),
      }),
    };
    expect(await runOut(clock, runSourceTask(closing, bed.context))).toBe(failure);
  });
});
