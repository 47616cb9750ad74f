// A run from the queue to its end, with tasks that do what the test says.
import { describe, expect, test } from 'vitest';
import { shapeOf } from '../../src/core/errors.ts';
import type { ConfigKey } from '../../src/core/connector/config-def.ts';
import { KEY } from '../../src/core/connector/keys.ts';
import { JOB, NAMES, PASSWORD, setupExecutor, T0 } from './setup-executor.ts';
import { createFakeConnectCluster } from '../fakes/fake-connect-cluster.ts';
import { createFakeSource } from '../fakes/fake-plugins.ts';
import { english } from '../support/english.ts';
import { sameInBoth } from '../../src/core/text.ts';

const WINDOW_TO = String(T0 - 2_000);

describe('starting a run', () => {
  test('it is begun in the target before any connector is touched', async () => {
    const bundle = await setupExecutor();
    let epochAtFirstWrite: number | undefined;
    bundle.cluster.beforeWrite = () => {
      epochAtFirstWrite ??= bundle.target.state.jobs.get(JOB)?.epoch ?? 0;
    };
    const run = await bundle.goingRun();
    expect(epochAtFirstWrite).toBe(1);
    expect(run).toMatchObject({ state: 'running', epoch: 1, owner: 'executor-1' });
  });

  test('both connectors are configured first, then the sink is resumed before the source', async () => {
    const bundle = await setupExecutor();
    await bundle.goingRun();
    expect(bundle.cluster.writes).toEqual([
      `put ${NAMES.sink}`,
      `put ${NAMES.source}`,
      `resume ${NAMES.sink}`,
      `resume ${NAMES.source}`,
    ]);
  });

  test('the connectors are told the run by keys that the user can not override', async () => {
    const mine = {
      [KEY.taskId]: 'mine',
      [KEY.epoch]: '99',
      [KEY.startOffsets]: '[7]',
      [KEY.dirtyLimit]: '9',
    };
    const bundle = await setupExecutor({
      spec: {
        source: { connector: 'FakeSource', config: { table: 'orders', ...mine } },
        sink: { connector: 'FakeSink', config: { ...mine, 'table.name.format': 'shop.orders' } },
      },
      policy: { lagMs: 5_000, dirtyLimit: 3 },
    });
    bundle.log.topics.set('data_orders', { incarnation: 'log-7', ends: [10, 20, 30] });
    const run = await bundle.goingRun();
    const both = {
      'tasks.max': '1',
      'pkuse.task.id': run.id,
      'org.pkuse.kafka.broker': 'broker:9092',
      'syncline.job': JOB,
      'syncline.epoch': '1',
      'syncline.base': '',
      'syncline.mode': 'incremental',
      'syncline.lag.ms': '5000',
      'syncline.topic': 'data_orders',
      'syncline.log.incarnation': 'log-7',
      'value.format': 'row',
    };
    expect(bundle.cluster.connectors.get(NAMES.source)?.config).toMatchObject({
      ...both,
      'connector.class': 'FakeSource',
      'pkuse.connector.name': NAMES.source,
      table: 'orders',
    });
    expect(bundle.cluster.connectors.get(NAMES.sink)?.config).toMatchObject({
      ...both,
      'connector.class': 'FakeSink',
      'pkuse.connector.name': NAMES.sink,
      'table.name.format': 'shop.orders',
      topics: 'data_orders',
      'syncline.start.offsets': '[10,20,30]',
      'dirty.limit': '3',
    });
  });

  test('templates have their values for the run, and a job whose templates have none ends in words', async () => {
    const fake = createFakeSource();
    const templated: ConfigKey = {
      name: 'filter',
      type: 'STRING',
      importance: 'LOW',
      documentation: sameInBoth(''),
      group: '',
      displayName: 'Filter',
      width: 'SHORT',
      templates: { fill: (value, fill) => fill(value, 'sql') },
    };
    const plugin = {
      ...fake,
      className: 'test.Templated',
      aliases: [],
      configDef: [...fake.configDef, templated],
    };
    const filter = 'day = ${business.date} AND at < ${fire.time:HHmm} AND x = ${given} AND y = ${other}';
    const bundle = await setupExecutor({
      more: [plugin],
      spec: {
        source: { connector: 'test.Templated', config: { table: 'orders', filter } },
        mode: 'full',
        parameters: [
          { name: 'given', type: 'number' },
          { name: 'other', type: 'text', default: 'a' },
        ],
      },
    });
    await bundle.goingRun({ mode: 'full', parameters: { given: '7' } });
    expect(bundle.cluster.connectors.get(NAMES.source)?.config['filter']).toBe(
      "day = '2025-12-31' AND at < '0000' AND x = 7 AND y = 'a'",
    );
    const bare = await setupExecutor({
      more: [plugin],
      spec: { source: { connector: 'test.Templated', config: { table: 'orders', filter } }, mode: 'full' },
    });
    const ended = await bare.goingRun({ mode: 'full' });
    expect(ended).toMatchObject({
      state: 'failed',
      reason: { code: 'BAD_INPUT', field: 'source.config.filter' },
    });
    expect(bare.cluster.writes).toEqual([]);
  });

  test('on a cluster that was chosen for it, it is made there, and nothing of it stays', async () => {
    const other = createFakeConnectCluster('other');
    const main = createFakeConnectCluster('main');
    const clusters = new Map([
      ['main', main],
      ['other', other],
    ]);
    const bundle = await setupExecutor({ parts: { clusters } });
    const run = await bundle.goingRun({ cluster: 'other' });
    expect(run.state).toBe('running');
    expect([...other.connectors.keys()].sort()).toEqual([NAMES.sink, NAMES.source].sort());
    await bundle.sayError(run, 'source', 'SOURCE_FAILED', 'it ends');
    await bundle.clock.advance(2_000);
    expect((await bundle.read(run.id)).state).toBe('failed');
    expect(other.connectors.size).toBe(0);
    expect(main.writes).toEqual([]);
  });

  test('a run that was chosen for another executor is left to it', async () => {
    const bundle = await setupExecutor();
    expect((await bundle.goingRun({ executor: 'another' })).state).toBe('queued');
    const mine = await bundle.goingRun({ plannedAt: T0 + 1, executor: 'executor-of-the-test' });
    expect(mine.state).toBe('running');
  });

  test('the next run tells the watermark of the last one and reuses the connectors', async () => {
    const bundle = await setupExecutor();
    const first = await bundle.goingRun();
    await bundle.complete(WINDOW_TO);
    await bundle.say(first, 'sink', 'end');
    await bundle.clock.advance(1_000);
    bundle.cluster.writes.length = 0;
    await bundle.goingRun();
    expect(bundle.cluster.connectors.get(NAMES.source)?.config).toMatchObject({
      'syncline.base': WINDOW_TO,
      'syncline.epoch': '2',
    });
    expect(bundle.cluster.writes).toHaveLength(4);
  });

  test('a value format said by the user on one side holds for both', async () => {
    const bundle = await setupExecutor({
      spec: { sink: { connector: 'FakeSink', config: { [KEY.valueFormat]: 'json' } } },
    });
    await bundle.goingRun();
    expect(bundle.cluster.connectors.get(NAMES.source)?.config[KEY.valueFormat]).toBe('json');
  });

  test('a connector left going by an older run is stopped before it gets the new configuration', async () => {
    const bundle = await setupExecutor();
    const trace = 'an old failure';
    const old = { state: 'RUNNING', trace: null, error: null, tasks: [{ id: 0, state: 'FAILED', trace }] };
    bundle.cluster.connectors.set(NAMES.sink, { config: { [KEY.taskId]: 'older' }, ...old });
    const run = await bundle.goingRun();
    expect(bundle.cluster.writes.slice(0, 2)).toEqual([`stop ${NAMES.sink}`, `put ${NAMES.sink}`]);
    await bundle.clock.advance(10_000);
    expect(await bundle.read(run.id)).toMatchObject({ state: 'running' });
  });

  test('the tasks of that older run are waited for', async () => {
    const bundle = await setupExecutor();
    const readStatus = bundle.cluster.readStatus.bind(bundle.cluster);
    const stopping = {
      state: 'STOPPED',
      trace: null,
      error: null,
      tasks: [{ id: 0, state: 'RUNNING', trace: null }],
    };
    bundle.cluster.readStatus = (name) =>
      bundle.clock.now() < T0 + 3_000 ? Promise.resolve(stopping) : readStatus(name);
    bundle.cluster.connectors.set(NAMES.sink, { config: { [KEY.taskId]: 'older' }, ...stopping });
    await bundle.goingRun();
    await bundle.clock.advance(2_500);
    expect(bundle.cluster.writes).toEqual([`stop ${NAMES.sink}`]);
    await bundle.clock.advance(1_000);
    expect(bundle.cluster.writes).toContain(`put ${NAMES.sink}`);
  });
});

