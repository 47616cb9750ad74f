// Jobs whose sink is one of another Connect cluster: what is known of it is what that cluster says.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { SyncError } from '../../src/core/errors.ts';
import { jobBody, setupApi } from './setup-api.ts';
import type { ApiBed } from './setup-api.ts';

let bed: ApiBed;
beforeEach(async () => {
  bed = await setupApi({ logKind: 'kafka' });
});
afterEach(() => bed.close());

const sink = {
  connector: 'io.foreign.Sink',
  config: { 'its.password': 'pw-of-a-stranger' },
  cluster: 'stock',
};
const post = (change: object = {}, on = bed): ReturnType<ApiBed['ask']> =>
  on.ask({
    method: 'POST',
    url: '/api/v1/jobs',
    payload: jobBody({ webhook: null, mode: 'full', schedule: null, sink, ...change }),
  });

it('a sink of a cluster that is named is saved, its secrets masked by their names', async () => {
  const { status, body } = await post();
  expect(status, JSON.stringify(body)).toBe(201);
  expect(body).toMatchObject({
    notes: [],
    spec: { sink: { ...sink, config: { 'its.password': '***' } } },
  });
  const read = await bed.ask({ method: 'GET', url: `/api/v1/jobs/${body.id ?? ''}` });
  expect(read.body).toMatchObject({ spec: { cluster: 'default', sink: { cluster: 'stock' } } });
  expect(await bed.stored()).not.toContain('pw-of-a-stranger');
});

it('a class that its cluster does not have is refused in the cluster’s words', async () => {
  const message =
    'validating a io.foreign.Sink at http://stock: Failed to find any class that implements Connector';
  bed.stock.validate = () => Promise.reject(new SyncError('CONNECT_REJECTED', { message }));
  expect(await post()).toMatchObject({
    status: 400,
    body: { field: 'sink.connector', detail: expect.stringContaining('Failed to find any class') as string },
  });
});

it('a key that its cluster complains of is named', async () => {
  bed.stock.validate = () =>
    Promise.resolve([{ key: 'file', errors: ['Missing required configuration "file"'], nearest: null }]);
  expect(await post()).toMatchObject({ status: 400, body: { field: 'sink.config.file' } });
});

it('its cluster being away keeps the job from nothing but that word', async () => {
  bed.stock.failure = new SyncError('CONNECT_UNREACHABLE', { message: 'refused' });
  bed.stock.validate = () => Promise.reject(new SyncError('CONNECT_UNREACHABLE', { message: 'refused' }));
  const { status, body } = await post();
  expect(status, JSON.stringify(body)).toBe(201);
  expect(JSON.stringify(body['notes'])).toContain("The Connect cluster 'stock' can't be reached now");
});

it('an unknown cluster is named, with the known ones', async () => {
  expect(await post({ sink: { ...sink, cluster: 'nowhere' } })).toMatchObject({
    status: 400,
    body: { field: 'sink.cluster', detail: expect.stringContaining('default, stock') as string },
  });
});

it('it has no watermark, so that only a full read can be asked for', async () => {
  expect(await post({ mode: 'incremental' })).toMatchObject({
    status: 400,
    body: { field: 'mode', detail: expect.stringContaining('"mode": "full"') as string },
  });
});

it('it is refused where records lie in memory', async () => {
  const memory = await setupApi();
  expect(await post({}, memory)).toMatchObject({
    status: 400,
    body: { field: 'sink.connector', detail: expect.stringContaining('SYNCLINE_KAFKA') as string },
  });
  await memory.close();
});

it('a class that is no sink of ours needs a cluster of its own', async () => {
  expect(await post({ sink: { connector: 'io.foreign.Sink', config: {} } })).toMatchObject({
    status: 400,
    body: { field: 'sink.connector', detail: expect.stringContaining('sink.cluster') as string },
  });
});

it('checking its connections says whose affair they are', async () => {
  const answer = await bed.ask({
    method: 'POST',
    url: '/api/v1/jobs/check',
    payload: jobBody({ webhook: null, mode: 'full', sink }),
  });
  expect(answer).toMatchObject({
    status: 200,
    body: {
      ok: true,
      sides: [
        { side: 'source' },
        { side: 'sink', steps: [{ name: 'class', ok: true }] },
        { side: 'run', steps: [] },
      ],
    },
  });
});
