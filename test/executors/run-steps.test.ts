// The steps around a sync: their order, what each outcome does to the run, and what becomes of them when an executor dies in one.
import { describe, expect, test } from 'vitest';
import { LEASE_MS } from '../../executors/lease.ts';
import { SyncError } from '../../src/core/errors.ts';
import type { Run } from '../../src/core/run.ts';
import type { HttpStep, JobSteps, PostStep, SqlStep } from '../../src/core/steps/job-steps.ts';
import type { Bundle, SetupOptions } from './setup-executor.ts';
import { setupExecutor, T0 } from './setup-executor.ts';

const WINDOW_TO = String(T0 - 2_000);
const SECRET = 'pa55-of-the-step';
const connection = { 'connection.url': 'jdbc:fake://10.0.0.1/a', 'connection.password': SECRET };

const sql = (name: string, change: Partial<SqlStep> = {}): SqlStep => ({
  kind: 'sql',
  name,
  timeLimitMs: 5_000,
  onUnknown: 'fail',
  connection,
  statements: [name],
  ...change,
});
const after = (when: PostStep['when'], name: string): PostStep => ({ ...sql(name), when });
const call = (name: string, change: Partial<HttpStep> = {}): HttpStep => ({
  kind: 'http',
  name,
  timeLimitMs: 5_000,
  onUnknown: 'fail',
  url: 'https://example.org/refresh?key=abc-of-the-url',
  ...change,
});

function setup(steps: Partial<JobSteps>, options: SetupOptions = {}): Promise<Bundle> {
  const spec = { ...options.spec, steps: { pre: [], post: [], ...steps } };
  return setupExecutor({ ...options, spec });
}

const ran = ({ sqlConnections }: Bundle): readonly string[] =>
  sqlConnections.ran.map((line) => line.slice('jdbc:fake://10.0.0.1/a: '.length));

async function succeed(bundle: Bundle, run: Run): Promise<Run> {
  await bundle.complete(WINDOW_TO);
  await bundle.say(run, 'sink', 'end');
  await bundle.clock.advance(0);
  return bundle.read(run.id);
}

const outcomes = ({ report }: Run): readonly string[] =>
  (report?.steps ?? []).map(({ phase, name, state }) => `${phase} ${name} ${state}`);

