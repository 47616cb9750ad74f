// A connector of somebody else that throws in every method, never answers or lies: the run fails in words, and nothing hangs.
import { describe, expect, it } from 'vitest';
import { guardPlugin } from '../../../connectors/packages/guard-plugin.ts';
import type { SourcePlan, SourcePlugin, SourceTask } from '../../../src/core/connector/contract.ts';
import { createMemoryLog } from '../../../src/log/memory/memory-log.ts';
import { runSourceTask } from '../../../src/worker/source/source-task.ts';
import { createFakeClock } from '../../fakes/fake-clock.ts';
import type { FakeClock } from '../../fakes/fake-clock.ts';
import { createSplitSource, createTaskBed, runOut } from '../../support/task-bed.ts';
import { openingOf } from '../../support/task-opening.ts';

const config = { 'pkuse.task.id': 'run-1', 'value.format': 'row' };
const forever = new Promise<never>(() => undefined);

/** How a run of the source ends, all of its waiting done; null: well. `stopAfterMs`: it is stopped then. */
async function runGuarded(
  change: (source: SourcePlugin, clock: FakeClock) => SourcePlugin,
  stopAfterMs?: number,
) {
  const clock = createFakeClock(0);
  const { log } = createMemoryLog({ maxBytes: 10_000_000, clock });
  const bed = createTaskBed({ log, clock, config });
  const start = clock.monotonic();
  const plugin = guardPlugin(change(createSplitSource({ splits: 2 }), clock), '@acme/x') as SourcePlugin;
  if (stopAfterMs !== undefined)
    void clock.sleep(stopAfterMs).then(() => bed.stop.abort(new Error('stopped')));
  const ended = await runOut(clock, runSourceTask(plugin, bed.context));
  return { ended, said: bed.statuses.at(-1), took: clock.monotonic() - start };
}

/** The source with another task. */
function withTask(change: (task: SourceTask) => SourceTask) {
  return (source: SourcePlugin): SourcePlugin => ({
    ...source,
    openTask: async (opening) => change(await source.openTask(opening)),
  });
}

/** It may be silent for twenty seconds. */
function quick(change: (source: SourcePlugin) => SourcePlugin) {
  return (source: SourcePlugin): SourcePlugin => ({ ...change(source), answerWithinMs: 20_000 });
}

const withPlan = (change: (plan: SourcePlan) => unknown) =>
  withTask((task) => ({ ...task, plan: async (request) => change(await task.plan(request)) as SourcePlan }));

const boom = (): never => {
  throw new TypeError('boom');
};

it('that keeps the contract runs as before', async () => {
  const { ended, said } = await runGuarded((source) => source);
  expect(ended).toBeNull();
  expect(said).toMatchObject({ stage: 'end', description: '4' });
});

describe('what it throws', () => {
  it.each(['validate', 'identity', 'content', 'topicOf', 'positions', 'testConnection', 'openTask'] as const)(
    'in %s names it',
    async (method) => {
      const broken = { ...createSplitSource({ splits: 1 }), [method]: boom };
      const plugin = guardPlugin(broken, '@acme/x') as SourcePlugin;
      const call = async (): Promise<unknown> =>
        method === 'openTask'
          ? plugin.openTask(openingOf({}))
          : method === 'testConnection'
            ? plugin.testConnection({}, new AbortController().signal)
            : plugin[method]?.({});
      await expect(call()).rejects.toMatchObject({
        code: 'PLUGIN_FAULT',
        message: `${method} of @acme/x: boom`,
        retriable: false,
      });
    },
  );

  it.each([
    ['plan', 'planning of @acme/x: boom'],
    ['readSplit', 'reading of @acme/x: boom'],
  ] as const)('in %s fails the run, and names it', async (method, message) => {
    const { ended, said } = await runGuarded(withTask((task) => ({ ...task, [method]: boom })));
    expect(ended).toMatchObject({ code: 'PLUGIN_FAULT', message });
    expect(said).toMatchObject({ stage: 'error', syncline: { error: { code: 'PLUGIN_FAULT' } } });
  });

  it('in close takes nothing back', async () => {
    expect((await runGuarded(withTask((task) => ({ ...task, close: boom })))).ended).toBeNull();
  });
});

it.each(['plan', 'readSplit', 'close'] as const)(
  'a task without %s is refused when it is opened',
  async (part) => {
    const { ended } = await runGuarded(withTask((task) => ({ ...task, [part]: undefined as never })));
    expect(ended).toMatchObject({
      code: 'PLUGIN_FAULT',
      message: `opening a task of @acme/x: it has no ${part}; it needs plan, readSplit, close`,
    });
  },
);

