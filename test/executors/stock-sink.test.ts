// Runs whose sink is one of another Connect cluster, not ours: told where to begin, followed by the offsets that it commits.
import { describe, expect, test } from 'vitest';
import { isTerminal } from '../../src/core/run.ts';
import type { Run } from '../../src/core/run.ts';
import { SyncError } from '../../src/core/errors.ts';
import { LEASE_MS } from '../../executors/lease.ts';
import { removeJobResources } from '../../executors/remove-job.ts';
import type { Bundle, SetupOptions } from './setup-executor.ts';
import { JOB, NAMES, setupExecutor } from './setup-executor.ts';
import { english } from '../support/english.ts';
import { createFakeSink, createFakeSource } from '../fakes/fake-plugins.ts';

const TOPIC = 'data_orders';
const sink = {
  connector: 'io.foreign.Sink',
  config: { 'tasks.max': '2', mode: 'its own' },
  cluster: 'stock',
};

const setup = (options: SetupOptions = {}): Promise<Bundle> =>
  setupExecutor({ ...options, spec: { mode: 'full', sink, ...options.spec } });

/** Records in the topic's partitions, in all. */
function fill(bundle: Bundle, ...ends: number[]): void {
  const topic = bundle.log.topics.get(TOPIC);
  if (topic === undefined) throw new Error('no topic');
  for (const [partition, end] of ends.entries()) topic.ends[partition] = end;
}

function commit(bundle: Bundle, ...offsets: number[]): void {
  for (const [partition, offset] of offsets.entries())
    bundle.stock.offsets.set(`${NAMES.sink} ${TOPIC} ${partition}`, offset);
}

const seconds = async (bundle: Bundle, count: number): Promise<void> => {
  for (let index = 0; index < count; index += 1) await bundle.clock.advance(1_000);
};

