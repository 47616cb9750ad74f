// Executors that die, hang, stop, retry and tell: several of them on one database.
import { describe, expect, test } from 'vitest';
import { KEY } from '../../src/core/connector/keys.ts';
import { SyncError } from '../../src/core/errors.ts';
import { LEASE_MS } from '../../executors/lease.ts';
import type { Executor } from '../../executors/run-worker.ts';
import { createRescue } from '../../scheduler/rescue.ts';
import type { NewRun } from '../../src/core/ports.ts';
import type { Run } from '../../src/core/run.ts';
import type { Bundle } from './setup-executor.ts';
import { JOB, NAMES, setupExecutor, T0 } from './setup-executor.ts';

const WINDOW_TO = T0 - 2_000;
const fail = ['KAFKA_UNREACHABLE', 'sending a batch: broker away'] as const;

/** The executor that held the run is killed: nothing renews its lease any more. */
async function expire(bundle: Bundle, runId: string): Promise<void> {
  const run = await bundle.read(runId);
  bundle.runs.rows.set(runId, { ...run, owner: 'killed', leaseUntil: bundle.clock.now() + 10_000 });
  await bundle.clock.advance(11_000);
}

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

  test('starts within 20 s of the death of the executor that held the run before it', async () => {
    const bundle = await setupExecutor({ policy: { maxAttempts: 2, retryDelayMs: 1_000 } });
    const run = await bundle.goingRun();
    // The last sign of life of the one that dies: its lease was renewed just now.
    bundle.runs.rows.set(run.id, { ...run, owner: 'killed', leaseUntil: bundle.clock.now() + LEASE_MS });
    const diedAt = bundle.clock.now();
    const survivor = await bundle.startExecutor('executor-2');
    const rescue = createRescue({
      jobs: { databaseNow: () => Promise.resolve(bundle.clock.now()) },
      runs: bundle.runs,
      queue: { wake: () => Promise.reject(new SyncError('QUEUE_UNREACHABLE', { message: 'away' })) },
      onQueued: (queued) => survivor.offer(queued),
      onExpired: (expired) => survivor.recover(expired),
      clock: bundle.clock,
      emit: () => undefined,
    });
    await rescue.start();
    const second = (): Run | undefined => [...bundle.runs.rows.values()].find(({ attempt }) => attempt === 2);
    while (second()?.state !== 'running' && bundle.clock.now() - diedAt < 60_000)
      await bundle.clock.advance(100);
    expect(await bundle.read(run.id)).toMatchObject({ state: 'lost', reason: { code: 'LEASE_LOST' } });
    expect(bundle.clock.now() - diedAt).toBeLessThan(20_000);
    await rescue.stop();
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

describe('recovery of a run whose executor died', () => {
  test('ends it as lost, fences it and stops its connectors', async () => {
    const bundle = await setupExecutor();
    const run = await bundle.goingRun();
    await expire(bundle, run.id);
    const [expired] = await bundle.runs.listExpired(10);
    const second = await bundle.startExecutor('executor-2');
    await second.recover(expired ?? run);
    expect(await bundle.read(run.id)).toMatchObject({ state: 'lost', reason: { code: 'LEASE_LOST' } });
    expect(bundle.target.state.jobs.get(JOB)?.epoch).toBe(2);
    expect(bundle.cluster.connectors.get(NAMES.sink)?.state).toBe('STOPPED');
    expect(bundle.sink.open).toBe(0);
  });

  test('finds it succeeded when the sink had finished it', async () => {
    const bundle = await setupExecutor();
    const run = await bundle.goingRun();
    await bundle.say(run, 'source', 'end', { counts: { read: 4 } });
    await bundle.clock.advance(1_000);
    await bundle.complete(WINDOW_TO, { written: 4 });
    await expire(bundle, run.id);
    await bundle.executor.recover(run);
    const { state, reason, report } = await bundle.read(run.id);
    expect({ state, reason }).toEqual({ state: 'succeeded', reason: null });
    expect(report).toMatchObject({
      outcome: 'proved',
      watermarkAfter: WINDOW_TO,
      counts: { read: 4, written: 4 },
    });
  });

  test('leaves connectors alone that another run has by now', async () => {
    const bundle = await setupExecutor();
    const run = await bundle.goingRun();
    for (const connector of bundle.cluster.connectors.values())
      connector.config = { ...connector.config, [KEY.taskId]: 'next-run' };
    bundle.cluster.writes.length = 0;
    await expire(bundle, run.id);
    await bundle.executor.recover(run);
    expect(await bundle.read(run.id)).toMatchObject({ state: 'lost' });
    expect(bundle.cluster.writes).toEqual([]);
  });

  test('ends the run although target and cluster are not there', async () => {
    const bundle = await setupExecutor();
    const run = await bundle.goingRun();
    await expire(bundle, run.id);
    bundle.sink.away = true;
    bundle.cluster.failure = new SyncError('CONNECT_UNREACHABLE', { message: 'refused' });
    await bundle.executor.recover(run);
    expect(await bundle.read(run.id)).toMatchObject({ state: 'lost' });
  });

  test('leaves a run alone that is alive, or that another executor took', async () => {
    const bundle = await setupExecutor();
    const run = await bundle.goingRun();
    const second = await bundle.startExecutor('executor-2');
    await second.recover(run);
    expect(await bundle.read(run.id)).toMatchObject({ state: 'running', owner: 'executor-1' });
  });

  test('leaves a run alone that this very executor holds, having slept over its lease', async () => {
    const bundle = await setupExecutor();
    const run = await bundle.goingRun();
    bundle.clock.set(T0 + 40_000);
    const [expired] = await bundle.runs.listExpired(10);
    await bundle.executor.recover(expired ?? run);
    await bundle.clock.advance(4_000);
    expect(await bundle.read(run.id)).toMatchObject({ state: 'running', owner: 'executor-1' });
  });

  test('does not try a run again that was to be cancelled', async () => {
    const bundle = await setupExecutor({ policy: { maxAttempts: 3 } });
    const run = await bundle.goingRun();
    await bundle.runs.requestCancel(run.id);
    await expire(bundle, run.id);
    await bundle.executor.recover(await bundle.read(run.id));
    expect(await bundle.read(run.id)).toMatchObject({ state: 'cancelled' });
    expect(bundle.runs.rows.size).toBe(1);
  });

  test('makes the next attempt, which reads the same window again', async () => {
    const bundle = await setupExecutor({ policy: { maxAttempts: 2, retryDelayMs: 0 } });
    const run = await bundle.goingRun();
    await expire(bundle, run.id);
    await bundle.executor.recover(run);
    await bundle.clock.advance(0);
    const attempts = [...bundle.runs.rows.values()].map(({ attempt, state }) => ({ attempt, state }));
    expect(attempts).toEqual([
      { attempt: 1, state: 'lost' },
      { attempt: 2, state: 'running' },
    ]);
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

  test('the last attempt, and what trying again can not mend, is not', async () => {
    const last = await setupExecutor({ policy: { maxAttempts: 2 } });
    const run = await last.goingRun({ attempt: 2 });
    await last.sayError(run, 'source', ...fail);
    await last.clock.advance(0);
    expect(last.runs.rows.size).toBe(1);

    const hopeless = await setupExecutor({ policy: { maxAttempts: 5 } });
    const other = await hopeless.goingRun();
    await hopeless.sayError(other, 'sink', 'TARGET_SCHEMA', 'column a is too narrow');
    await hopeless.clock.advance(0);
    expect(await hopeless.read(other.id)).toMatchObject({
      state: 'failed',
      reason: { code: 'TARGET_SCHEMA' },
    });
    expect(hopeless.runs.rows.size).toBe(1);
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

describe('stopping an executor', () => {
  async function stopDuring(bundle: Bundle, executor: Executor): Promise<() => boolean> {
    let stopped = false;
    void executor.stop().then(() => (stopped = true));
    await bundle.clock.advance(0);
    return () => stopped;
  }

  test('waits for a run that ends by itself', async () => {
    const bundle = await setupExecutor();
    const run = await bundle.goingRun();
    const isStopped = await stopDuring(bundle, bundle.executor);
    await bundle.clock.advance(20_000);
    expect(isStopped()).toBe(false);
    await bundle.complete(WINDOW_TO);
    await bundle.say(run, 'sink', 'end');
    await bundle.clock.advance(1_000);
    expect(isStopped()).toBe(true);
    expect(await bundle.read(run.id)).toMatchObject({ state: 'succeeded' });
    expect(bundle.statuses.followers).toBe(0);
    expect(bundle.clock.sleepers).toBe(0);
  });

  test('ends a run that does not, fenced and stopped, with its next attempt made', async () => {
    const bundle = await setupExecutor({ policy: { maxAttempts: 2 } });
    const run = await bundle.goingRun();
    const isStopped = await stopDuring(bundle, bundle.executor);
    await bundle.clock.advance(31_000);
    expect(isStopped()).toBe(true);
    expect(await bundle.read(run.id)).toMatchObject({ state: 'lost', reason: { code: 'EXECUTOR_STOPPED' } });
    expect(bundle.cluster.connectors.get(NAMES.source)?.state).toBe('STOPPED');
    expect([...bundle.runs.rows.values()].at(-1)).toMatchObject({ state: 'queued', attempt: 2 });
  });

  test('takes no new run meanwhile, and may be asked twice and before the start', async () => {
    const bundle = await setupExecutor({ parts: { drainMs: 1_000 } });
    await bundle.goingRun();
    const isStopped = await stopDuring(bundle, bundle.executor);
    const late = await bundle.newRun({ plannedAt: T0 + 5 });
    await bundle.queue.wake(late.id);
    await bundle.clock.advance(5_000);
    await bundle.executor.stop();
    expect(isStopped()).toBe(true);
    expect(await bundle.read(late.id)).toMatchObject({ state: 'queued' });
  });
});

describe('removing a job', () => {
  test('removes its connectors and its rows in the target', async () => {
    const bundle = await setupExecutor();
    const run = await bundle.goingRun();
    await bundle.complete(WINDOW_TO);
    await bundle.say(run, 'sink', 'end');
    await bundle.clock.advance(1_000);
    const times = { createdAt: T0, updatedAt: T0, nextFireAt: null };
    const job = { id: JOB, version: 1, spec: bundle.spec.current, paused: true, ...times };
    await bundle.executor.removeJobResources(job);
    await bundle.executor.removeJobResources(job);
    expect(bundle.cluster.connectors.size).toBe(0);
    expect(bundle.target.state.jobs.size).toBe(0);
    expect(bundle.sink.open).toBe(0);
  });
});