describe('pre steps', () => {
  test('run in their order before a connector is made, and stand in the report', async () => {
    const bundle = await setup({ pre: [sql('one', { statements: ['a', 'b'] }), call('two'), sql('three')] });
    let release = (): void => undefined;
    bundle.sqlConnections.hanging.set('three', new Promise((resolve) => (release = resolve)));
    const run = await bundle.goingRun();
    expect(ran(bundle)).toEqual(['a', 'b', 'three']);
    expect(bundle.calls).toMatchObject([{ method: 'POST', url: call('two').url, body: null }]);
    expect(bundle.cluster.writes).toEqual([]);
    expect(outcomes(await bundle.read(run.id))).toEqual([
      'pre one succeeded',
      'pre two succeeded',
      'pre three going',
    ]);
    release();
    await bundle.clock.advance(0);
    expect(bundle.cluster.writes.length).toBeGreaterThan(0);
    const ended = await succeed(bundle, run);
    expect(ended).toMatchObject({ state: 'succeeded', report: { outcome: 'proved' } });
    expect(outcomes(ended)).toContain('pre three succeeded');
  });

  test('that fail make no connector, run no other pre step, and fail the run in words that name the step', async () => {
    const bundle = await setup({ pre: [sql('one'), sql('two')], post: [after('failure', 'undo')] });
    const cause = new SyncError('TARGET_FAILED', { message: `statement 1 of 1: no table, ${SECRET}` });
    bundle.sqlConnections.failing.set('one', cause);
    const run = await bundle.goingRun();
    expect(run).toMatchObject({
      state: 'failed',
      reason: {
        code: 'STEP_FAILED',
        message: expect.stringContaining('pre step one: statement 1 of 1: no table, ***') as string,
        place: 'pre step one',
      },
      report: { outcome: 'not-complete' },
    });
    expect(bundle.cluster.writes).toEqual([]);
    expect(ran(bundle)).toEqual(['one', 'undo']);
    expect(JSON.stringify([run, bundle.lines(run), bundle.events])).not.toContain(SECRET);
  });

  test('are repeated by each attempt', async () => {
    const bundle = await setup({ pre: [sql('one')] }, { policy: { maxAttempts: 2, retryDelayMs: 1_000 } });
    const error = new SyncError('TARGET_UNREACHABLE', { message: 'away' });
    bundle.sqlConnections.failing.set('one', error);
    await bundle.goingRun();
    bundle.sqlConnections.failing.clear();
    const retry = [...bundle.runs.rows.values()].at(-1);
    await bundle.clock.advance(1_000);
    await bundle.queue.wake(retry?.id ?? '');
    await bundle.clock.advance(0);
    expect(ran(bundle)).toEqual(['one', 'one']);
    expect(await bundle.read(retry?.id ?? '')).toMatchObject({ attempt: 2, state: 'running' });
  });

  test('have a time limit each, apart from the limit of the start', async () => {
    const bundle = await setup(
      { pre: [sql('slow', { timeLimitMs: 90_000 })] },
      { policy: { startMs: 10_000 } },
    );
    bundle.sqlConnections.hanging.set('slow', new Promise(() => undefined));
    const run = await bundle.goingRun();
    await bundle.clock.advance(89_000);
    expect((await bundle.read(run.id)).state).toBe('starting');
    await bundle.clock.advance(2_000);
    expect(await bundle.read(run.id)).toMatchObject({
      state: 'failed',
      reason: {
        code: 'STEP_FAILED',
        message: 'pre step slow: it did not end within 90 s; what it has done by then is not known',
        retriable: false,
      },
    });
  });

  test('end with the run that is cancelled', async () => {
    const bundle = await setup({ pre: [sql('slow', { timeLimitMs: 90_000 }), sql('next')] });
    bundle.sqlConnections.hanging.set('slow', new Promise(() => undefined));
    const run = await bundle.goingRun();
    await bundle.runs.requestCancel(run.id);
    await bundle.clock.advance(10_000);
    expect(await bundle.read(run.id)).toMatchObject({ state: 'cancelled', reason: { code: 'CANCELLED' } });
    expect(ran(bundle)).toEqual(['slow']);
  });

  test('by HTTP fail by what they are answered; what may pass is tried again', async () => {
    for (const [status, retriable] of [
      [404, false],
      [302, false],
      [503, true],
    ] as const) {
      const bundle = await setup({
        pre: [call('refresh', { method: 'PUT', headers: { a: 'b' }, body: 'x' })],
      });
      bundle.answers.push(status);
      const run = await bundle.goingRun();
      expect(run.reason).toMatchObject({
        code: 'STEP_FAILED',
        message: `pre step refresh: it was answered ${status}`,
        retriable,
      });
      expect(bundle.calls).toMatchObject([{ method: 'PUT', headers: { a: 'b' }, body: 'x' }]);
    }
  });

  test('lead to no address that connectors may not reach', async () => {
    const url = { 'connection.url': 'jdbc:fake://192.0.2.7/a' };
    const bundle = await setup({ pre: [sql('one', { connection: url })] });
    const run = await bundle.goingRun();
    expect(run.reason?.message).toContain('pre step one: host 192.0.2.7');
    expect(bundle.sqlConnections.ran).toEqual([]);
  });
});

describe('post steps', () => {
  const post = [after('success', 'good'), after('failure', 'bad'), after('always', 'both')];

  test('follow on a success, on a failure, or always', async () => {
    const good = await setup({ post });
    await succeed(good, await good.goingRun());
    expect(ran(good)).toEqual(['good', 'both']);
    const bad = await setup({ post });
    const run = await bad.goingRun();
    await bad.sayError(run, 'source', 'SOURCE_FAILED', 'no such table');
    await bad.clock.advance(0);
    expect(ran(bad)).toEqual(['bad', 'both']);
    expect(await bad.read(run.id)).toMatchObject({ state: 'failed', reason: { code: 'SOURCE_FAILED' } });
  });

  test('that fail leave the run proved, and are said in its report, its log and to the webhook', async () => {
    const bundle = await setup(
      { post: [after('success', 'one'), after('success', 'two')] },
      { spec: { webhook: 'https://example.org/hook' } },
    );
    bundle.sqlConnections.failing.set('one', new SyncError('TARGET_FAILED', { message: 'no table' }));
    const run = await bundle.goingRun();
    const ended = await succeed(bundle, run);
    expect(ended).toMatchObject({ state: 'succeeded', reason: null, report: { outcome: 'proved' } });
    expect(outcomes(ended)).toEqual(['post one failed', 'post two succeeded']);
    expect(ended.report?.notes.map(({ en }) => en)).toContainEqual(
      expect.stringContaining('the post step one failed: post step one: no table'),
    );
    expect(ended.report?.notes.map(({ zh }) => zh)).toContainEqual(
      expect.stringContaining('后置步骤“one”失败，原始消息：'),
    );
    expect(bundle.lines(run)).toContainEqual(expect.stringContaining('post step one: no table'));
    expect(bundle.posts.map(({ body }) => JSON.parse(body) as object)).toMatchObject([
      { event: 'run.step-failed', state: 'succeeded', failedSteps: ['one'] },
    ]);
  });
});

