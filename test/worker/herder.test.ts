// The herder over a fake task host: states, persistence, restarts, the order of acts, epochs.
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createConnectorStore } from '../../src/worker/control/connector-store.ts';
import { Herder } from '../../src/worker/control/herder.ts';
import { createPluginRegistry } from '../../src/core/connector/plugin-registry.ts';
import type { SentConfig } from '../../src/core/connector/config-def.ts';
import { createSealer } from '../../src/core/secrets/seal.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { ConnectorPlugin } from '../../src/core/connector/contract.ts';
import { SyncError } from '../../src/core/errors.ts';
import type { SynclineEvent } from '../../src/core/events.ts';
import { createFakeSink, createFakeSource } from '../fakes/fake-plugins.ts';
import type { FakeTaskHost } from '../fakes/fake-task-host.ts';
import { createFakeTaskHost, failureOf } from '../fakes/fake-task-host.ts';
import { createMemoryTarget } from '../fakes/memory-target.ts';

const folders: string[] = [];
afterEach(async () => {
  // A herder may still be saving a state: what comes into the folder while it is removed goes with the next try.
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true, maxRetries: 10 });
});

interface Bench {
  readonly herder: Herder;
  readonly host: FakeTaskHost;
  readonly events: SynclineEvent[];
  readonly folder: string;
}

async function setup(given: { folder?: string; plugins?: readonly ConnectorPlugin[] } = {}): Promise<Bench> {
  const folder = given.folder ?? (await mkdtemp(join(tmpdir(), 'syncline-herder-')));
  folders.push(folder);
  const host = createFakeTaskHost();
  const events: SynclineEvent[] = [];
  const herder = new Herder({
    registry: createPluginRegistry(
      given.plugins ?? [createFakeSource(), createFakeSink(createMemoryTarget())],
    ),
    host,
    store: createConnectorStore(folder, createSealer(Buffer.alloc(32, 5))),
    workerVersion: '4.3.1',
    clock: systemClock,
    emit: (event) => void events.push(event),
    forget: () => Promise.resolve(),
  });
  await herder.start();
  return { herder, host, events, folder };
}

function source(more: SentConfig = {}): SentConfig {
  return { name: 'a', 'connector.class': 'FakeSource', 'connection.password': 'pw', ...more };
}

function createGate(): { readonly opened: Promise<void>; open(): void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
}

const seen = (herder: Herder, name = 'a'): string => {
  const { connector, task } = herder.status(name);
  return `${connector.state} ${task?.state ?? '-'}`;
};

it("a sink by hand is told why its run's source is failed, until that starts again", async () => {
  const { herder, host } = await setup();
  await herder.create('a', source({ 'pkuse.task.id': 'R' }), 'STARTED');
  await expect.poll(() => seen(herder)).toBe('RUNNING RUNNING');
  host.fail('a', new SyncError('SOURCE_SCHEMA', { message: 'no table t' }));
  const sink = source({ 'connector.class': 'FakeSink', topics: 't' });
  for (const name of ['R', 'S']) await herder.create(name, { ...sink, name }, 'STARTED');
  const told = () => host.starts.map(({ sourceFailure }) => sourceFailure()?.code ?? null);
  await expect.poll(told).toEqual([null, 'SOURCE_SCHEMA', null]);
  herder.restart('a', { includeTasks: true, onlyFailed: true });
  await expect.poll(told).toEqual([null, null, null, null]);
});

