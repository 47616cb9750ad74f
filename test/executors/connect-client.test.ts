// The REST client against answers that a real cluster gives on bad days.
import { afterEach, describe, expect, test } from 'vitest';
import { ERROR_HEADER, packErrorHeader } from '../../src/core/network/error-header.ts';
import { shapeOf } from '../../src/core/errors.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { ConnectCluster } from '../../src/core/ports/connect-cluster.ts';
import { createConnectClient } from '../../executors/connect/connect-client.ts';
import type { ScriptedAnswer, ScriptedRequest, ScriptedServer } from '../support/scripted-server.ts';
import { startScriptedServer } from '../support/scripted-server.ts';

const servers: ScriptedServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function setup(
  answer: (request: ScriptedRequest, nth: number) => ScriptedAnswer | 'never' | null,
  deadlineMs = 2_000,
): Promise<{ client: ConnectCluster; calls: () => string[]; server: ScriptedServer }> {
  let count = 0;
  const server = await startScriptedServer((request) => answer(request, (count += 1)));
  servers.push(server);
  const client = createConnectClient({ name: 'main', url: `${server.url}/`, clock: systemClock, deadlineMs });
  const calls = (): string[] => server.requests.map(({ method, path }) => `${method} ${path}`);
  return { client, calls, server };
}

function failure(status: number, message: string): ScriptedAnswer {
  return { status, body: { error_code: status, message } };
}

const connectorInfo = { name: 'c', config: {}, tasks: [], type: 'sink' };
const status = (state: string): ScriptedAnswer => ({
  status: 200,
  body: { name: 'c', connector: { state, worker_id: 'w' }, tasks: [], type: 'sink' },
});

describe('reading', () => {
  test.each([
    ['409 in a rebalance', failure(409, 'Cannot complete request because of a conflicting operation')],
    ['503', failure(503, 'starting')],
    ['500 in a rebalance', failure(500, 'Request cannot be completed because a rebalance is expected')],
    ['500 after a time-out', failure(500, 'Request timed out. The worker is currently x')],
    ['a cut connection', null],
  ])('is repeated after %s', async (_what, first) => {
    const { client, calls } = await setup((_request, nth) =>
      nth === 1 ? first : { status: 200, body: { a: '1' } },
    );
    expect(await client.readConfig('c')).toEqual({ a: '1' });
    expect(calls()).toEqual(['GET /connectors/c/config', 'GET /connectors/c/config']);
  });

  test('of what is not there gives null', async () => {
    const { client } = await setup(() => failure(404, 'Connector c not found'));
    expect(await client.readConfig('c')).toBeNull();
    expect(await client.readStatus('c')).toBeNull();
  });

  test('escapes the name', async () => {
    const { client, calls } = await setup(() => failure(404, ''));
    await client.readConfig('a b/ü');
    expect(calls()).toEqual(['GET /connectors/a%20b%2F%C3%BC/config']);
  });

  test('gives states and traces of connector and tasks', async () => {
    const { client } = await setup(() => ({
      status: 200,
      body: {
        name: 'c',
        connector: { state: 'RUNNING', worker_id: 'w', version: '1' },
        tasks: [{ id: 0, state: 'FAILED', worker_id: 'w', trace: 'boom' }],
        type: 'sink',
      },
    }));
    expect(await client.readStatus('c')).toEqual({
      state: 'RUNNING',
      trace: null,
      tasks: [{ id: 0, state: 'FAILED', trace: 'boom' }],
      error: null,
    });
  });

  test('gives the error of a failed task in parts where the worker is ours', async () => {
    const error = { ...shapeOf('TARGET_FAILED', 'Deadlock found'), retriable: true };
    const { client } = await setup(() => ({
      status: 200,
      body: { connector: { state: 'RUNNING' }, tasks: [{ id: 0, state: 'FAILED', trace: 'boom' }] },
      headers: { [ERROR_HEADER]: packErrorHeader(error) },
    }));
    expect((await client.readStatus('c'))?.error).toEqual(error);
  });

  test('gives the incarnation of our worker, and none of another one', async () => {
    const ours = await setup(() => ({ status: 200, body: {}, headers: { 'X-Syncline-Incarnation': 'w-1' } }));
    expect(await ours.client.readIncarnation()).toBe('w-1');
    const other = await setup(() => ({ status: 200, body: {} }));
    expect(await other.client.readIncarnation()).toBeNull();
  });

  test('of an answer in no known shape is refused', async () => {
    const { client } = await setup(() => ({ status: 200, body: ['no config'] }));
    await expect(client.readConfig('c')).rejects.toMatchObject({ code: 'CONNECT_REJECTED' });
  });

  test('ends at the deadline when nobody answers', async () => {
    const { client, server } = await setup(() => 'never', 300);
    await expect(client.readConfig('c')).rejects.toMatchObject({
      code: 'CONNECT_UNREACHABLE',
      retriable: true,
    });
    expect(server.requests).toHaveLength(1);
  });

  test('of a cluster that is not there names its URL, without its password', async () => {
    const { server } = await setup(() => null);
    const { port } = new URL(server.url);
    await server.close();
    const url = `http://user:geheim@127.0.0.1:${port}`;
    const client = createConnectClient({ name: 'main', url, clock: systemClock, deadlineMs: 2_000 });
    const error: unknown = await client.readConfig('c').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'CONNECT_UNREACHABLE' });
    expect(String(error)).toContain(`http://127.0.0.1:${port}`);
    expect(String(error)).toContain('ECONNREFUSED');
    expect(String(error)).not.toContain('geheim');
  });

  test('follows no redirect', async () => {
    const { client, calls } = await setup(() => ({ status: 302, headers: { location: '/elsewhere' } }));
    await expect(client.readConfig('c')).rejects.toMatchObject({ code: 'CONNECT_REJECTED' });
    expect(calls()).toHaveLength(1);
  });

  test('sends the credentials of the URL as a header', async () => {
    const { server } = await setup(() => ({ status: 200, body: {} }));
    const url = server.url.replace('http://', 'http://me:p%40ss@');
    await createConnectClient({ name: 'main', url, clock: systemClock, deadlineMs: 2_000 }).ping();
    const basic = `Basic ${Buffer.from('me:p@ss').toString('base64')}`;
    expect(server.requests[0]?.headers.authorization).toBe(basic);
  });
});

