// Executors that die, hang, stop, retry and tell: several of them on one database.
import { describe, expect, test } from 'vitest';
import { SyncError } from '../../src/core/errors.ts';
import { removeJobResources } from '../../executors/remove-job.ts';
import { createFakeSource } from '../fakes/fake-plugins.ts';
import type { NewRun } from '../../src/core/ports/runs.ts';
import type { Run } from '../../src/core/run.ts';
import type { Bundle } from './setup-executor.ts';
import { JOB, setupExecutor, T0 } from './setup-executor.ts';

const WINDOW_TO = String(T0 - 2_000);
const fail = ['KAFKA_UNREACHABLE', 'sending a batch: broker away'] as const;

describe('a run that lost its wake-up', () => {
  const offerAll = async (bundle: Bundle, runs: readonly Run[]): Promise<readonly boolean[]> => {
    const taken = runs.map((run) => bundle.executor.offer(run));
    await bundle.clock.advance(0);
    return taken;
  };

  test('is taken when it is offered, and only as many as there is room for', async () => {
    const bundle = await setupExecutor({ parts: { concurrency: 2 } });
    const runs: Run[] = [];
    for (const jobId of ['job-1', 'job-2', 'job-3'])
      runs.push((await bundle.runs.create(jobId, newRunRow(bundle))).run);
    expect(await offerAll(bundle, runs)).toEqual([true, true, false]);
    const states = await Promise.all(runs.map(async ({ id }) => (await bundle.read(id)).state));
    expect(states).toEqual(['running', 'running', 'queued']);
    await bundle.queue.wake(runs[2]?.id ?? '');
    await bundle.clock.advance(0);
    expect((await bundle.read(runs[2]?.id ?? '')).state).toBe('queued');
  });
});

function newRunRow(bundle: Bundle): NewRun {
  const now = bundle.clock.now();
  const trigger = { kind: 'schedule' } as const;
  return { plannedAt: now, mode: 'full', trigger, attempt: 1, notBefore: now, skipped: null };
}

describe('the lease', () => {
  test('is renewed as long as the run goes', async () => {
    const bundle = await setupExecutor();
    const run = await bundle.goingRun();
    await bundle.say(run, 'source', 'start');
    await bundle.say(run, 'sink', 'start');
    await bundle.clock.advance(60_000);
    const { leaseUntil } = await bundle.read(run.id);
    expect((leaseUntil ?? 0) - bundle.clock.now()).toBeGreaterThanOrEqual(6_000);
  });

  test.each([-30_000, -3_600_000, 3_600_000])(
    'outlives a clock that is set by %d ms, and so does the run',
    async (ms) => {
      const bundle = await setupExecutor();
      const run = await bundle.goingRun();
      bundle.clock.adjust(ms);
      for (let second = 0; second < 40; second += 1) {
        await bundle.say(run, 'source', 'processing');
        await bundle.say(run, 'sink', 'processing');
        await bundle.clock.advance(1_000);
        expect(await bundle.runs.listExpired(10)).toEqual([]);
      }
      expect(await bundle.read(run.id)).toMatchObject({ state: 'running', owner: 'executor-1' });
      await bundle.sayError(run, 'sink', 'TARGET_FAILED', 'no such function');
      await bundle.clock.advance(1_000);
      expect(await bundle.read(run.id)).toMatchObject({ state: 'failed' });
    },
  );

  test('once lost stops the executor at once: it writes nothing more, anywhere', async () => {
    const bundle = await setupExecutor();
    const run = await bundle.goingRun();
    bundle.runs.rows.set(run.id, { ...run, owner: 'executor-2' });
    await bundle.clock.advance(4_000);
    expect(bundle.events).toContainEqual({ type: 'lease.lost', runId: run.id });
    const writes = bundle.cluster.writes.length;
    const row = await bundle.read(run.id);
    await bundle.sayError(run, 'sink', 'INTERNAL', 'too late');
    await bundle.clock.advance(60_000);
    expect(bundle.cluster.writes).toHaveLength(writes);
    expect(await bundle.read(run.id)).toEqual(row);
    expect(bundle.target.state.jobs.get(JOB)?.epoch).toBe(1);
    expect(bundle.sink.open).toBe(0);
  });

  test('that can not be renewed keeps the executor from writing to the cluster', async () => {
    const bundle = await setupExecutor();
    let begin: () => void = () => undefined;
    bundle.sink.answers = {
      begin: (request) =>
        new Promise((resolve) => {
          begin = () => void bundle.target.openLedger().begin(request).then(resolve);
        }),
    };
    await bundle.goingRun();
    bundle.runs.away = true;
    await bundle.clock.advance(8_000);
    begin();
    await bundle.clock.advance(20_000);
    expect(bundle.cluster.writes).toEqual([]);
    bundle.runs.away = false;
    await bundle.clock.advance(1_000);
    expect(bundle.cluster.writes).toHaveLength(4);
  });

  test('outlives an outage of the database, and the end is stored when it is back', async () => {
    const bundle = await setupExecutor();
    const run = await bundle.goingRun();
    bundle.runs.away = true;
    await bundle.complete(WINDOW_TO);
    await bundle.say(run, 'sink', 'end');
    await bundle.clock.advance(30_000);
    bundle.runs.away = false;
    await bundle.clock.advance(2_000);
    expect(await bundle.read(run.id)).toMatchObject({ state: 'succeeded' });
  });

  test('that can not be renewed keeps the executor from fencing the run', async () => {
    const bundle = await setupExecutor();
    const run = await bundle.goingRun();
    bundle.runs.away = true;
    await bundle.clock.advance(8_000);
    await bundle.sayError(run, 'source', ...fail);
    await bundle.clock.advance(20_000);
    expect(bundle.target.state.jobs.get(JOB)?.epoch).toBe(1);
    bundle.runs.away = false;
    await bundle.clock.advance(3_000);
    expect(bundle.target.state.jobs.get(JOB)?.epoch).toBe(2);
    expect(await bundle.read(run.id)).toMatchObject({ state: 'failed' });
  });

  test('is not lost to an end that was stored but not answered', async () => {
    const bundle = await setupExecutor();
    const run = await bundle.goingRun();
    const finish = bundle.runs.finish.bind(bundle.runs);
    let answers = 0;
    bundle.runs.finish = async (end) => {
      const closed = await finish(end);
      answers += 1;
      if (answers === 1) throw new SyncError('DATABASE_UNREACHABLE', { message: 'connection lost' });
      return closed;
    };
    await bundle.sayError(run, 'source', ...fail);
    await bundle.clock.advance(3_000);
    expect(bundle.events.filter(({ type }) => type === 'run.ended')).toHaveLength(1);
    expect(bundle.events.filter(({ type }) => type === 'lease.lost')).toEqual([]);
  });

  test('is not granted twice: two executors woken for one run make one run', async () => {
    const bundle = await setupExecutor();
    const run = await bundle.newRun();
    await Promise.all([bundle.queue.wake(run.id), bundle.queue.wake(run.id)]);
    await bundle.clock.advance(0);
    expect(bundle.cluster.writes).toHaveLength(4);
  });
});