describe('a status said while the connectors are being resumed', () => {
  test('is not missed', async () => {
    const bundle = await setupExecutor();
    bundle.cluster.beforeWrite = async (write) => {
      const [run] = bundle.runs.rows.values();
      if (write === `resume ${NAMES.source}` && run !== undefined)
        await bundle.say(run, 'sink', 'start', { predicted: { rows: 7, exact: true } });
    };
    const run = await bundle.goingRun();
    await bundle.clock.advance(1_000);
    expect((await bundle.read(run.id)).report?.predicted).toEqual({ rows: 7, exact: true });
  });
});

describe('a run that succeeds', () => {
  test('is proved by the ledger when the sink said end, and leaves its connectors stopped', async () => {
    const bundle = await setupExecutor();
    const run = await bundle.goingRun();
    await bundle.say(run, 'sink', 'start', { description: 'unknown' });
    await bundle.say(run, 'source', 'start', {
      description: '1000',
      predicted: { rows: 1000, exact: false },
    });
    await bundle.clock.advance(2_000);
    await bundle.say(run, 'source', 'end', { counts: { read: 1002, filtered: 2, emitted: 1000, nulled: 4 } });
    await bundle.complete(WINDOW_TO, {
      read: 1002,
      filtered: 2,
      emitted: 1000,
      written: 1000,
      dirty: 0,
      nulled: 4,
      deleted: 0,
      removed: 0,
    });
    await bundle.say(run, 'sink', 'end', { description: '1000' });
    await bundle.clock.advance(0);
    const ended = await bundle.read(run.id);
    expect(ended).toMatchObject({ state: 'succeeded', reason: null });
    expect(ended.report).toEqual({
      outcome: 'proved',
      window: { from: null, to: WINDOW_TO },
      watermarkBefore: null,
      watermarkAfter: WINDOW_TO,
      predicted: { rows: 1000, exact: false },
      counts: {
        read: 1002,
        filtered: 2,
        emitted: 1000,
        written: 1000,
        dirty: 0,
        nulled: 4,
        deleted: 0,
        removed: 0,
        skipped: 0,
      },
      splits: { total: 2, ended: 2 },
      stages: { source: 'end', sink: 'end' },
      tookMs: 2_000,
      rowsPerSecond: 500,
      notProved: [],
      notes: [],
    });
    expect([...bundle.cluster.connectors.values()].map(({ state }) => state)).toEqual(['STOPPED', 'STOPPED']);
    expect(bundle.sink.open).toBe(0);
  });

  test('says so in its log in a few lines', async () => {
    const bundle = await setupExecutor();
    const run = await bundle.goingRun();
    await bundle.say(run, 'source', 'start', { predicted: { rows: 5, exact: true } });
    await bundle.say(run, 'source', 'processing');
    await bundle.say(run, 'source', 'processing');
    await bundle.complete(WINDOW_TO, { read: 5, written: 5, dirty: 0 });
    await bundle.clock.advance(1_000);
    await bundle.say(run, 'sink', 'end', { description: '5' });
    await bundle.clock.advance(0);
    expect(bundle.lines(run)).toEqual([
      'started by executor-1: attempt 1, mode incremental',
      'begun in the target: epoch 1, no watermark',
      'connectors resumed on our Connect cluster main, topic data_orders',
      'source: start, 5 rows predicted',
      'source: processing',
      'sink: end, 5 rows',
      'succeeded (proved): read 5, written 5, dirty 0, 5 rows/s',
    ]);
  });

  test('is found complete although the end of the sink was lost', async () => {
    const bundle = await setupExecutor();
    const run = await bundle.goingRun();
    await bundle.say(run, 'source', 'start');
    await bundle.say(run, 'sink', 'start');
    await bundle.complete(WINDOW_TO);
    await bundle.clock.advance(15_000);
    expect(await bundle.read(run.id)).toMatchObject({ state: 'succeeded', report: { outcome: 'proved' } });
  });

  test('is only delivered when the ledger holds a doubt', async () => {
    const bundle = await setupExecutor();
    const run = await bundle.goingRun();
    await bundle.complete(WINDOW_TO, {}, [{ en: 'keys may merge', zh: '键可能合并' }]);
    await bundle.say(run, 'sink', 'end');
    await bundle.clock.advance(0);
    const { state, report } = await bundle.read(run.id);
    expect(state).toBe('succeeded');
    expect(report?.outcome).toBe('delivered');
    expect(report?.notProved).toEqual([{ en: 'keys may merge', zh: '键可能合并' }]);
  });

  test('is not believed complete on the word of the sink alone', async () => {
    const bundle = await setupExecutor();
    const run = await bundle.goingRun();
    await bundle.say(run, 'sink', 'end', { description: '1000' });
    await bundle.clock.advance(20_000);
    expect(await bundle.read(run.id)).toMatchObject({ state: 'running' });
    await bundle.complete(WINDOW_TO);
    await bundle.clock.advance(4_000);
    expect(await bundle.read(run.id)).toMatchObject({ state: 'succeeded' });
  });

  test('without a ledger is delivered on the end of the sink', async () => {
    const bundle = await setupExecutor({ spec: { sink: { connector: 'io.foreign.Sink', config: {} } } });
    const run = await bundle.goingRun();
    expect(bundle.cluster.connectors.get(NAMES.source)?.config).toMatchObject({
      'value.format': 'json',
      'end.marker': 'record',
    });
    bundle.log.topics.get('data_orders')?.ends.fill(3);
    await bundle.sayForeign(run, NAMES.source, 'end', '12');
    await bundle.clock.advance(5_000);
    expect(await bundle.read(run.id)).toMatchObject({ state: 'running' });
    await bundle.sayForeign(run, NAMES.sink, 'end', '12');
    await bundle.clock.advance(0);
    const { state, report } = await bundle.read(run.id);
    expect(state).toBe('succeeded');
    expect(report).toMatchObject({ outcome: 'delivered', counts: { emitted: 12, written: 12 } });
    expect(english(report?.notProved).join()).toContain('no ledger');
  });
});

