// A run whose executor died or was shut down: it goes on in other hands where it can.
import { describe, expect, test } from 'vitest';
import { LEASE_MS } from '../../executors/lease.ts';
import { createRescue } from '../../scheduler/rescue.ts';
import { KEY } from '../../src/core/connector/keys.ts';
import { SyncError } from '../../src/core/errors.ts';
import type { Service } from '../../src/core/service.ts';
import type { Executor } from '../../executors/run-worker.ts';
import type { Bundle } from './setup-executor.ts';
import { JOB, NAMES, setupExecutor, T0 } from './setup-executor.ts';

const WINDOW_TO = String(T0 - 2_000);

/** The executor that held the run is killed: nothing renews its lease any more. */
async function expire(bundle: Bundle, runId: string): Promise<void> {
  const run = await bundle.read(runId);
  bundle.runs.rows.set(runId, { ...run, owner: 'killed', leaseUntil: bundle.clock.now() + LEASE_MS });
  await bundle.clock.advance(LEASE_MS + 1_000);
}

async function takeOver(bundle: Bundle, runId: string): Promise<void> {
  const second = await bundle.startExecutor('executor-2');
  void second.recover(await bundle.read(runId));
  await bundle.clock.advance(0);
}

function rescueWith(bundle: Bundle, executor: Executor): Service {
  return createRescue({
    jobs: { databaseNow: () => Promise.resolve(bundle.clock.now()) },
    runs: bundle.runs,
    queue: { wake: () => Promise.reject(new SyncError('QUEUE_UNREACHABLE', { message: 'away' })) },
    executors: { sayHere: () => Promise.resolve() },
    executor: 'executor-of-the-test',
    onQueued: (queued) => executor.offer(queued),
    onExpired: (expired) => executor.recover(expired),
    clock: bundle.clock,
    emit: () => undefined,
  });
}