describe('configuring a connector', () => {
  test('that is not there creates it stopped', async () => {
    const { client, calls, server } = await setup(({ method }) =>
      method === 'GET' ? failure(404, 'Connector c not found') : { status: 201, body: connectorInfo },
    );
    await client.putConfig('c', { 'connector.class': 'X' });
    expect(calls()).toEqual(['GET /connectors/c/config', 'POST /connectors']);
    expect(JSON.parse(server.requests[1]?.body ?? '')).toEqual({
      name: 'c',
      config: { 'connector.class': 'X', name: 'c' },
      initial_state: 'STOPPED',
    });
  });

  test('that is there replaces its configuration', async () => {
    const { client, calls } = await setup(({ method }) => ({
      status: 200,
      body: method === 'GET' ? { name: 'c', old: '1' } : connectorInfo,
    }));
    await client.putConfig('c', { new: '1' });
    expect(calls()).toEqual(['GET /connectors/c/config', 'PUT /connectors/c/config']);
  });

  test('that holds a newer run is refused at once, as a run that is superseded', async () => {
    const message = 'Connector c holds epoch 7 of job j; the configuration of epoch 6 is over';
    const { client, calls } = await setup(({ method }) =>
      method === 'GET' ? { status: 200, body: { name: 'c', newer: '1' } } : failure(409, message),
    );
    await expect(client.putConfig('c', { older: '1' })).rejects.toMatchObject({
      code: 'FENCED',
      message: expect.stringContaining(message) as unknown,
    });
    expect(calls().filter((call) => call.startsWith('PUT'))).toHaveLength(1);
  });

  test('that somebody else creates meanwhile replaces its configuration', async () => {
    let exists = false;
    const { client, calls } = await setup(({ method }) => {
      if (method === 'POST') {
        exists = true;
        return failure(409, 'Connector c already exists');
      }
      if (method === 'PUT') return { status: 200, body: connectorInfo };
      return exists
        ? { status: 200, body: { name: 'c', other: '1' } }
        : failure(404, 'Connector c not found');
    });
    await client.putConfig('c', { mine: '1' });
    expect(calls().at(-1)).toBe('PUT /connectors/c/config');
  });

  test('whose answer timed out is found done, and not sent again', async () => {
    let stored: unknown = { name: 'c', old: '1' };
    const { client, calls } = await setup(({ method, body }) => {
      if (method === 'GET') return { status: 200, body: stored };
      stored = { ...(JSON.parse(body) as object), secret: '***' };
      return failure(500, 'Request timed out');
    });
    await client.putConfig('c', { new: '1', secret: 'geheim' });
    expect(calls().filter((call) => call.startsWith('PUT'))).toHaveLength(1);
  });

  test('whose answer timed out is found not done, and sent again', async () => {
    const { client, calls } = await setup(({ method }, nth) => {
      if (method === 'GET') return { status: 200, body: { name: 'c', old: '1' } };
      return nth < 4 ? failure(500, 'Request timed out') : { status: 200, body: connectorInfo };
    });
    await client.putConfig('c', { new: '1' });
    expect(calls().filter((call) => call.startsWith('PUT'))).toHaveLength(2);
  });

  test('that is refused says why, at once', async () => {
    const { client, calls } = await setup(({ method }) =>
      method === 'GET' ? { status: 200, body: {} } : failure(400, 'Connector configuration is invalid'),
    );
    await expect(client.putConfig('c', {})).rejects.toMatchObject({
      code: 'CONNECT_REJECTED',
      retriable: false,
      message: expect.stringContaining('400: Connector configuration is invalid') as unknown,
    });
    expect(calls()).toHaveLength(2);
  });

  test("on a worker of ours that can not keep it says the worker's own reason", async () => {
    const error = shapeOf('DISK_FULL', 'keeping connector c: the disk of /data/connectors is full');
    const { client } = await setup(({ method }) =>
      method === 'GET'
        ? { status: 200, body: {} }
        : { ...failure(500, error.message), headers: { [ERROR_HEADER]: packErrorHeader(error) } },
    );
    await expect(client.putConfig('c', {})).rejects.toMatchObject({
      code: 'DISK_FULL',
      retriable: true,
      message: expect.stringMatching(
        /PUT \/connectors\/c\/config: keeping connector c: the disk of/,
      ) as unknown,
    });
  });

  test('on a cluster that stays busy ends at the deadline, to be tried later', async () => {
    const { client } = await setup(() => failure(409, 'conflicting operation'), 600);
    await expect(client.putConfig('c', {})).rejects.toMatchObject({
      code: 'CONNECT_REJECTED',
      retriable: true,
    });
  });
});