describe('a run whose executor was killed in a step', () => {
  async function killIn(steps: Partial<JobSteps>, hanging: string): Promise<{ bundle: Bundle; run: Run }> {
    const bundle = await setup(steps);
    bundle.sqlConnections.hanging.set(hanging, new Promise(() => undefined));
    const run = await bundle.goingRun();
    return { bundle, run };
  }

  async function takeOver(bundle: Bundle, run: Run): Promise<Run> {
    const row = await bundle.read(run.id);
    bundle.sqlConnections.hanging.clear();
    bundle.runs.rows.set(run.id, { ...row, owner: 'killed', leaseUntil: bundle.clock.now() + LEASE_MS });
    await bundle.clock.advance(LEASE_MS + 1_000);
    const second = await bundle.startExecutor('executor-2');
    void second.recover(await bundle.read(run.id));
    await bundle.clock.advance(0);
    return bundle.read(run.id);
  }

  test('runs the step once more where it may run twice, those that were done not, and goes on', async () => {
    const pre = [sql('one'), sql('two', { onUnknown: 'repeat', timeLimitMs: 90_000 }), sql('three')];
    const { bundle, run } = await killIn({ pre }, 'two');
    expect((await takeOver(bundle, run)).state).toBe('running');
    expect(ran(bundle)).toEqual(['one', 'two', 'two', 'three']);
    expect(outcomes(await succeed(bundle, run))).toEqual([
      'pre one succeeded',
      'pre two succeeded',
      'pre three succeeded',
    ]);
  });

  test('fails and says so where it may not: the step is neither repeated nor passed over', async () => {
    const { bundle, run } = await killIn({ pre: [sql('one', { timeLimitMs: 90_000 }), sql('two')] }, 'one');
    expect(await takeOver(bundle, run)).toMatchObject({
      state: 'failed',
      reason: {
        code: 'STEP_FAILED',
        message: expect.stringContaining('its executor was gone before it said how the step ended') as string,
        retriable: false,
      },
    });
    expect(ran(bundle)).toEqual(['one']);
    expect(bundle.cluster.writes).toEqual([]);
  });

  test('keeps the reason for which it had failed, and is not tried again for another', async () => {
    const post = [{ ...after('failure', 'undo'), timeLimitMs: 90_000 }, after('always', 'tell')];
    const policy = { maxAttempts: 3 };
    const bundle = await setup({ post }, { policy });
    bundle.sqlConnections.hanging.set('undo', new Promise(() => undefined));
    const run = await bundle.goingRun();
    await bundle.sayError(run, 'source', 'SOURCE_DENIED', 'no right to read');
    await bundle.clock.advance(0);
    expect(await takeOver(bundle, run)).toMatchObject({
      state: 'failed',
      reason: { code: 'SOURCE_DENIED', message: 'no right to read' },
    });
    expect(ran(bundle)).toEqual(['undo', 'tell']);
    expect((await bundle.read(run.id)).report?.ending).toBeUndefined();
    expect(bundle.runs.rows.size).toBe(1);
  });

  test('after a sync that is complete runs the post steps that are left', async () => {
    const post = [
      after('success', 'one'),
      { ...after('success', 'two'), timeLimitMs: 90_000 },
      after('always', 'three'),
    ];
    const { bundle, run } = await killIn({ post }, 'two');
    await succeed(bundle, run);
    const ended = await takeOver(bundle, run);
    expect(ended).toMatchObject({ state: 'succeeded', report: { outcome: 'proved' } });
    expect(ran(bundle)).toEqual(['one', 'two', 'three']);
    expect(outcomes(ended)).toEqual(['post one succeeded', 'post two failed', 'post three succeeded']);
  });
});

test('an executor that is shut down lets a step end, and leaves the run before the next one', async () => {
  const bundle = await setup({ pre: [sql('one', { timeLimitMs: 90_000 }), sql('two')] });
  let release = (): void => undefined;
  bundle.sqlConnections.hanging.set('one', new Promise((resolve) => (release = resolve)));
  const run = await bundle.goingRun();
  const stopped = bundle.executor.stop();
  await bundle.clock.advance(31_000);
  release();
  await bundle.clock.advance(1_000);
  await stopped;
  expect(outcomes(await bundle.read(run.id))).toEqual(['pre one succeeded']);
  const second = await bundle.startExecutor('executor-2');
  void second.recover(await bundle.read(run.id));
  await bundle.clock.advance(0);
  expect((await bundle.read(run.id)).state).toBe('running');
  expect(ran(bundle)).toEqual(['one', 'two']);
});