describe('a run whose executor was killed', () => {
  test('is followed by another one from where it stands, and succeeds', async () => {
    const bundle = await setupExecutor();
    const run = await bundle.goingRun();
    await bundle.say(run, 'source', 'start', { predicted: { rows: 9, exact: true } });
    await bundle.say(run, 'source', 'end', { counts: { read: 9, emitted: 9 } });
    await bundle.clock.advance(1_000);
    bundle.cluster.writes.length = 0;
    await expire(bundle, run.id);
    await takeOver(bundle, run.id);
    expect(await bundle.read(run.id)).toMatchObject({ state: 'running', owner: 'executor-2', epoch: 1 });
    await bundle.say(run, 'sink', 'processing', { counts: { written: 4 } });
    await bundle.clock.advance(400_000 - LEASE_MS);
    for (let second = 0; second < 10; second += 1) {
      await bundle.say(run, 'sink', 'processing', { counts: { written: 5 } });
      await bundle.clock.advance(1_000);
    }
    await bundle.complete(WINDOW_TO, { written: 9 });
    await bundle.say(run, 'sink', 'end');
    await bundle.clock.advance(0);
    expect(await bundle.read(run.id)).toMatchObject({
      state: 'succeeded',
      report: { outcome: 'proved', counts: { read: 9, written: 9 }, predicted: { rows: 9 } },
    });
    expect(bundle.cluster.writes).toEqual([`stop ${NAMES.source}`, `stop ${NAMES.sink}`]);
    expect(bundle.lines(run)).toContain('taken over by executor-2: attempt 1, mode incremental');
    expect(bundle.lines(run)).toContain('connectors followed on our Connect cluster main, topic data_orders');
  });

  test('starts to be followed within 20 s of its death', async () => {
    const bundle = await setupExecutor();
    const run = await bundle.goingRun();
    // The last sign of life of the one that dies: its lease was renewed just now.
    bundle.runs.rows.set(run.id, { ...run, owner: 'killed', leaseUntil: bundle.clock.now() + LEASE_MS });
    const rescue = rescueWith(bundle, await bundle.startExecutor('executor-2'));
    await rescue.start();
    await bundle.clock.advance(20_000);
    expect(await bundle.read(run.id)).toMatchObject({ state: 'running', owner: 'executor-2' });
    await rescue.stop();
  });

  test('is started from the beginning when its source was never told of it', async () => {
    const bundle = await setupExecutor();
    bundle.cluster.failure = new SyncError('CONNECT_UNREACHABLE', { message: 'refused' });
    const run = await bundle.goingRun();
    await expire(bundle, run.id);
    bundle.cluster.failure = null;
    await takeOver(bundle, run.id);
    await bundle.clock.advance(2_000);
    expect(await bundle.read(run.id)).toMatchObject({ state: 'running', epoch: 1 });
    expect(bundle.cluster.writes).toHaveLength(4);
  });

  test('is found succeeded when the sink had finished it', async () => {
    const bundle = await setupExecutor();
    const run = await bundle.goingRun();
    await bundle.say(run, 'source', 'end', { counts: { read: 4 } });
    await bundle.clock.advance(1_000);
    await bundle.complete(WINDOW_TO, { written: 4 });
    await expire(bundle, run.id);
    await takeOver(bundle, run.id);
    const { state, reason, report } = await bundle.read(run.id);
    expect({ state, reason }).toEqual({ state: 'succeeded', reason: null });
    expect(report).toMatchObject({
      outcome: 'proved',
      watermarkAfter: WINDOW_TO,
      counts: { read: 4, written: 4 },
    });
  });

  test('is lost with the record log that died with it, fenced, and tried again', async () => {
    const bundle = await setupExecutor({ logKind: 'memory', policy: { maxAttempts: 2 } });
    const run = await bundle.goingRun();
    bundle.log.topics.clear();
    await expire(bundle, run.id);
    await takeOver(bundle, run.id);
    await bundle.clock.advance(2_000);
    expect(await bundle.read(run.id)).toMatchObject({ state: 'lost', reason: { code: 'WORKER_LOST' } });
    expect(bundle.target.state.jobs.get(JOB)?.epoch).toBe(2);
    expect(bundle.cluster.connectors.get(NAMES.sink)?.state).toBe('STOPPED');
    expect(bundle.sink.open).toBe(0);
    expect([...bundle.runs.rows.values()].at(-1)).toMatchObject({ attempt: 2, state: 'queued' });
  });

  test('leaves connectors alone that another run has by now', async () => {
    const bundle = await setupExecutor();
    const run = await bundle.goingRun();
    for (const connector of bundle.cluster.connectors.values())
      connector.config = { ...connector.config, [KEY.taskId]: 'next-run' };
    bundle.cluster.writes.length = 0;
    await expire(bundle, run.id);
    await takeOver(bundle, run.id);
    expect(await bundle.read(run.id)).toMatchObject({ state: 'superseded', reason: { code: 'FENCED' } });
    expect(bundle.cluster.writes).toEqual([]);
  });

  test('ends with what is in the way when target and cluster are not there', async () => {
    const bundle = await setupExecutor();
    const run = await bundle.goingRun();
    await expire(bundle, run.id);
    bundle.sink.away = true;
    bundle.cluster.failure = new SyncError('CONNECT_UNREACHABLE', { message: 'refused' });
    await takeOver(bundle, run.id);
    await bundle.clock.advance(120_000);
    expect(await bundle.read(run.id)).toMatchObject({
      state: 'lost',
      reason: { code: 'TARGET_UNREACHABLE' },
    });
  });

  test('is fenced although the target came back only when its start had been given up', async () => {
    const bundle = await setupExecutor({ policy: { startMs: 5_000 } });
    const run = await bundle.goingRun();
    await expire(bundle, run.id);
    bundle.sink.away = true;
    await takeOver(bundle, run.id);
    await bundle.clock.advance(5_500);
    expect(await bundle.read(run.id)).toMatchObject({ state: 'running', owner: 'executor-2' });
    bundle.sink.away = false;
    await bundle.clock.advance(3_000);
    expect(await bundle.read(run.id)).toMatchObject({
      state: 'failed',
      reason: { code: 'TARGET_UNREACHABLE' },
    });
    expect(bundle.target.state.jobs.get(JOB)?.epoch).toBe(2);
    expect(bundle.sink.open).toBe(0);
  });

  test('says so when it was ended in the target, and nobody knows why', async () => {
    const bundle = await setupExecutor();
    const run = await bundle.goingRun();
    await bundle.target.openLedger().abort({ job: JOB, taskId: run.id });
    await expire(bundle, run.id);
    await takeOver(bundle, run.id);
    expect(await bundle.read(run.id)).toMatchObject({ state: 'lost', reason: { code: 'LEASE_LOST' } });
    expect(bundle.sink.open).toBe(0);
  });

  test('is cancelled when that was asked for meanwhile, fenced, and not tried again', async () => {
    const bundle = await setupExecutor({ policy: { maxAttempts: 3 } });
    const run = await bundle.goingRun();
    await bundle.runs.requestCancel(run.id);
    bundle.runs.listCancelRequested = (owner) =>
      Promise.resolve(owner === 'executor-2' ? [{ id: run.id, replaced: null }] : []);
    await expire(bundle, run.id);
    await takeOver(bundle, run.id);
    await bundle.clock.advance(1_000);
    expect(await bundle.read(run.id)).toMatchObject({ state: 'cancelled' });
    expect(bundle.target.state.jobs.get(JOB)?.epoch).toBe(2);
    expect(bundle.runs.rows.size).toBe(1);
  });

  test('is left alone when it is alive, or another executor took it', async () => {
    const bundle = await setupExecutor();
    const run = await bundle.goingRun();
    await takeOver(bundle, run.id);
    expect(await bundle.read(run.id)).toMatchObject({ state: 'running', owner: 'executor-1' });
  });

  test('is left alone by the executor that holds it, having slept over its lease', async () => {
    const bundle = await setupExecutor();
    const run = await bundle.goingRun();
    bundle.clock.set(T0 + 40_000);
    const [expired] = await bundle.runs.listExpired(10);
    await bundle.executor.recover(expired ?? run);
    await bundle.clock.advance(4_000);
    expect(await bundle.read(run.id)).toMatchObject({ state: 'running', owner: 'executor-1' });
  });
});

