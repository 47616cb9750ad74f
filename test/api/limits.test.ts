// Limits over the API: set, listed with what takes them up, removed; a run over one says what it waits for.
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Answer, ApiBed } from './setup-api.ts';
import { jobBody, setupApi } from './setup-api.ts';

let bed: ApiBed;
beforeEach(async () => {
  bed = await setupApi();
});
afterEach(() => bed.close());

const put = (payload: Record<string, unknown>) => bed.ask({ method: 'PUT', url: '/api/v1/limits', payload });
const get = async (url: string): Promise<Answer> =>
  (await bed.ask({ method: 'GET', url: `/api/v1/${url}` })).body;
const create = async (name: string): Promise<string> => {
  const source = { connector: 'test.FakeSource', config: { table: name } };
  const payload = jobBody({ name, source, labels: ['night'], schedule: null });
  const { status, body } = await bed.ask({ method: 'POST', url: '/api/v1/jobs', payload });
  expect(status, JSON.stringify(body)).toBe(201);
  return body.id ?? '';
};
const trigger = async (id: string): Promise<Answer> =>
  (await bed.ask({ method: 'POST', url: `/api/v1/jobs/${id}/runs` })).body;

it('are set on what jobs take up, listed with what goes, and removed, each with an audit row', async () => {
  const id = await create('a');
  const places = (await get(`jobs/${id}`))['places'];
  expect(places).toEqual([
    { kind: 'source', name: 'test.FakeSource' },
    { kind: 'target', name: 'FakeSink' },
    { kind: 'label', name: 'night' },
  ]);
  const limit = { kind: 'label', name: 'night', max: 2 };
  expect(await put(limit)).toMatchObject({ status: 200, body: { ...limit, notes: [] } });
  expect((await get('limits'))['limits']).toEqual([{ ...limit, going: 0 }]);
  expect((await get('limits'))['places']).toEqual(expect.arrayContaining(places as unknown[]) as unknown);
  const remove = () => bed.ask({ method: 'DELETE', url: '/api/v1/limits?kind=label&name=night' });
  expect((await remove()).status).toBe(204);
  expect(await remove()).toMatchObject({ status: 404, body: { code: 'NOT_FOUND', field: 'name' } });
  const entries = (await get('audit'))['entries'] as { action: string; object: string }[];
  expect(entries.slice(0, 2).map(({ action, object }) => [action, object])).toEqual([
    ['limit.remove', 'label night'],
    ['limit.set', 'label night'],
  ]);
});

it('of a name that no job has are taken with a note that names the nearest', async () => {
  await create('a');
  const { status, body } = await put({ kind: 'label', name: 'nihgt', max: 1 });
  expect(status).toBe(200);
  expect(body['notes']).toEqual([
    {
      en: 'No job has "nihgt" as its label now; the most like it is "night".',
      zh: '目前没有作业使用 "nihgt"；最相近的是 "night"。',
    },
  ]);
});

it('of what can not be a limit are refused by name', async () => {
  expect(await put({ kind: 'job', name: 'a', max: 1 })).toMatchObject({
    status: 400,
    body: { field: 'kind' },
  });
  expect(await put({ kind: 'label', name: 'a', max: -1 })).toMatchObject({
    status: 400,
    body: { field: 'max' },
  });
});

it('let a run over them wait, and say so', async () => {
  const [first, second] = [await trigger(await create('a')), await trigger(await create('b'))];
  expect(second['waitsFor']).toMatchObject({ kind: 'executor' });
  await put({ kind: 'label', name: 'night', max: 1 });
  await bed.store.runs.claim({ id: first.id ?? '', owner: 'a', leaseMs: 60_000 });
  expect(await get(`runs/${first.id}`)).toMatchObject({ state: 'starting', waitsFor: null });
  const waiting = await get(`runs/${second.id}`);
  expect(waiting).toMatchObject({
    state: 'queued',
    reason: null,
    waitsFor: {
      kind: 'limit',
      limit: { kind: 'label', name: 'night', max: 1, going: 1 },
      text: {
        en: 'waits for a place: the label night has 1 run going and a limit of 1',
        zh: '等待名额：标签“night”已有 1 个运行在进行，上限为 1',
      },
    },
  });
  expect((await get('runs?state=queued'))['runs']).toEqual([waiting]);
});
