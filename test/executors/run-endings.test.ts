// Every way a run can end that is not a plain success.
import { describe, expect, test } from 'vitest';
import { KEY } from '../../src/core/connector/keys.ts';
import { describeError, SyncError, toShape, shapeOf } from '../../src/core/errors.ts';
import type { Bundle } from './setup-executor.ts';
import { JOB, NAMES, setupExecutor, T0 } from './setup-executor.ts';
import { english } from '../support/english.ts';

const WINDOW_TO = String(T0 - 2_000);

function epochIn(bundle: Bundle): number {
  return bundle.target.state.jobs.get(JOB)?.epoch ?? 0;
}

function connectorOf(bundle: Bundle, side: 'source' | 'sink') {
  const connector = bundle.cluster.connectors.get(NAMES[side]);
  if (connector === undefined) throw new Error(`no ${side} connector`);
  return connector;
}

describe('a going run', () => {
  test('fails at once with the code and first cause of an error status, fenced in the target', async () => {
    const bundle = await setupExecutor();
    const run = await bundle.goingRun();
    const cause = new SyncError('SOURCE_UNREACHABLE', { message: 'locating region 7: no master' });
    const error = new SyncError('SOURCE_UNREACHABLE', {
      message: 'reading split 3',
      place: 'rs1:16020',
      cause,
    });
    await bundle.say(run, 'source', 'error', { description: describeError(error), error: toShape(error) });
    await bundle.clock.advance(0);
    const ended = await bundle.read(run.id);
    expect(ended).toMatchObject({
      state: 'failed',
      reason: {
        code: 'SOURCE_UNREACHABLE',
        message: 'locating region 7: no master (reading split 3)',
        place: 'rs1:16020',
        retriable: true,
        causes: ['locating region 7: no master'],
      },
      report: { outcome: 'not-complete', watermarkAfter: null, notProved: [] },
    });
    expect(epochIn(bundle)).toBe(2);
    expect(connectorOf(bundle, 'source').state).toBe('STOPPED');
  });

  test('holds its topic until its connectors are stopped, however it ends', async () => {
    const bundle = await setupExecutor({ logKind: 'memory' });
    for (const stage of ['error', 'end'] as const) {
      const run = await bundle.goingRun();
      expect([...bundle.log.held]).toEqual([`data_orders ${JOB}`]);
      if (stage === 'end') await bundle.complete(WINDOW_TO);
      await bundle.say(run, 'sink', stage, { description: 'boom' });
      await bundle.clock.advance(0);
      expect((await bundle.read(run.id)).state).toBe(stage === 'end' ? 'succeeded' : 'failed');
      expect([...bundle.log.held]).toEqual([]);
      await bundle.clock.advance(1_000);
    }
  });

  test('is moved by statuses of the five fields only', async () => {
    const bundle = await setupExecutor();
    const run = await bundle.goingRun();
    await bundle.sayForeign(run, NAMES.source, 'start', '500');
    await bundle.clock.advance(1_000);
    expect((await bundle.read(run.id)).report?.predicted).toEqual({ rows: 500, exact: false });
    await bundle.sayForeign(
      run,
      'a connector that is not ours',
      'error',
      'java.lang.IllegalStateException: boom',
    );
    await bundle.clock.advance(0);
    expect(await bundle.read(run.id)).toMatchObject({
      state: 'failed',
      reason: { code: 'TASK_FAILED', message: 'java.lang.IllegalStateException: boom' },
    });
  });

  test('fails with the root cause of a task that a poll finds failed', async () => {
    const bundle = await setupExecutor();
    const run = await bundle.goingRun();
    const trace =
      'org.apache.kafka.connect.errors.ConnectException: Exiting WorkerSinkTask\n\tat a.b\n' +
      'Caused by: java.sql.SQLException: wrapped\nCaused by: java.net.ConnectException: Connection refused\n\tat c.d';
    connectorOf(bundle, 'sink').tasks = [{ id: 0, state: 'FAILED', trace }];
    await bundle.clock.advance(6_000);
    expect(await bundle.read(run.id)).toMatchObject({
      state: 'failed',
      reason: {
        code: 'TASK_FAILED',
        message:
          'java.net.ConnectException: Connection refused (org.apache.kafka.connect.errors.ConnectException: Exiting WorkerSinkTask: java.sql.SQLException: wrapped)',
      },
    });
  });

  test.each(['source', 'sink'] as const)('is stalled when the %s says no start', async (silent) => {
    const bundle = await setupExecutor();
    const run = await bundle.goingRun();
    const other = silent === 'source' ? 'sink' : 'source';
    await bundle.say(run, other, 'start');
    for (let second = 0; second < 59; second += 1) {
      await bundle.clock.advance(1_000);
      await bundle.say(run, other, 'processing');
    }
    expect((await bundle.read(run.id)).state).toBe('running');
    await bundle.clock.advance(2_000);
    const { state, reason } = await bundle.read(run.id);
    expect({ state, code: reason?.code }).toEqual({ state: 'failed', code: 'STALLED' });
    expect(reason?.message).toContain(`the ${silent} said no start for 60 s`);
  });

  test('is stalled when a side gives no sign of life, and names the side', async () => {
    const bundle = await setupExecutor({ policy: { stallMs: 30_000 } });
    const run = await bundle.goingRun();
    await bundle.say(run, 'source', 'start');
    await bundle.say(run, 'sink', 'start');
    for (let second = 0; second < 31; second += 1) {
      await bundle.say(run, 'sink', 'processing');
      await bundle.clock.advance(1_000);
    }
    const { state, reason } = await bundle.read(run.id);
    expect({ state, code: reason?.code }).toEqual({ state: 'failed', code: 'STALLED' });
    expect(reason?.message).toContain('the source gave no sign of life for 30 s');
  });

  test('is not stalled while the ledger shows that the silent sink writes', async () => {
    const bundle = await setupExecutor({ policy: { stallMs: 30_000 } });
    const run = await bundle.goingRun();
    await bundle.say(run, 'sink', 'start');
    for (let second = 0; second < 60; second += 1) {
      await bundle.say(run, 'source', 'processing');
      const [id, row] = [...bundle.target.state.runs].at(-1) ?? [];
      if (id !== undefined && row !== undefined)
        bundle.target.state.runs.set(id, { ...row, counts: { ...row.counts, written: second } });
      await bundle.clock.advance(1_000);
    }
    expect(await bundle.read(run.id)).toMatchObject({ state: 'running' });
  });

  test('names the cluster that did not answer when nothing else was heard', async () => {
    const bundle = await setupExecutor();
    const run = await bundle.goingRun();
    bundle.cluster.failure = new SyncError('CONNECT_UNREACHABLE', {
      message: 'asking http://c:8083: refused',
    });
    await bundle.clock.advance(62_000);
    const { state, reason } = await bundle.read(run.id);
    expect({ state, code: reason?.code }).toEqual({ state: 'failed', code: 'CONNECT_UNREACHABLE' });
    expect(reason?.message).toContain('http://c:8083');
  });

  test('is timed out however lively it is', async () => {
    const bundle = await setupExecutor({ policy: { timeoutMs: 30_000 } });
    const run = await bundle.goingRun();
    for (let second = 0; second < 32; second += 1) {
      await bundle.say(run, 'source', 'processing');
      await bundle.say(run, 'sink', 'processing');
      await bundle.clock.advance(1_000);
    }
    expect(await bundle.read(run.id)).toMatchObject({ state: 'timed-out', reason: { code: 'TIMED_OUT' } });
    expect(epochIn(bundle)).toBe(2);
  });

  test('keeps its true reason while its own database has no room for it, and stores it when there is some', async () => {
    const bundle = await setupExecutor();
    const run = await bundle.goingRun();
    const finish = bundle.runs.finish.bind(bundle.runs);
    bundle.runs.finish = () =>
      Promise.reject(new SyncError('DATABASE_FAILED', { message: 'database or disk is full' }));
    await bundle.sayError(run, 'sink', 'PLAN_LOST', 'ENOSPC: no space left on device (keeping the plan)');
    await bundle.clock.advance(120_000);
    expect(await bundle.read(run.id)).toMatchObject({ state: 'running', owner: 'executor-1' });
    bundle.runs.finish = finish;
    await bundle.clock.advance(1_000);
    expect(await bundle.read(run.id)).toMatchObject({
      state: 'failed',
      reason: { code: 'PLAN_LOST', message: 'ENOSPC: no space left on device (keeping the plan)' },
    });
  });

  test('is superseded when a newer fire takes its place, fenced, and not tried again', async () => {
    const bundle = await setupExecutor({ policy: { maxAttempts: 3 } });
    const run = await bundle.goingRun();
    const replaced = shapeOf('FENCED', 'the fire of 12:00 took the place of this run');
    bundle.runs.listCancelRequested = () => Promise.resolve([{ id: run.id, replaced }]);
    await bundle.clock.advance(1_000);
    expect(await bundle.read(run.id)).toMatchObject({ state: 'superseded', reason: replaced });
    expect(epochIn(bundle)).toBe(2);
    expect(bundle.runs.rows.size).toBe(1);
  });

  test('is cancelled within a second of the request, before its connectors are stopped fenced in the target', async () => {
    const bundle = await setupExecutor({ policy: { maxAttempts: 3 } });
    const run = await bundle.goingRun();
    const epochsAtStop: number[] = [];
    bundle.cluster.beforeWrite = () => void epochsAtStop.push(epochIn(bundle));
    await bundle.runs.requestCancel(run.id);
    await bundle.clock.advance(1_000);
    expect(await bundle.read(run.id)).toMatchObject({ state: 'cancelled', reason: { code: 'CANCELLED' } });
    expect(epochsAtStop).toEqual([2, 2]);
    expect(bundle.runs.rows.size).toBe(1);
  });

  test('is cancelled while it is still starting', async () => {
    const bundle = await setupExecutor();
    bundle.sink.answers = { begin: () => new Promise(() => undefined) };
    const run = await bundle.goingRun();
    await bundle.runs.requestCancel(run.id);
    await bundle.clock.advance(1_000);
    expect(await bundle.read(run.id)).toMatchObject({ state: 'cancelled' });
  });

  test('is superseded when a poll finds its connectors with another run', async () => {
    const bundle = await setupExecutor();
    const run = await bundle.goingRun();
    const connector = connectorOf(bundle, 'source');
    connector.config = { ...connector.config, [KEY.taskId]: 'run-of-somebody' };
    await bundle.clock.advance(6_000);
    expect(await bundle.read(run.id)).toMatchObject({ state: 'superseded', reason: { code: 'FENCED' } });
    expect(connector.state).toBe('RUNNING');
  });

  test('is superseded when a newer run began in the target', async () => {
    const bundle = await setupExecutor();
    const run = await bundle.goingRun();
    await bundle.say(run, 'sink', 'start');
    bundle.target.state.runs.clear();
    await bundle.clock.advance(12_000);
    expect(await bundle.read(run.id)).toMatchObject({ state: 'superseded' });
  });

  test('fails when its connector was deleted, and says so', async () => {
    const bundle = await setupExecutor();
    const run = await bundle.goingRun();
    bundle.cluster.connectors.delete(NAMES.sink);
    await bundle.clock.advance(12_000);
    const { state, reason } = await bundle.read(run.id);
    expect({ state, code: reason?.code }).toEqual({ state: 'failed', code: 'CONNECTOR_GONE' });
    expect(reason?.message).toBe(`connector ${NAMES.sink} was deleted during the run`);
  });

  test('ends as succeeded when the target says so, whatever the connectors said', async () => {
    const bundle = await setupExecutor({ policy: { maxAttempts: 2 } });
    const run = await bundle.goingRun();
    await bundle.complete(WINDOW_TO, { written: 9 });
    await bundle.sayError(run, 'source', 'KAFKA_FAILED', 'closing the producer');
    await bundle.clock.advance(0);
    const { state, reason, report } = await bundle.read(run.id);
    expect({ state, reason }).toEqual({ state: 'succeeded', reason: null });
    expect(english(report?.notes)).toContain(
      'complete in the target after all; before that: closing the producer',
    );
    expect(bundle.runs.rows.size).toBe(1);
  });

  test('is lost, first cause kept, when the target can not be reached to fence it', async () => {
    const bundle = await setupExecutor();
    const run = await bundle.goingRun();
    bundle.sink.away = true;
    await bundle.sayError(run, 'sink', 'TARGET_UNREACHABLE', 'writing rows: broken pipe');
    await bundle.clock.advance(5_000);
    const { state, reason, report } = await bundle.read(run.id);
    expect({ state, message: reason?.message }).toEqual({
      state: 'lost',
      message: 'writing rows: broken pipe',
    });
    expect(english(report?.notes).join()).toContain('could not be aborted in the target');
  });

  test('is failed, with what to do, when the target has no room to fence it either', async () => {
    const bundle = await setupExecutor();
    const run = await bundle.goingRun();
    const full = new SyncError('TARGET_FULL', { message: 'writing: database or disk is full' });
    bundle.sink.answers.abort = () => Promise.reject(full);
    await bundle.sayError(run, 'sink', 'TARGET_FULL', 'writing rows: database or disk is full');
    await bundle.clock.advance(5_000);
    const { state, reason, report } = await bundle.read(run.id);
    expect({ state, code: reason?.code }).toEqual({ state: 'failed', code: 'TARGET_FULL' });
    expect(english(report?.notes).join()).toContain('could not be aborted in the target');
  });

  test('ends although its connectors can not be stopped, and notes it', async () => {
    const bundle = await setupExecutor();
    const run = await bundle.goingRun();
    bundle.cluster.beforeWrite = () => new Promise(() => undefined);
    await bundle.sayError(run, 'sink', 'ROW_INVALID', 'row 7');
    await bundle.clock.advance(13_000);
    const { state, report } = await bundle.read(run.id);
    expect(state).toBe('failed');
    expect(report?.notes).toHaveLength(2);
    expect(english(report?.notes).join()).toContain(`connector ${NAMES.sink} could not be stopped`);
  });
});