describe('what never answers', () => {
  it.each(['plan', 'readSplit'] as const)('in %s fails the run once its time is up', async (method) => {
    const { ended, took } = await runGuarded(
      quick(withTask((task) => ({ ...task, [method]: () => forever }))),
    );
    expect(ended).toMatchObject({
      code: 'PLUGIN_FAULT',
      message: expect.stringMatching(/^(planning|reading) of @acme\/x: it gave no sign for 20 s$/) as string,
      retriable: true,
    });
    expect(took).toBeLessThan(45_000);
  });

  it('ends within seconds when it is stopped, also where it does not look at the signal', async () => {
    const hangs = withTask((task) => ({ ...task, readSplit: () => forever }));
    const { ended, took } = await runGuarded(hangs, 30_000);
    expect(ended).toBeNull();
    expect(took).toBeLessThan(60_000);
  });

  it('in close is left alone', async () => {
    expect((await runGuarded(withTask((task) => ({ ...task, close: () => forever })))).ended).toBeNull();
  });

  it('is no silence while it tells of rows', async () => {
    const { ended, took } = await runGuarded((source, clock) =>
      quick(
        withTask((task) => ({
          ...task,
          readSplit: async (read) => {
            for (let at = 0; at < 4; at += 1) {
              await clock.sleep(9_000);
              read.out.remarked?.({ en: 'slow', zh: '缓慢' });
            }
            await task.readSplit(read);
          },
        })),
      )(source),
    );
    expect(ended).toBeNull();
    expect(took).toBeGreaterThan(36_000);
  });
});

describe('what it lies about', () => {
  it.each([
    ['no object', () => 7, 'it is no object'],
    ['no window', (plan: SourcePlan) => ({ ...plan, window: undefined }), 'it has no window'],
    [
      'two splits that are one',
      (plan: SourcePlan) => ({ ...plan, splits: ['a', 'b', 'a'] }),
      'two of its splits are "a": what it says would be read twice',
    ],
    [
      'a number as position',
      (plan: SourcePlan) => ({ ...plan, window: { from: null, to: 5 } }),
      '5, which is no position',
    ],
    ['no fields', (plan: SourcePlan) => ({ ...plan, schema: { fields: [], key: [] } }), 'it has no schema'],
    [
      'a strange key',
      (plan: SourcePlan) => ({ ...plan, schema: { ...plan.schema, key: ['x'] } }),
      'its key has "x"',
    ],
    ['no splits', (plan: SourcePlan) => ({ ...plan, splits: [] }), 'it has no splits'],
    ['splits of two lines', (plan: SourcePlan) => ({ ...plan, splits: ['a\nb'] }), 'not texts of one line'],
    [
      'a count below nothing',
      (plan: SourcePlan) => ({ ...plan, predicted: { rows: -1, exact: true } }),
      'it predicts -1 rows',
    ],
    [
      'a count that is none',
      (plan: SourcePlan) => ({ ...plan, predicted: { rows: NaN, exact: true } }),
      'it predicts NaN rows',
    ],
  ] as const)('in its plan is named: %s', async (_, change, said) => {
    const { ended } = await runGuarded(withPlan(change));
    expect(ended).toMatchObject({ code: 'PLUGIN_FAULT', message: expect.stringContaining(said) as string });
  });

  it('is its exact count: the run fails and says both', async () => {
    const { ended } = await runGuarded(
      withPlan((plan) => ({ ...plan, predicted: { rows: 9, exact: true } })),
    );
    expect(ended).toMatchObject({
      code: 'PLUGIN_FAULT',
      message: '@acme/x, reading: it said exactly 9 rows, and gave 4',
    });
  });

  it('is that a split was read: a row that comes later is refused where it is told', async () => {
    const late: unknown[] = [];
    const { ended } = await runGuarded(
      withTask((task) => ({
        ...task,
        readSplit: async (read) => {
          await task.readSplit(read);
          setImmediate(() => {
            try {
              read.out.row(Buffer.from('99\tx'), 1, 4);
            } catch (error) {
              late.push(error);
            }
          });
        },
      })),
    );
    await new Promise((done) => setImmediate(done));
    expect(ended).toBeNull();
    expect(late[0]).toMatchObject({
      code: 'PLUGIN_FAULT',
      message: expect.stringContaining('after it said') as string,
    });
  });

  it('is where a row ends', async () => {
    const { ended } = await runGuarded(
      withTask((task) => ({
        ...task,
        readSplit: ({ out }) => {
          out.row(Buffer.from('1\tx'), 9, 3);
          return Promise.resolve();
        },
      })),
    );
    expect(ended).toMatchObject({ message: '@acme/x, reading: a row of 3 bytes with a key of 9, in 3' });
  });
});
