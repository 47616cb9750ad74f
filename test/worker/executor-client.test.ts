// The executor's own REST client against our worker: the calls of one run, and how a superseded executor is refused.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createConnectClient } from '../../executors/connect/connect-client.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { ConnectCluster } from '../../src/core/ports/connect-cluster.ts';
import type { TestWorker } from './test-worker.ts';
import { startTestWorker } from './test-worker.ts';

describe('the executor and the worker', () => {
  let test: TestWorker;
  let cluster: ConnectCluster;
  const connect = (deadlineMs: number): ConnectCluster =>
    createConnectClient({ name: 'default', url: test.worker.url, clock: systemClock, deadlineMs });
  const run = (epoch: number): Record<string, string> => ({
    'connector.class': 'FileStreamSource',
    topic: 't',
    file: 'f',
    'syncline.job': 'j',
    'syncline.epoch': String(epoch),
    'pkuse.task.id': `run-${epoch}`,
  });
  const state = async (): Promise<string> => (await cluster.readStatus('s'))?.state ?? 'missing';

  beforeAll(async () => {
    test = await startTestWorker();
    cluster = connect(5_000);
  });
  afterAll(() => test.close());

  it('go through a run: define stopped, put, resume, stop, and again', async () => {
    expect(await cluster.readIncarnation()).toBe(test.worker.incarnation);
    expect(await cluster.readStatus('s')).toBeNull();
    await cluster.putConfig('s', run(1));
    expect(await state()).toBe('STOPPED');
    for (const epoch of [1, 2]) {
      await cluster.putConfig('s', run(epoch));
      await cluster.resume('s');
      await expect.poll(async () => (await cluster.readStatus('s'))?.tasks[0]?.state).toBe('RUNNING');
      expect(test.host.starts.at(-1)?.config['pkuse.task.id']).toBe(`run-${epoch}`);
      await cluster.stop('s');
      await expect.poll(state).toBe('STOPPED');
    }
    expect(test.host.told).toEqual(['start s', 'stop s', 'start s', 'stop s']);
  });

  it('do not let an executor whose epoch is over put its configuration', async () => {
    await expect(connect(300).putConfig('s', run(1))).rejects.toMatchObject({
      message: expect.stringContaining('Connector s holds epoch 2 of job j') as string,
    });
    expect(await cluster.readConfig('s')).toMatchObject({ 'syncline.epoch': '2' });
  });

  it('agree on what is wrong with a configuration, and on removal', async () => {
    expect(await cluster.validate('FileStreamSource', { name: 'x', file: '../f' })).toMatchObject([
      {
        key: 'file',
        errors: ["Invalid value ../f for configuration file: it lies outside the worker's folder for files"],
      },
      { key: 'topic', errors: ['Missing required configuration "topic" which has no default value.'] },
    ]);
    await cluster.remove('s');
    await cluster.remove('s');
    expect(await cluster.readConfig('s')).toBeNull();
  });

  it('see that another worker process answers', async () => {
    const before = await cluster.readIncarnation();
    test = await test.restart();
    expect(await connect(1_000).readIncarnation()).not.toBe(before);
  });
});