describe('stopping, resuming, removing', () => {
  test('of a connector found stopped already is not asked for again after a conflict', async () => {
    const { client, calls } = await setup(({ method }) =>
      method === 'PUT' ? failure(409, 'no known leader URL') : status('STOPPED'),
    );
    await client.stop('c');
    expect(calls()).toEqual(['PUT /connectors/c/stop', 'GET /connectors/c/status']);
  });

  test('of one that is not there is no fault, but it can not be resumed', async () => {
    const { client } = await setup(() => failure(404, 'Unknown connector c'));
    await client.stop('c');
    await client.remove('c');
    await expect(client.resume('c')).rejects.toMatchObject({ code: 'CONNECTOR_GONE' });
  });

  test('a resume with unknown outcome is looked after', async () => {
    const { client, calls } = await setup(({ method }) => (method === 'PUT' ? null : status('RUNNING')));
    await client.resume('c');
    expect(calls()).toEqual(['PUT /connectors/c/resume', 'GET /connectors/c/status']);
  });
});

test('validation gives the keys with errors', async () => {
  const entry = (name: string, errors: string[]): object => ({
    definition: null,
    value: { name, value: null, errors },
  });
  const { client, server } = await setup(() => ({
    status: 200,
    body: {
      name: 'X',
      error_count: 1,
      groups: [],
      configs: [entry('topics', ['missing']), entry('file', [])],
    },
  }));
  expect(await client.validate('X', { file: 'f' })).toMatchObject([{ key: 'topics', errors: ['missing'] }]);
  expect(JSON.parse(server.requests[0]?.body ?? '')).toEqual({ file: 'f', 'connector.class': 'X' });
});