describe('what a connector goes through', () => {
  it('is created, runs, pauses, goes on, stops without tasks and runs again', async () => {
    const { herder, host } = await setup();
    expect(await herder.create('a', source(), 'STARTED')).toMatchObject({ tasks: [], type: 'source' });
    await expect.poll(() => seen(herder)).toBe('RUNNING RUNNING');
    await herder.setTarget('a', 'PAUSED');
    await expect.poll(() => seen(herder)).toBe('PAUSED PAUSED');
    await herder.setTarget('a', 'STARTED');
    await expect.poll(() => seen(herder)).toBe('RUNNING RUNNING');
    await herder.setTarget('a', 'STOPPED');
    await expect.poll(() => seen(herder)).toBe('STOPPED -');
    await herder.setTarget('a', 'STARTED');
    await expect.poll(() => seen(herder)).toBe('RUNNING RUNNING');
    expect(host.told).toEqual(['start a', 'pause a', 'resume a', 'stop a', 'start a']);
  });

  it('has no task before its first resume when it is created paused', async () => {
    const { herder, host } = await setup();
    await herder.create('a', source(), 'PAUSED');
    await expect.poll(() => seen(herder)).toBe('PAUSED -');
    expect(host.told).toEqual([]);
  });

  it('keeps a failed task failed through pause and resume, until it is restarted', async () => {
    const { herder, host } = await setup();
    await herder.create('a', source(), 'STARTED');
    await expect.poll(() => seen(herder)).toBe('RUNNING RUNNING');
    host.fail('a', new SyncError('TARGET_DENIED', { message: 'no INSERT on t' }));
    expect(seen(herder)).toBe('RUNNING FAILED');
    expect(herder.status('a').task?.failure?.trace).toContain('no INSERT on t');
    await herder.setTarget('a', 'PAUSED');
    await expect.poll(() => seen(herder)).toBe('PAUSED FAILED');
    await herder.setTarget('a', 'STARTED');
    await expect.poll(() => seen(herder)).toBe('RUNNING FAILED');
    expect(herder.restart('a', { includeTasks: true, onlyFailed: true })).toMatchObject({
      connector: { state: 'RUNNING' },
      task: { state: 'RESTARTING', failure: { error: { code: 'TARGET_DENIED' } } },
    });
    await expect.poll(() => seen(herder)).toBe('RUNNING RUNNING');
    expect(herder.status('a').task?.failure).toBeNull();
  });

  it('fails the task with the trace of a start that was refused, and says so', async () => {
    const { herder, host, events } = await setup();
    host.onStart = () => {
      throw new SyncError('SOURCE_UNREACHABLE', { message: 'opening the scanner: refused' });
    };
    await herder.create('a', source(), 'STARTED');
    await expect.poll(() => seen(herder)).toBe('RUNNING FAILED');
    expect(herder.status('a').task?.failure?.trace).toMatch(
      /^SOURCE_UNREACHABLE: opening the scanner: refused/,
    );
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'task.failed', code: 'SOURCE_UNREACHABLE' }),
    );
  });

  it('fails the task, and lets it go, when it can not be paused', async () => {
    const { herder, host } = await setup();
    host.onTurn = () => Promise.reject(new Error('stuck'));
    await herder.create('a', source(), 'STARTED');
    await expect.poll(() => seen(herder)).toBe('RUNNING RUNNING');
    await herder.setTarget('a', 'PAUSED');
    await expect.poll(() => seen(herder)).toBe('PAUSED FAILED');
    expect(host.running.size).toBe(0);
  });

  it('shows STOPPED only when the task writes nothing more', async () => {
    const { herder, host } = await setup();
    const gate = createGate();
    host.onStop = () => gate.opened;
    await herder.create('a', source(), 'STARTED');
    await expect.poll(() => seen(herder)).toBe('RUNNING RUNNING');
    await herder.setTarget('a', 'STOPPED');
    await expect.poll(() => host.told).toContain('stop a');
    expect(seen(herder)).toBe('RUNNING RUNNING');
    gate.open();
    await expect.poll(() => seen(herder)).toBe('STOPPED -');
  });

  it('gives up a start that is not wanted any more', async () => {
    const { herder, host } = await setup();
    host.onStart = (task) =>
      new Promise((_, reject) => {
        task.signal.addEventListener('abort', () => {
          reject(new Error('given up'));
        });
      });
    await herder.create('a', source(), 'STARTED');
    await expect.poll(() => host.told).toEqual(['start a']);
    expect(seen(herder)).toBe('RUNNING UNASSIGNED');
    await herder.setTarget('a', 'STOPPED');
    await expect.poll(() => seen(herder)).toBe('STOPPED -');
  });

  it('does not take the failure of an old task for one of the new task', async () => {
    const { herder, host } = await setup();
    const failures: ((words: string) => void)[] = [];
    host.onStart = (_task, events) =>
      void failures.push((words) => events.onFailed(failureOf(new Error(words))));
    await herder.create('a', source(), 'STARTED');
    await expect.poll(() => seen(herder)).toBe('RUNNING RUNNING');
    herder.restartTask('a', 0);
    await expect.poll(() => host.told).toEqual(['start a', 'stop a', 'start a']);
    await expect.poll(() => seen(herder)).toBe('RUNNING RUNNING');
    failures[0]?.('late');
    expect(seen(herder)).toBe('RUNNING RUNNING');
    failures[1]?.('now');
    expect(seen(herder)).toBe('RUNNING FAILED');
  });
});

