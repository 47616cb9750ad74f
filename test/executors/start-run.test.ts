// Runs that end before they go.
import { describe, expect, test } from 'vitest';
import { KEY } from '../../src/core/connector/keys.ts';
import { SyncError } from '../../src/core/errors.ts';
import { createFakeSource } from '../fakes/fake-plugins.ts';
import type { Bundle } from './setup-executor.ts';
import { JOB, NAMES, setupExecutor, T0 } from './setup-executor.ts';
import { isTerminal, type Run } from '../../src/core/run.ts';
import { waitUntil } from '../support/wait-until.ts';

const WINDOW_TO = String(T0 - 2_000);

function epochIn(bundle: Bundle): number {
  return bundle.target.state.jobs.get(JOB)?.epoch ?? 0;
}

function connectorEpoch(bundle: Bundle): string | undefined {
  return bundle.cluster.connectors.get(NAMES.sink)?.config[KEY.epoch];
}

const readHead = (): Promise<null> => Promise.resolve(null);

describe('a run that can not begin', () => {
  test('fails with DIGEST_CHANGED when the mapping changed, and touches no connector', async () => {
    const bundle = await setupExecutor();
    const first = await bundle.goingRun();
    await bundle.complete(WINDOW_TO);
    await bundle.say(first, 'sink', 'end');
    await bundle.clock.advance(1_000);
    bundle.spec.current = {
      ...bundle.spec.current,
      source: { connector: 'FakeSource', config: { table: 'other' } },
    };
    bundle.cluster.writes.length = 0;
    const run = await bundle.goingRun();
    expect(run).toMatchObject({ state: 'failed', reason: { code: 'DIGEST_CHANGED' } });
    expect(bundle.cluster.writes).toEqual([]);
    expect(epochIn(bundle)).toBe(1);
  });

  test.each([
    { by: 'job-7', said: 'orders (job-7)' },
    { by: 'of another installation', said: 'of another installation' },
  ])('fails in clear words when another job writes the table: $said', async ({ by, said }) => {
    const bundle = await setupExecutor();
    bundle.sink.answers = { begin: () => Promise.resolve({ kind: 'table-taken', by }) };
    const run = await bundle.goingRun();
    expect(run).toMatchObject({
      state: 'failed',
      reason: {
        code: 'TABLE_TAKEN',
        message: `the target table is written by job ${said} already: two jobs on one table are refused`,
      },
    });
  });

  test('is superseded when the target knows it as a zombie', async () => {
    const bundle = await setupExecutor();
    bundle.sink.answers = { begin: () => Promise.resolve({ kind: 'zombie', holder: 'run-9' }) };
    expect(await bundle.goingRun()).toMatchObject({ state: 'superseded', reason: { code: 'FENCED' } });
  });

  test('fails with the cause first when the target does not come back', async () => {
    const bundle = await setupExecutor();
    bundle.sink.away = true;
    const run = await bundle.goingRun();
    await bundle.clock.advance(61_000);
    expect(await bundle.read(run.id)).toMatchObject({
      state: 'failed',
      reason: {
        code: 'TARGET_UNREACHABLE',
        message:
          'connecting to the target: connection refused (starting took longer than 60 s: still opening the ledger in the target)',
      },
    });
  });

  test('fails and is fenced again when the Connect cluster does not come back', async () => {
    const bundle = await setupExecutor();
    bundle.cluster.failure = new SyncError('CONNECT_UNREACHABLE', {
      message: 'asking http://c:8083: refused',
    });
    const run = await bundle.goingRun();
    await bundle.clock.advance(61_000);
    expect(await bundle.read(run.id)).toMatchObject({
      state: 'failed',
      reason: { code: 'CONNECT_UNREACHABLE' },
    });
    expect(epochIn(bundle)).toBe(2);
  });

  test('fails in words when a stock class stands on a cluster that is not ours', async () => {
    const stock = {
      ...createFakeSource(),
      className: 'org.apache.kafka.connect.file.FileStreamSourceConnector',
    };
    const bundle = await setupExecutor({
      spec: { source: { connector: stock.className, config: { table: 'orders' } } },
      more: [stock],
    });
    bundle.cluster.incarnation = null;
    expect(await bundle.goingRun()).toMatchObject({ state: 'failed', reason: { code: 'BAD_INPUT' } });
    expect(bundle.cluster.writes).toEqual([]);
  });

  test.each([
    ['source', 'FakeSource', '192.0.2.7', 'an address that egressDeny lists'],
    ['sink', 'FakeSink', '169.254.169.254', 'a link-local'],
  ])(
    'fails when its %s leads where nothing may be reached now, and nothing dials',
    async (side, connector, host, why) => {
      const bundle = await setupExecutor({
        policy: { maxAttempts: 1 },
        spec: { [side]: { connector, config: { table: 'orders', host } } },
      });
      const { state, reason } = await untilOver(bundle, await bundle.goingRun());
      expect(state).toBe('failed');
      expect(reason).toMatchObject({ code: 'BAD_INPUT', field: `${side}.config` });
      expect(reason?.message).toContain(`${host} is ${why}`);
      expect(bundle.target.state.jobs.size + bundle.cluster.writes.length).toBe(0);
    },
  );

  test('fails when its job names an unknown cluster, source or version', async () => {
    const cluster = await setupExecutor({ spec: { cluster: 'nowhere' } });
    expect(await cluster.goingRun()).toMatchObject({ state: 'failed', reason: { code: 'NOT_FOUND' } });
    const source = await setupExecutor({ spec: { source: { connector: 'No.Such', config: {} } } });
    expect(await source.goingRun()).toMatchObject({ state: 'failed', reason: { code: 'BAD_INPUT' } });
    const version = await setupExecutor({
      parts: { jobs: { readVersion: () => Promise.resolve(null), readHead } },
    });
    expect(await version.goingRun()).toMatchObject({ state: 'failed', reason: { code: 'NOT_FOUND' } });
  });

  test('is stalled when a service never answers, and what hung writes nothing when it comes back', async () => {
    const bundle = await setupExecutor({ policy: { startMs: 20_000 } });
    let answer: () => void = () => undefined;
    const begin: Bundle['sink']['answers']['begin'] = (request) =>
      new Promise((resolve, reject) => {
        answer = () => void bundle.target.openLedger().begin(request).then(resolve, reject);
      });
    bundle.sink.answers = { begin };
    const run = await bundle.goingRun();
    await bundle.clock.advance(20_000);
    expect(await bundle.read(run.id)).toMatchObject({
      state: 'failed',
      reason: {
        code: 'STALLED',
        message: 'starting took longer than 20 s: still beginning the run in the target',
      },
    });
    answer();
    await bundle.clock.advance(5_000);
    expect(bundle.cluster.writes).toEqual([]);
  });

  test('waits for whatever service is away for a moment, at every call of its start', async () => {
    const services: [string, (bundle: Bundle, failure: SyncError | null) => void][] = [
      ['KAFKA_UNREACHABLE', (bundle, failure) => (bundle.log.failure = failure)],
      ['CONNECT_UNREACHABLE', (bundle, failure) => (bundle.cluster.failure = failure)],
      ['TARGET_UNREACHABLE', (bundle, failure) => (bundle.sink.away = failure !== null)],
    ];
    for (const [code, set] of services) {
      const bundle = await setupExecutor();
      set(bundle, new SyncError(code as 'KAFKA_UNREACHABLE', { message: 'connection refused' }));
      const run = await bundle.goingRun();
      await bundle.clock.advance(50_000);
      expect(await bundle.read(run.id)).toMatchObject({ state: 'starting' });
      set(bundle, null);
      await bundle.clock.advance(3_000);
      expect(await bundle.read(run.id)).toMatchObject({ state: 'running' });
    }
  });

  test('waits for its own database however long that is away, and its wait counts for nothing', async () => {
    const bundle = await setupExecutor();
    const advance = bundle.runs.advance.bind(bundle.runs);
    bundle.runs.advance = () => {
      bundle.runs.advance = advance;
      bundle.runs.away = true;
      return Promise.reject(new SyncError('DATABASE_UNREACHABLE', { message: 'refused' }));
    };
    const run = await bundle.newRun();
    await bundle.queue.wake(run.id);
    await bundle.clock.advance(300_000);
    await bundle.say(run, 'source', 'start');
    await bundle.say(run, 'sink', 'start');
    bundle.runs.away = false;
    await bundle.clock.advance(2_000);
    expect(await bundle.read(run.id)).toMatchObject({ state: 'running' });
  });

  test('finds a step into running whose answer was lost as done', async () => {
    const bundle = await setupExecutor();
    const advance = bundle.runs.advance.bind(bundle.runs);
    bundle.runs.advance = async (step) => {
      bundle.runs.advance = advance;
      await advance(step);
      throw new SyncError('DATABASE_UNREACHABLE', { message: 'connection lost' });
    };
    const run = await bundle.goingRun();
    await bundle.clock.advance(2_000);
    expect(await bundle.read(run.id)).toMatchObject({ state: 'running' });
  });

  test('ends when its job can not be read, and when the database is away only for the moment goes on', async () => {
    const wrongKey = new SyncError('SECRET_KEY_WRONG', { message: 'opening a sealed value: another key' });
    const sealed = await setupExecutor({
      parts: { jobs: { readVersion: () => Promise.reject(wrongKey), readHead } },
    });
    expect(await sealed.goingRun()).toMatchObject({
      state: 'failed',
      reason: { code: 'SECRET_KEY_WRONG', message: 'opening a sealed value: another key' },
    });
    const away = await setupExecutor();
    const { current } = away.spec;
    let asked = 0;
    const readVersion = (): Promise<typeof current> => {
      asked += 1;
      return asked > 3
        ? Promise.resolve(current)
        : Promise.reject(new SyncError('DATABASE_UNREACHABLE', { message: 'refused' }));
    };
    const bundle = await setupExecutor({ parts: { jobs: { readVersion, readHead } } });
    const run = await bundle.goingRun();
    await bundle.clock.advance(5_000);
    expect(await bundle.read(run.id)).toMatchObject({ state: 'running' });
  });

  test('waits for a busy cluster as long as it may take to start', async () => {
    const bundle = await setupExecutor();
    const busy = new SyncError('CONNECT_REJECTED', { message: 'a rebalance is expected', retriable: true });
    bundle.cluster.beforeWrite = () => {
      if (bundle.clock.now() < T0 + 30_000) throw busy;
    };
    const run = await bundle.goingRun();
    await bundle.clock.advance(29_000);
    expect(await bundle.read(run.id)).toMatchObject({ state: 'starting' });
    await bundle.clock.advance(5_000);
    expect(await bundle.read(run.id)).toMatchObject({ state: 'running' });
  });

  test('is superseded when a connector holds the higher epoch of a run that goes', async () => {
    const bundle = await setupExecutor();
    const newer = await bundle.newRun({ plannedAt: T0 - 9, notBefore: T0 + 3_600_000 });
    const config = { [KEY.taskId]: newer.id, [KEY.epoch]: '8' };
    bundle.cluster.connectors.set(NAMES.sink, {
      config,
      state: 'RUNNING',
      trace: null,
      error: null,
      tasks: [],
    });
    expect(await bundle.goingRun()).toMatchObject({ state: 'superseded', reason: { code: 'FENCED' } });
    expect(bundle.cluster.writes).toEqual([]);
  });

  test('gets its connectors made again when they hold a higher epoch of a ledger that is gone', async () => {
    const bundle = await setupExecutor();
    const config = { [KEY.taskId]: 'a run of long ago', [KEY.epoch]: '8' };
    bundle.cluster.connectors.set(NAMES.sink, {
      config,
      state: 'RUNNING',
      trace: null,
      error: null,
      tasks: [],
    });
    const run = await bundle.goingRun();
    expect(run.state).toBe('running');
    expect(bundle.cluster.writes.slice(0, 2)).toEqual([`remove ${NAMES.sink}`, `put ${NAMES.sink}`]);
    expect(connectorEpoch(bundle)).toBe('1');
  });

  test('rides over a worker that is away for a moment', async () => {
    const bundle = await setupExecutor();
    const away = new SyncError('CONNECT_UNREACHABLE', { message: 'refused' });
    bundle.cluster.beforeWrite = () => {
      if (bundle.clock.now() < T0 + 5_000) throw away;
    };
    const run = await bundle.goingRun();
    await bundle.clock.advance(6_000);
    expect((await bundle.read(run.id)).state).toBe('running');
  });

  test('is succeeded when the target says that this very run is complete already', async () => {
    const bundle = await setupExecutor();
    const run = await bundle.newRun();
    await bundle.target.openLedger().begin({
      ...{ job: JOB, taskId: run.id, mode: 'incremental', byHand: false },
      digest: 'x',
    });
    await bundle.complete(WINDOW_TO, { written: 3 });
    await bundle.queue.wake(run.id);
    await bundle.clock.advance(0);
    expect(await bundle.read(run.id)).toMatchObject({ state: 'succeeded', report: { outcome: 'proved' } });
  });
});

/** Hosts are looked up by the system, in real time. */
async function untilOver(bundle: Bundle, { id }: Run): Promise<Run> {
  await waitUntil('the run is over', async () => isTerminal((await bundle.read(id)).state), 5_000);
  return bundle.read(id);
}