describe('stopping an executor', () => {
  async function stopDuring(bundle: Bundle): Promise<() => boolean> {
    let stopped = false;
    void bundle.executor.stop().then(() => (stopped = true));
    await bundle.clock.advance(0);
    return () => stopped;
  }

  test('leaves a run on Kafka at once to the next executor, which goes on with it', async () => {
    const bundle = await setupExecutor({ logKind: 'kafka' });
    const run = await bundle.goingRun();
    await bundle.say(run, 'source', 'end', { counts: { read: 4 } });
    bundle.cluster.writes.length = 0;
    const isStopped = await stopDuring(bundle);
    expect(isStopped()).toBe(true);
    expect(bundle.events).toContainEqual({ type: 'service.waiting', service: 'executor', runs: 1 });
    expect(await bundle.read(run.id)).toMatchObject({
      state: 'running',
      report: { stages: { source: 'end' } },
    });
    expect(bundle.sink.open).toBe(0);
    expect(bundle.clock.sleepers).toBe(0);
    const rescue = rescueWith(bundle, await bundle.startExecutor('executor-2'));
    await rescue.start();
    await bundle.clock.advance(100);
    expect(await bundle.read(run.id)).toMatchObject({ state: 'running', owner: 'executor-2' });
    await bundle.complete(WINDOW_TO);
    await bundle.say(run, 'sink', 'end');
    await bundle.clock.advance(0);
    expect(await bundle.read(run.id)).toMatchObject({ state: 'succeeded' });
    expect(bundle.cluster.writes).toEqual([`stop ${NAMES.source}`, `stop ${NAMES.sink}`]);
    expect(bundle.runs.rows.size).toBe(1);
    await rescue.stop();
  });

  test('leaves a run that is still starting, and writes nothing of it afterwards', async () => {
    const bundle = await setupExecutor({ logKind: 'kafka' });
    let begin: () => void = () => undefined;
    bundle.sink.answers = {
      begin: (request) =>
        new Promise((resolve) => {
          begin = () => void bundle.target.openLedger().begin(request).then(resolve);
        }),
    };
    const run = await bundle.goingRun();
    expect((await stopDuring(bundle))()).toBe(true);
    begin();
    await bundle.clock.advance(1_000);
    expect(bundle.cluster.writes).toEqual([]);
    bundle.sink.answers = {};
    await takeOver(bundle, run.id);
    expect(await bundle.read(run.id)).toMatchObject({ state: 'running', owner: 'executor-2' });
    expect(bundle.target.state.jobs.get(JOB)?.epoch).toBe(1);
  });

  test.each([`put ${NAMES.sink}`, `put ${NAMES.source}`, `resume ${NAMES.sink}`, `resume ${NAMES.source}`])(
    'leaves a run in the middle of its start, at "%s", to the next executor, whether that was done or not',
    async (write) => {
      for (const isDone of [true, false]) {
        const bundle = await setupExecutor({ logKind: 'kafka' });
        let answer: () => void = () => undefined;
        bundle.cluster.beforeWrite = (each) =>
          each !== write
            ? undefined
            : new Promise((resolve, reject) => {
                const lost = new SyncError('CONNECT_UNREACHABLE', { message: 'away', retriable: true });
                answer = () => (isDone ? resolve() : reject(lost));
              });
        const run = await bundle.goingRun();
        expect((await stopDuring(bundle))()).toBe(true);
        bundle.cluster.beforeWrite = () => undefined;
        answer();
        await bundle.clock.advance(1_000);
        await takeOver(bundle, run.id);
        expect(await bundle.read(run.id)).toMatchObject({ state: 'running', owner: 'executor-2' });
        await bundle.complete(WINDOW_TO);
        await bundle.say(run, 'sink', 'end');
        await bundle.clock.advance(0);
        expect(await bundle.read(run.id)).toMatchObject({ state: 'succeeded', attempt: 1 });
        expect(bundle.runs.rows.size).toBe(1);
      }
    },
  );

  test('waits for a run that is being settled or closed: its end is written first', async () => {
    const bundle = await setupExecutor({ logKind: 'kafka' });
    let answer: () => void = () => undefined;
    bundle.cluster.beforeWrite = () => new Promise((resolve) => (answer = resolve));
    const going = bundle.goingRun();
    for (let write = 0; write < 4; write += 1) {
      await bundle.clock.advance(0);
      answer();
    }
    const run = await going;
    await bundle.clock.advance(0);
    await bundle.complete(WINDOW_TO);
    await bundle.say(run, 'sink', 'end');
    await bundle.clock.advance(0);
    const isStopped = await stopDuring(bundle);
    expect(isStopped()).toBe(false);
    bundle.cluster.beforeWrite = () => undefined;
    answer();
    await bundle.clock.advance(15_000);
    expect(isStopped()).toBe(true);
    expect(await bundle.read(run.id)).toMatchObject({ state: 'succeeded', attempt: 1 });
    expect(bundle.runs.rows.size).toBe(1);
  });

  test('waits for a run on the memory log that ends by itself', async () => {
    const bundle = await setupExecutor({ logKind: 'memory' });
    const run = await bundle.goingRun();
    const isStopped = await stopDuring(bundle);
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

  test('ends one that does not, with a next attempt that does not count, and without an alarm', async () => {
    const bundle = await setupExecutor({
      logKind: 'memory',
      policy: { maxAttempts: 1 },
      spec: { webhook: 'https://hooks.test/x' },
    });
    const run = await bundle.goingRun();
    const isStopped = await stopDuring(bundle);
    await bundle.clock.advance(31_000);
    expect(isStopped()).toBe(true);
    expect(await bundle.read(run.id)).toMatchObject({ state: 'lost', reason: { code: 'EXECUTOR_STOPPED' } });
    expect(bundle.cluster.connectors.get(NAMES.source)?.state).toBe('STOPPED');
    const next = [...bundle.runs.rows.values()].at(-1);
    expect(next).toMatchObject({ state: 'queued', attempt: 2, trigger: { kind: 'retry', of: run.id } });
    expect(bundle.posts).toEqual([]);
  });

  test('takes no new run meanwhile, and may be asked twice and before the start', async () => {
    const bundle = await setupExecutor({ parts: { drainMs: 1_000 } });
    await bundle.goingRun();
    const isStopped = await stopDuring(bundle);
    const late = await bundle.newRun({ plannedAt: T0 + 5 });
    await bundle.queue.wake(late.id);
    await bundle.clock.advance(5_000);
    await bundle.executor.stop();
    expect(isStopped()).toBe(true);
    expect(await bundle.read(late.id)).toMatchObject({ state: 'queued' });
  });
});