describe('changing a configuration', () => {
  it('restarts the task with the new configuration and a higher generation', async () => {
    const { herder, host } = await setup();
    await herder.create('a', source(), 'STARTED');
    await expect.poll(() => seen(herder)).toBe('RUNNING RUNNING');
    await herder.putConfig('a', source({ table: 'u' }));
    await expect.poll(() => host.told).toEqual(['start a', 'stop a', 'start a']);
    expect(host.starts[1]?.config.table).toBe('u');
    expect(host.starts[1]?.generation).toBeGreaterThan(host.starts[0]?.generation ?? Infinity);
  });

  it('keeps the generation over a restart, and never repeats one after a deletion', async () => {
    const { herder, host } = await setup();
    await herder.create('a', source(), 'STARTED');
    await expect.poll(() => seen(herder)).toBe('RUNNING RUNNING');
    herder.restartTask('a', 0);
    await expect.poll(() => host.starts.length).toBe(2);
    await herder.remove('a');
    await herder.create('a', source(), 'STARTED');
    await expect.poll(() => host.starts.length).toBe(3);
    const [first, second, third] = host.starts.map((start) => start.generation);
    expect(second).toBe(first);
    expect(third).toBeGreaterThan(second ?? Infinity);
  });

  it('keeps the stored secret when its mask is sent back, and refuses a mask with nothing behind it', async () => {
    const { herder, host } = await setup();
    await herder.create('a', source(), 'STARTED');
    expect(herder.info('a').config['connection.password']).toBe('***');
    await herder.putConfig('a', { ...herder.info('a').config, table: 'u' });
    await expect
      .poll(() => host.starts.at(-1)?.config)
      .toMatchObject({ 'connection.password': 'pw', table: 'u' });
    await expect(
      herder.create('b', source({ name: 'b', 'connection.password': '***' }), 'STARTED'),
    ).rejects.toMatchObject({
      code: 'BAD_INPUT',
      message: expect.stringContaining('none is stored') as string,
    });
  });

  it('refuses the configuration of an epoch that is over', async () => {
    const { herder } = await setup();
    const run = (epoch: number, job = 'j'): SentConfig =>
      source({ 'syncline.job': job, 'syncline.epoch': String(epoch) });
    await herder.create('a', run(7), 'STOPPED');
    await expect(herder.putConfig('a', run(6))).rejects.toMatchObject({
      code: 'CONFLICT',
      message: 'Connector a holds epoch 7 of job j; the configuration of epoch 6 is over',
    });
    await expect(herder.patchConfig('a', { 'syncline.epoch': '6' })).rejects.toMatchObject({
      code: 'CONFLICT',
    });
    await herder.putConfig('a', run(7));
    await herder.putConfig('a', run(8));
    await herder.putConfig('a', run(1, 'another job'));
  });

  it('says once which keys have no effect', async () => {
    const { herder, events } = await setup();
    const config = source({
      typo: '1',
      'errors.log.enable': 'true',
      'value.converter.schemas.enable': 'true',
    });
    await herder.create('a', config, 'STOPPED');
    await herder.putConfig('a', config);
    await herder.putConfig('a', { ...config, typo: null, other: '2' }).catch(() => undefined);
    expect(events).toEqual([{ type: 'config.ignored', connector: 'a', keys: ['typo', 'errors.log.enable'] }]);
  });

  it('gives way to one of two creations of the same name', async () => {
    const { herder } = await setup();
    const both = await Promise.allSettled([
      herder.create('a', source(), 'STOPPED'),
      herder.create('a', source(), 'STOPPED'),
    ]);
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  });
});

