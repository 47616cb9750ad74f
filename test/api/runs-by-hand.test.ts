import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { jobBody, setupApi } from './setup-api.ts';
import type { ApiBed } from './setup-api.ts';

describe('runs by hand over the admin API', () => {
  let bed: ApiBed;
  beforeEach(async () => {
    bed = await setupApi();
  });
  afterEach(() => bed.close());

  const create = async (): Promise<string> => {
    const { status, body } = await bed.ask({ method: 'POST', url: '/api/v1/jobs', payload: jobBody() });
    expect(status, JSON.stringify(body)).toBe(201);
    return body.id ?? '';
  };

  it('make one run of fifty triggers with one idempotency key', async () => {
    const id = await create();
    const trigger = (): ReturnType<ApiBed['ask']> =>
      bed.ask({ method: 'POST', url: `/api/v1/jobs/${id}/runs`, headers: { 'idempotency-key': 'k1' } });
    const answers = await Promise.all(Array.from({ length: 50 }, trigger));
    expect(new Set(answers.map((answer) => answer.body.id)).size).toBe(1);
    expect(answers.filter((answer) => answer.status === 202)).toHaveLength(1);
  });

  it('take one idempotency key for one request only', async () => {
    const id = await create();
    const trigger = (payload: object | undefined): ReturnType<ApiBed['ask']> =>
      bed.ask({
        method: 'POST',
        url: `/api/v1/jobs/${id}/runs`,
        headers: { 'idempotency-key': 'k1' },
        ...(payload === undefined ? {} : { payload }),
      });
    expect((await trigger({ mode: 'full' })).status).toBe(202);
    expect((await trigger({ mode: 'full' })).status).toBe(200);
    expect(await trigger(undefined)).toMatchObject({ status: 409, body: { field: 'Idempotency-Key' } });
    expect(await trigger({ mode: 'incremental' })).toMatchObject({ status: 409 });
  });

  it('choose an executor and a Connect cluster, of those that there are; one key stands for one choice', async () => {
    await bed.store.executors.sayHere('node-1');
    const id = await create();
    const trigger = (payload: object, headers = {}): ReturnType<ApiBed['ask']> =>
      bed.ask({ method: 'POST', url: `/api/v1/jobs/${id}/runs`, payload, headers });
    expect(await trigger({ executor: 'node-2' })).toMatchObject({
      status: 400,
      body: { field: 'executor', detail: expect.stringContaining('the most like it is "node-1"') as string },
    });
    expect(await trigger({ cluster: 'stokc' })).toMatchObject({
      status: 400,
      body: { field: 'cluster', detail: expect.stringContaining('the most like it is "stock"') as string },
    });
    expect(await trigger({ cluster: 'stock' })).toMatchObject({
      status: 400,
      body: { field: 'cluster', detail: expect.stringContaining('SYNCLINE_KAFKA') as string },
    });
    const key = { 'idempotency-key': 'k1' };
    const chosen = await trigger({ executor: 'node-1', cluster: 'default' }, key);
    expect(chosen).toMatchObject({
      status: 202,
      body: { executor: 'node-1', cluster: null, waitsFor: { kind: 'executor', name: 'node-1' } },
    });
    expect(chosen.body['waitsFor']).toMatchObject({
      text: { en: 'waits for executor node-1, which was chosen for it', zh: '等待为其指定的执行器“node-1”' },
    });
    expect((await trigger({ executor: 'node-1' }, key)).status).toBe(200);
    expect(await trigger({}, key)).toMatchObject({ status: 409, body: { field: 'Idempotency-Key' } });
    const { body } = await bed.ask({ method: 'GET', url: '/api/v1/executors' });
    expect(body['executors']).toMatchObject([{ name: 'node-1', here: true }]);
  });

  it('let twenty runs wait, and refuse one more in words', async () => {
    const id = await create();
    const trigger = (): ReturnType<ApiBed['ask']> =>
      bed.ask({ method: 'POST', url: `/api/v1/jobs/${id}/runs` });
    const answers = await Promise.all(Array.from({ length: 25 }, trigger));
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(20);
    expect(answers.find(({ status }) => status === 409)?.body['detail']).toContain('20 runs that wait');
  });

  it('are tried again as a new attempt of the newest version, once', async () => {
    const id = await create();
    const { body } = await bed.ask({ method: 'POST', url: `/api/v1/jobs/${id}/runs` });
    const retry = (payload: object = {}): ReturnType<ApiBed['ask']> =>
      bed.ask({ method: 'POST', url: `/api/v1/runs/${body.id ?? ''}/retry`, payload });
    expect(await retry()).toMatchObject({ status: 409 });
    await bed.ask({ method: 'POST', url: `/api/v1/runs/${body.id ?? ''}/cancel` });
    await bed.ask({
      method: 'PUT',
      url: `/api/v1/jobs/${id}`,
      payload: jobBody({ description: 'mended' }),
      headers: { 'if-match': '"1"' },
    });
    const first = await retry();
    expect(first).toMatchObject({
      status: 202,
      body: { attempt: 2, jobVersion: 2, plannedAt: body['plannedAt'] },
    });
    expect(await retry()).toMatchObject({
      status: 409,
      body: { detail: expect.stringMatching(/attempt 2 of the same instant, is already queued/) as string },
    });
    await bed.ask({ method: 'POST', url: `/api/v1/runs/${first.body.id ?? ''}/cancel` });
    expect(await retry({ version: 'same', mode: 'full' })).toMatchObject({
      status: 202,
      body: { attempt: 3, jobVersion: 1, mode: 'full' },
    });
  });
});