describe('retries', () => {
  test('a retriable failure is tried again after the delay, with the planned instant and mode of the run', async () => {
    const bundle = await setupExecutor({ policy: { maxAttempts: 2, retryDelayMs: 10_000 } });
    const run = await bundle.goingRun({ mode: 'full', plannedAt: T0 - 500 });
    await bundle.sayError(run, 'source', ...fail);
    await bundle.clock.advance(0);
    const next = [...bundle.runs.rows.values()].at(-1);
    expect(next).toMatchObject({
      state: 'queued',
      attempt: 2,
      mode: 'full',
      plannedAt: T0 - 500,
      notBefore: T0 + 10_000,
      trigger: { kind: 'retry', of: run.id },
    });
    expect(bundle.lines(run).at(-1)).toBe(`attempt 2 follows in 10 s: run ${next?.id ?? ''}`);
  });

  test('a run that waited for this one is woken at its end', async () => {
    const bundle = await setupExecutor();
    const first = await bundle.goingRun();
    const waiting = await bundle.goingRun({ plannedAt: T0 + 1 });
    expect(waiting.state).toBe('queued');
    await bundle.complete(WINDOW_TO);
    await bundle.say(first, 'sink', 'end');
    await bundle.clock.advance(0);
    expect(await bundle.read(waiting.id)).toMatchObject({ state: 'running' });
  });
});

describe('removing a job', () => {
  test('removes its connectors and its rows in the target', async () => {
    const bundle = await setupExecutor();
    const run = await bundle.goingRun();
    await bundle.complete(WINDOW_TO);
    await bundle.say(run, 'sink', 'end');
    await bundle.clock.advance(1_000);
    const times = { createdAt: T0, updatedAt: T0, nextFireAt: null, deleting: false };
    const job = {
      id: JOB,
      version: 1,
      spec: bundle.spec.current,
      paused: true,
      pausedUntil: null,
      pauseReason: null,
      ...times,
    };
    const parts = {
      clusters: new Map([['main', bundle.cluster]]),
      plugins: [createFakeSource(), bundle.sink],
      refuse: () => null,
    };
    expect(await removeJobResources(parts, job)).toEqual([]);
    expect(await removeJobResources(parts, job)).toEqual([]);
    expect(bundle.cluster.connectors.size).toBe(0);
    expect(bundle.target.state.jobs.size).toBe(0);
    expect(bundle.sink.open).toBe(0);
  });
});