describe('coming back after a restart of the worker', () => {
  it('brings connectors back in their target state, those of a run stopped', async () => {
    const { herder, folder } = await setup();
    await herder.create('a', source(), 'STARTED');
    await herder.create('p', source({ name: 'p' }), 'PAUSED');
    await herder.create(
      'job',
      source({ name: 'job', 'syncline.job': 'j', 'syncline.epoch': '1' }),
      'STARTED',
    );
    await herder.create('hand', source({ name: 'hand', 'pkuse.task.id': '100003' }), 'STARTED');
    await herder.stop();
    const { herder: next, host } = await setup({ folder });
    await expect.poll(() => seen(next, 'a')).toBe('RUNNING RUNNING');
    expect(host.starts.map(({ connector, config }) => [connector, config['connection.password']])).toEqual([
      ['a', 'pw'],
    ]);
    expect(['p', 'job', 'hand'].map((name) => seen(next, name))).toEqual([
      'PAUSED -',
      'STOPPED -',
      'STOPPED -',
    ]);
  });

  it('does not start a run-bound connector that was stopped by the last restart at the next one either', async () => {
    const first = await setup();
    await first.herder.create('hand', source({ name: 'hand', 'pkuse.task.id': '1' }), 'STARTED');
    await first.herder.stop();
    await (await setup({ folder: first.folder })).herder.stop();
    const third = await setup({ folder: first.folder });
    await expect.poll(() => seen(third.herder, 'hand')).toBe('STOPPED -');
    expect(third.host.told).toEqual([]);
  });

  it('writes nothing to the disk when the connector of a run is started and stopped', async () => {
    const { herder, folder } = await setup();
    await herder.create('a', source({ 'pkuse.task.id': '1' }), 'STOPPED');
    const files = await readdir(folder);
    const writtenAt = async (): Promise<bigint> =>
      (await stat(join(folder, files[0] ?? ''), { bigint: true })).mtimeNs;
    await herder.setTarget('a', 'STARTED');
    await expect.poll(() => seen(herder)).toBe('RUNNING RUNNING');
    // Behind the note of its topics, which is kept.
    await herder.setTarget('a', 'STOPPED');
    const before = await writtenAt();
    await herder.setTarget('a', 'STARTED');
    await expect.poll(() => seen(herder)).toBe('RUNNING RUNNING');
    await herder.setTarget('a', 'STOPPED');
    await expect.poll(() => seen(herder)).toBe('STOPPED -');
    expect(await writtenAt()).toBe(before);
  });

  it('stops all tasks when the worker stops', async () => {
    const { herder, host } = await setup();
    await herder.create('a', source(), 'STARTED');
    await herder.create('b', source({ name: 'b' }), 'STARTED');
    await expect.poll(() => host.running.size).toBe(2);
    await herder.stop();
    expect(host.running.size).toBe(0);
  });

  it('shows a connector whose plugin is gone as failed, and lets it be deleted', async () => {
    const { herder, folder } = await setup();
    await herder.create('a', source(), 'STARTED');
    await herder.stop();
    const { herder: next } = await setup({ folder, plugins: [] });
    await expect
      .poll(() => next.status('a'))
      .toMatchObject({
        type: 'unknown',
        connector: {
          state: 'FAILED',
          failure: { error: { code: 'NOT_FOUND' }, trace: expect.stringContaining('FakeSource') as string },
        },
        task: null,
      });
    expect(next.info('a').config['connection.password']).toBe('***');
    await next.remove('a');
    expect(next.names()).toEqual([]);
  });

  it('keeps configurations readable by the owner only', async () => {
    const { herder, folder } = await setup();
    await herder.create('../../../etc/x', source({ name: 'x' }), 'STOPPED');
    const files = await readdir(folder);
    expect(files).toHaveLength(1);
    expect((await stat(join(folder, files[0] ?? ''))).mode & 0o777).toBe(0o600);
  });

  it.skipIf(!existsSync('/dev/full'))('says that its disk is full, and keeps the one of before', async () => {
    const { herder, folder } = await setup();
    await herder.create('a', source(), 'STOPPED');
    const [file = ''] = await readdir(folder);
    await symlink('/dev/full', join(folder, `${file}.tmp`));
    await expect(herder.putConfig('a', source({ table: 'other' }))).rejects.toMatchObject({
      code: 'DISK_FULL',
      message: `keeping connector a: the disk of ${folder}, or the quota there, is full`,
    });
    expect(herder.info('a').config).not.toHaveProperty('table');
  });
});

describe('deleting', () => {
  it('starts a new connector of the name only after the old task has stopped', async () => {
    const { herder, host } = await setup();
    const gate = createGate();
    host.onStop = () => gate.opened;
    await herder.create('a', source(), 'STARTED');
    await expect.poll(() => seen(herder)).toBe('RUNNING RUNNING');
    await herder.remove('a');
    expect(() => herder.info('a')).toThrow('Connector a not found');
    await herder.create('a', source(), 'STARTED');
    await expect.poll(() => host.told).toEqual(['start a', 'stop a']);
    gate.open();
    await expect.poll(() => host.told).toEqual(['start a', 'stop a', 'start a']);
  });

  it('remembers the topics that tasks were started on until they are reset', async () => {
    const { herder } = await setup();
    await herder.create('a', source({ table: 't' }), 'STARTED');
    await expect.poll(() => herder.topics('a')).toEqual(['data_t']);
    await herder.resetTopics('a');
    expect(herder.topics('a')).toEqual([]);
    expect(herder.topics('nobody')).toEqual([]);
  });
});