describe('a sink that is not ours', () => {
  test('stands on its own cluster, the source on the job’s, and gets no key of a run but those that name it', async () => {
    const bundle = await setup();
    const run = await bundle.goingRun();
    expect([...bundle.cluster.connectors.keys()]).toEqual([NAMES.source]);
    expect([...bundle.stock.connectors.keys()]).toEqual([NAMES.sink]);
    expect(bundle.stock.connectors.get(NAMES.sink)?.config).toEqual({
      name: NAMES.sink,
      'connector.class': 'io.foreign.Sink',
      'tasks.max': '2',
      mode: 'its own',
      'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
      topics: TOPIC,
      'pkuse.connector.name': NAMES.sink,
      'pkuse.task.id': run.id,
      'org.pkuse.kafka.broker': 'broker:9092',
      'syncline.job': JOB,
      'syncline.start.offsets': '[0,0,0,0]',
    });
    expect(bundle.cluster.connectors.get(NAMES.source)?.config).toMatchObject({ 'end.marker': 'record' });
  });

  test('reads keys as text, unless the job says otherwise', async () => {
    const own = { ...sink, config: { 'key.converter': 'io.foreign.Converter' } };
    const bundle = await setup({ spec: { sink: own } });
    await bundle.goingRun();
    expect(bundle.stock.connectors.get(NAMES.sink)?.config).toMatchObject(own.config);
  });

  test('is told to begin where the topic ends, so that a run counts none of the one before', async () => {
    const bundle = await setup();
    await bundle.log.createTopic({ name: TOPIC, partitions: 4, retentionMs: 1 });
    fill(bundle, 10, 20, 0, 5);
    const run = await bundle.goingRun();
    expect(bundle.stock.writes).toEqual([
      `put ${NAMES.sink}`,
      `set-offsets ${NAMES.sink}`,
      `resume ${NAMES.sink}`,
    ]);
    expect(await bundle.stock.readOffsets(NAMES.sink, TOPIC)).toEqual(
      new Map([
        [0, 10],
        [1, 20],
        [2, 0],
        [3, 5],
      ]),
    );
    fill(bundle, 12, 21, 0, 5);
    await bundle.sayForeign(run, NAMES.source, 'end', '3');
    commit(bundle, 12, 21, 0, 5);
    await seconds(bundle, 10);
    const { state, report } = await bundle.read(run.id);
    expect(state).toBe('succeeded');
    expect(report).toMatchObject({ outcome: 'delivered', counts: { emitted: 3, written: null } });
    expect(english(report?.notes)).toContain(
      'records that the sink took: all 3 of this run, by the offsets that it committed',
    );
    expect(english(report?.notProved).join()).toContain('no ledger');
    expect(bundle.stock.connectors.get(NAMES.sink)?.state).toBe('STOPPED');
    expect(bundle.cluster.connectors.get(NAMES.source)?.state).toBe('STOPPED');
  });

  test('that somebody pauses just before it is told where to begin is stopped again, and told', async () => {
    const bundle = await setup();
    let pauses = 2;
    bundle.stock.beforeWrite = (write) => {
      const connector = bundle.stock.connectors.get(NAMES.sink);
      if (!write.startsWith('set-offsets') || connector === undefined || pauses === 0) return;
      pauses -= 1;
      connector.state = 'PAUSED';
    };
    const run = await bundle.goingRun();
    await seconds(bundle, 5);
    expect(await bundle.read(run.id)).toMatchObject({ state: 'running', reason: null });
    expect(bundle.stock.writes.filter((write) => write.startsWith('set-offsets'))).toHaveLength(3);
    expect(bundle.stock.connectors.get(NAMES.sink)?.state).toBe('RUNNING');
  });

  test('that somebody pauses again and again is the reason of a start that takes too long', async () => {
    const bundle = await setup({ policy: { maxAttempts: 1, startMs: 20_000 } });
    bundle.stock.beforeWrite = (write) => {
      const connector = bundle.stock.connectors.get(NAMES.sink);
      if (write.startsWith('set-offsets') && connector !== undefined) connector.state = 'PAUSED';
    };
    const run = await bundle.goingRun();
    await seconds(bundle, 30);
    const { state, reason } = await bundle.read(run.id);
    expect({ state, code: reason?.code }).toEqual({ state: 'failed', code: 'CONNECT_REJECTED' });
    expect(reason?.message).toContain('somebody changed it to PAUSED meanwhile');
  });

  test('has ended neither before the source said its end nor before it committed the last record', async () => {
    const bundle = await setup();
    const run = await bundle.goingRun();
    fill(bundle, 5);
    commit(bundle, 5);
    await seconds(bundle, 20);
    expect(await bundle.read(run.id)).toMatchObject({ state: 'running' });
    fill(bundle, 9);
    await bundle.sayForeign(run, NAMES.source, 'end', '9');
    await seconds(bundle, 20);
    expect(await bundle.read(run.id)).toMatchObject({
      state: 'running',
      report: { stages: { sink: 'processing' } },
    });
    commit(bundle, 9);
    await seconds(bundle, 10);
    expect(await bundle.read(run.id)).toMatchObject({ state: 'succeeded' });
  });

  test('that never catches up fails the run, saying how far it came; one with nothing before it does not', async () => {
    const bundle = await setup({ policy: { maxAttempts: 1, stallMs: 60_000 } });
    const run = await bundle.goingRun();
    const alive = async (count: number): Promise<void> => {
      for (let index = 0; index < count; index += 10) {
        await bundle.sayForeign(run, NAMES.source, 'processing', '');
        await seconds(bundle, 10);
      }
    };
    await alive(300);
    expect(await bundle.read(run.id)).toMatchObject({ state: 'running' });
    fill(bundle, 1_000);
    commit(bundle, 400);
    await bundle.sayForeign(run, NAMES.source, 'end', '1000');
    await seconds(bundle, 80);
    const { state, reason } = await bundle.read(run.id);
    expect(state).toBe('failed');
    expect(reason).toMatchObject({ code: 'STALLED' });
    expect(reason?.message).toContain('400 of 1000 records');
  });

  test.each([
    ['whose topic is deleted', 'TOPIC_MISSING', (bundle: Bundle) => bundle.log.topics.delete(TOPIC)],
    [
      'whose topic is made anew',
      'TOPIC_MISSING',
      (bundle: Bundle) => bundle.log.topics.set(TOPIC, { incarnation: 'another', ends: [0, 0, 0, 0] }),
    ],
    [
      'whose records are deleted before it took them, though it commits their end afterwards',
      'LOG_RETENTION',
      (bundle: Bundle) => bundle.log.topics.set(TOPIC, { incarnation: `${TOPIC}-1`, ends: [9], starts: [8] }),
    ],
  ])('%s fails the run at once, saying so: they are not delivered', async (_, code, lose) => {
    const bundle = await setup({ policy: { maxAttempts: 1 } });
    const run = await bundle.goingRun();
    fill(bundle, 9);
    commit(bundle, 4);
    await bundle.sayForeign(run, NAMES.source, 'end', '9');
    await seconds(bundle, 10);
    expect(await bundle.read(run.id)).toMatchObject({ state: 'running' });
    lose(bundle);
    await seconds(bundle, 10);
    commit(bundle, 9);
    await seconds(bundle, 10);
    const { state, reason } = await bundle.read(run.id);
    expect({ state, code: reason?.code }).toEqual({ state: 'failed', code });
    expect(reason?.message).toContain(TOPIC);
  });

  test('that can not be followed while Kafka is away stalls, and Kafka is the reason: not its cluster, which answers', async () => {
    const bundle = await setup({ policy: { maxAttempts: 1, stallMs: 60_000 } });
    const run = await bundle.goingRun();
    fill(bundle, 9);
    commit(bundle, 4);
    await bundle.sayForeign(run, NAMES.source, 'end', '9');
    await seconds(bundle, 10);
    bundle.log.failure = new SyncError('KAFKA_UNREACHABLE', { message: 'asking broker:9092: refused' });
    await seconds(bundle, 80);
    const { state, reason } = await bundle.read(run.id);
    expect({ state, code: reason?.code }).toEqual({ state: 'failed', code: 'KAFKA_UNREACHABLE' });
    expect(reason?.message).toContain('4 of 9 records');
  });

  test('whose records are deleted after it took them is delivered', async () => {
    const bundle = await setup();
    const run = await bundle.goingRun();
    bundle.log.topics.set(TOPIC, { incarnation: `${TOPIC}-1`, ends: [9], starts: [9] });
    commit(bundle, 9);
    await bundle.sayForeign(run, NAMES.source, 'end', '9');
    await seconds(bundle, 10);
    expect(await bundle.read(run.id)).toMatchObject({ state: 'succeeded' });
  });

  test('whose task fails ends the run with its trace', async () => {
    const bundle = await setup({ policy: { maxAttempts: 1 } });
    const run = await bundle.goingRun();
    const connector = bundle.stock.connectors.get(NAMES.sink);
    if (connector === undefined) throw new Error('no sink');
    connector.tasks = [
      { id: 0, state: 'RUNNING', trace: null },
      {
        id: 1,
        state: 'FAILED',
        trace: 'a.ConnectException: gone\n\tat a.b\nCaused by: java.io.IOException: No space left',
      },
    ];
    await seconds(bundle, 10);
    expect(await bundle.read(run.id)).toMatchObject({ state: 'failed', reason: { code: 'TASK_FAILED' } });
    expect((await bundle.read(run.id)).reason?.message).toContain('No space left');
  });

  test('whose cluster goes away in mid run: waits, then fails naming it, and the source is stopped all the same', async () => {
    const bundle = await setup({ policy: { maxAttempts: 1, stallMs: 60_000 } });
    const run = await bundle.goingRun();
    bundle.stock.failure = new SyncError('CONNECT_UNREACHABLE', { message: 'asking http://b:8083: refused' });
    await seconds(bundle, 30);
    expect(await bundle.read(run.id)).toMatchObject({ state: 'running' });
    await bundle.sayForeign(run, NAMES.source, 'end', '3');
    await seconds(bundle, 90);
    const { state, reason, report } = await bundle.read(run.id);
    expect(state).toBe('failed');
    expect(reason).toMatchObject({ code: 'CONNECT_UNREACHABLE' });
    expect(reason?.message).toContain('http://b:8083');
    expect(english(report?.notes).join()).toContain(`${NAMES.sink} could not be stopped`);
    expect(bundle.cluster.connectors.get(NAMES.source)?.state).toBe('STOPPED');
  });

  test('cancelled, both are stopped; deleted, both are removed, each from its cluster', async () => {
    const bundle = await setup();
    const run = await bundle.goingRun();
    await bundle.runs.requestCancel(run.id);
    await seconds(bundle, 5);
    expect(await bundle.read(run.id)).toMatchObject({ state: 'cancelled' });
    const states = [bundle.cluster, bundle.stock].map((each) =>
      [...each.connectors.values()].map(({ state }) => state),
    );
    expect(states).toEqual([['STOPPED'], ['STOPPED']]);
    const parts = {
      clusters: new Map([
        ['main', bundle.cluster],
        ['stock', bundle.stock],
      ]),
      plugins: [createFakeSource(), createFakeSink(bundle.target)],
      refuse: () => null,
    };
    const job = { id: JOB, spec: bundle.spec.current } as Parameters<typeof removeJobResources>[1];
    bundle.cluster.failure = new SyncError('CONNECT_UNREACHABLE', { message: 'main is away' });
    expect(await removeJobResources(parts, job)).toMatchObject([{ what: 'connectors' }]);
    expect(bundle.stock.connectors.size).toBe(0);
    bundle.cluster.failure = null;
    expect(await removeJobResources(parts, job)).toEqual([]);
    expect(bundle.cluster.connectors.size).toBe(0);
  });

  test('taken over by another executor is followed from where the run began', async () => {
    const bundle = await setup();
    await bundle.log.createTopic({ name: TOPIC, partitions: 4, retentionMs: 1 });
    fill(bundle, 7);
    const run = await bundle.goingRun();
    fill(bundle, 10);
    await bundle.sayForeign(run, NAMES.source, 'end', '3');
    await bundle.clock.advance(1_500);
    commit(bundle, 10);
    // Killed: nothing renews its lease any more.
    const held = await bundle.read(run.id);
    bundle.runs.rows.set(run.id, { ...held, owner: 'killed', leaseUntil: bundle.clock.now() + LEASE_MS });
    await bundle.clock.advance(LEASE_MS + 1_000);
    const second = await bundle.startExecutor('executor-2');
    void second.recover(await bundle.read(run.id));
    await untilOver(bundle, run);
    expect(await bundle.read(run.id)).toMatchObject({ state: 'succeeded', report: { outcome: 'delivered' } });
    expect(english((await bundle.read(run.id)).report?.notes).join()).toContain('all 3 of this run');
  });

  test('by a name that is ours, too, is the cluster’s own', async () => {
    const bundle = await setupExecutor({
      spec: { mode: 'full', sink: { connector: 'FakeSink', config: {}, cluster: 'stock' } },
    });
    await bundle.goingRun();
    expect(bundle.target.state.jobs.size).toBe(0);
    expect(bundle.stock.writes).toContain(`set-offsets ${NAMES.sink}`);
  });

  test('is refused where records lie in memory', async () => {
    const bundle = await setup({ logKind: 'memory' });
    const { state, reason } = await bundle.goingRun();
    expect(state).toBe('failed');
    expect(reason).toMatchObject({ code: 'BAD_INPUT', field: 'sink.connector' });
    expect(bundle.stock.writes).toEqual([]);
  });
});

async function untilOver(bundle: Bundle, run: Run): Promise<void> {
  for (let index = 0; index < 60 && !isTerminal((await bundle.read(run.id)).state); index += 1)
    await bundle.clock.advance(1_000);
}
