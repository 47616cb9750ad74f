// The REST client on a real Kafka Connect, with its file connectors: the life of a connector that an executor gives it.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, inject, test } from 'vitest';
import type { ErrorShape } from '../../src/core/errors.ts';
import { systemClock } from '../../src/core/clock.ts';
import { createConnectClient } from '../../executors/connect/connect-client.ts';
import { pollConnectors } from '../../executors/watch/poll-connectors.ts';
import { waitUntil } from '../support/wait-until.ts';

const connect = inject('stack')?.connect;

describe.skipIf(connect === undefined)('a real Kafka Connect', () => {
  const { url = 'http://127.0.0.1:1', workDir = '' } = connect ?? {};
  const client = createConnectClient({ name: 'real', url, clock: systemClock, deadlineMs: 10_000 });
  const prefix = `client-test-${Date.now()}`;
  const names: string[] = [];

  function nameOf(part: string): string {
    const name = `${prefix} ${part}`;
    names.push(name);
    return name;
  }

  function sourceConfig(runId: string): Record<string, string> {
    return {
      'connector.class': 'org.apache.kafka.connect.file.FileStreamSourceConnector',
      'tasks.max': '1',
      file: `${prefix}.txt`,
      topic: `${prefix}-topic`,
      'pkuse.task.id': runId,
    };
  }

  async function untilState(name: string, state: string, tasks: number): Promise<void> {
    const isSo = async (): Promise<boolean> => {
      const status = await client.readStatus(name);
      const going = status?.tasks.every((task) => task.state === 'RUNNING') === true;
      return going && status.state === state && status.tasks.length === tasks;
    };
    await waitUntil(`${name} is ${state} with ${tasks} tasks`, isSo, 60_000);
  }

  afterAll(async () => {
    for (const name of names) await client.remove(name);
  });

  test('takes a connector stopped, runs it, changes it while it runs, stops it and forgets it', async () => {
    writeFileSync(join(workDir, `${prefix}.txt`), 'one\ntwo\n');
    const name = nameOf('source');
    expect(await client.readConfig(name)).toBeNull();
    await client.putConfig(name, sourceConfig('run-1'));
    await untilState(name, 'STOPPED', 0);
    await client.resume(name);
    await untilState(name, 'RUNNING', 1);
    await client.putConfig(name, sourceConfig('run-2'));
    expect(await client.readConfig(name)).toEqual({ ...sourceConfig('run-2'), name });
    await untilState(name, 'RUNNING', 1);
    await client.stop(name);
    await untilState(name, 'STOPPED', 0);
    await client.stop(name);
    await client.putConfig(name, sourceConfig('run-3'));
    expect(await client.readStatus(name)).toMatchObject({ state: 'STOPPED', tasks: [] });
    await client.remove(name);
    await client.remove(name);
    expect(await client.readConfig(name)).toBeNull();
    expect(await client.readIncarnation()).toBeNull();
  });

  test('takes twelve connectors at once, whatever it rebalances meanwhile', async () => {
    const several = Array.from({ length: 12 }, (_, index) => nameOf(`many ${index}`));
    await Promise.all(
      several.map(async (name) => {
        await client.putConfig(name, sourceConfig('run-1'));
        await client.resume(name);
      }),
    );
    for (const name of several) await untilState(name, 'RUNNING', 1);
    await Promise.all(several.map((name) => client.stop(name)));
    for (const name of several) await untilState(name, 'STOPPED', 0);
  });

  test('shows a failed task, whose trace gives the cause', async () => {
    const name = nameOf('sink');
    mkdirSync(join(workDir, `${prefix}.d`));
    await client.putConfig(name, {
      'connector.class': 'org.apache.kafka.connect.file.FileStreamSinkConnector',
      'tasks.max': '1',
      topics: `${prefix}-topic`,
      file: `${prefix}.d`,
      'pkuse.task.id': 'run-1',
    });
    await client.resume(name);
    const failures: ErrorShape[] = [];
    const hasFailed = async (): Promise<boolean> => {
      const { failure } = (
        await pollConnectors({ source: { cluster: client, name }, sink: { cluster: client, name } })
      ).sink;
      if (failure !== null) failures.push(failure);
      return failure !== null;
    };
    await waitUntil('the sink failed', hasFailed, 60_000);
    expect(failures[0]).toMatchObject({
      code: 'TASK_FAILED',
      message: expect.stringMatching(/FileSystemException.*Is a directory/) as unknown,
    });
  });

  test('refuses a class that it does not have, and says so', async () => {
    const config = { 'connector.class': 'no.such.Connector', 'tasks.max': '1' };
    await expect(client.putConfig(`${prefix} none`, config)).rejects.toMatchObject({
      code: 'CONNECT_REJECTED',
      message: expect.stringContaining('no.such.Connector') as unknown,
    });
    expect(await client.readConfig(`${prefix} none`)).toBeNull();
  });

  test('validates a configuration', async () => {
    const found = await client.validate('FileStreamSinkConnector', {
      name: 'x',
      topics: '',
      'tasks.max': '0',
    });
    expect(found.map(({ key }) => key)).toContain('tasks.max');
  });
});