describe('progress', () => {
  test('is saved at most once a second, and only when something is new', async () => {
    const bundle = await setupExecutor();
    const run = await bundle.goingRun();
    for (let index = 1; index <= 50; index += 1)
      await bundle.say(run, 'sink', 'processing', { counts: { written: index } });
    expect(bundle.runs.saved).toHaveLength(0);
    await bundle.clock.advance(1_000);
    expect(bundle.runs.saved).toHaveLength(1);
    expect((await bundle.read(run.id)).report).toMatchObject({
      outcome: 'not-complete',
      counts: { written: 50 },
    });
    await bundle.clock.advance(1_000);
    expect(bundle.runs.saved).toHaveLength(1);
  });

  test('never shows a password, wherever it comes from', async () => {
    const bundle = await setupExecutor({ policy: { maxAttempts: 1 } });
    const run = await bundle.goingRun();
    await bundle.say(run, 'source', 'start', { notes: [sameInBoth(`logged in with ${PASSWORD}`)] });
    await bundle.clock.advance(1_000);
    const description = `TARGET_FAILED: access denied, jdbc:mysql://h/db?password=${PASSWORD}&x=1\n at ${PASSWORD}`;
    await bundle.say(run, 'sink', 'error', { description, error: shapeOf('TARGET_FAILED', description) });
    await bundle.clock.advance(1_000);
    const everything = JSON.stringify([
      ...bundle.runs.rows.values(),
      bundle.lines(run),
      bundle.events,
      bundle.runs.saved,
    ]);
    expect(everything).toContain('access denied');
    expect(everything).not.toContain(PASSWORD);
  });
});
