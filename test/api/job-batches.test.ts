// Groups, labels, pauses with an end, and acts on several jobs, which are held to what their preview showed.
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ApiBed, Answer } from './setup-api.ts';
import { jobBody, setupApi } from './setup-api.ts';

let bed: ApiBed;
beforeEach(async () => {
  bed = await setupApi();
});
afterEach(() => bed.close());

const post = (url: string, payload?: Record<string, unknown>, headers: Record<string, string> = {}) =>
  bed.ask({ method: 'POST', url: `/api/v1/${url}`, ...(payload === undefined ? {} : { payload }), headers });
const create = async (name: string, change: Record<string, unknown> = {}): Promise<string> => {
  const source = { connector: 'test.FakeSource', config: { table: name } };
  const { status, body } = await post('jobs', jobBody({ name, source, ...change }));
  expect(status, JSON.stringify(body)).toBe(201);
  return body.id ?? '';
};
const namesOf = (body: Answer): string[] =>
  (body['jobs'] as { name?: string; spec?: { name: string } }[]).map(
    ({ name, spec }) => name ?? spec?.name ?? '',
  );
const preview = async (act: string, select: Record<string, unknown>): Promise<Answer> => {
  const { status, body } = await post('job-batches/preview', { act, select });
  expect(status, JSON.stringify(body)).toBe(200);
  return body;
};

it('lists jobs by group and by label', async () => {
  await create('a', { group: 'orders', labels: ['team:x', '每天'] });
  await create('b', { group: 'orders' });
  await create('c', { labels: ['team:x'] });
  const list = async (query: string): Promise<string[]> =>
    namesOf((await bed.ask({ method: 'GET', url: `/api/v1/jobs?${query}` })).body);
  expect(await list('group=orders')).toEqual(['b', 'a']);
  expect(await list('label=team:x')).toEqual(['c', 'a']);
  expect(await list(`group=orders&label=${encodeURIComponent('每天')}`)).toEqual(['a']);
  const { status, body } = await post('jobs', jobBody({ name: 'd', labels: ['two words'] }));
  expect(status).toBe(400);
  expect(body['detail']).toContain('labels.0 is "two words"');
});

it('changes the labels of a job with the job', async () => {
  const id = await create('a', { labels: ['old'] });
  const { body } = await bed.ask({ method: 'GET', url: `/api/v1/jobs/${id}` });
  const spec = { ...(body['spec'] as Record<string, unknown>), labels: ['new'], group: 'g' };
  const put = await bed.ask({
    method: 'PUT',
    url: `/api/v1/jobs/${id}`,
    payload: spec,
    headers: { 'if-match': '"1"' },
  });
  expect(put.status, JSON.stringify(put.body)).toBe(200);
  expect(namesOf(await preview('resume', { label: 'new', group: 'g' }))).toEqual(['a']);
  expect((await post('job-batches/preview', { act: 'resume', select: { label: 'old' } })).body).toMatchObject(
    {
      code: 'BAD_INPUT',
      field: 'select',
    },
  );
});

it('pauses with a reason until an instant, and resumes', async () => {
  const id = await create('a');
  const until = new Date(Math.ceil(Date.now() / 1000) * 1000 + 7_200_000);
  const paused = await post(`jobs/${id}/pause`, { until: until.toISOString(), reason: '维护 of the target' });
  expect(paused.body).toMatchObject({
    paused: true,
    pausedUntil: until.getTime(),
    pauseReason: '维护 of the target',
  });
  expect(paused.body['nextFireAt']).toBeGreaterThanOrEqual(until.getTime());
  const audit = await bed.store.jobs.listAudit({ limit: 1, before: null });
  expect(audit[0]?.detail).toBe(`until ${until.toISOString()}: 维护 of the target`);
  expect((await post(`jobs/${id}/pause`)).body).toMatchObject({
    paused: true,
    pausedUntil: null,
    nextFireAt: null,
  });
  const resumed = await post(`jobs/${id}/resume`);
  expect(resumed.body).toMatchObject({ paused: false, pausedUntil: null, pauseReason: null });
  expect(resumed.body['nextFireAt']).toBeLessThan(until.getTime());
  const past = await post(`jobs/${id}/pause`, { until: '2020-01-01T00:00:00Z' });
  expect(past.body).toMatchObject({ code: 'BAD_INPUT', field: 'until' });
  expect(past.body['detail']).toContain('2020-01-01T00:00:00.000Z has passed');
  const vague = await post(`jobs/${id}/pause`, { until: '2027-01-01' });
  expect(vague.body['detail']).toContain('right is for example "2027-01-31T02:00:00+08:00"');
});

it('shows what a batch would hit, and acts on that alone', async () => {
  await create('a', { group: 'g' });
  await create('b', { group: 'g' });
  await create('other');
  const shown = await preview('pause', { group: 'g' });
  expect(shown['jobs']).toMatchObject([
    { name: 'a', changes: true, effect: { en: 'fires no more', zh: '不再触发' } },
    { name: 'b', changes: true },
  ]);
  await create('c', { group: 'g' });
  const act = { act: 'pause', select: { group: 'g' }, reason: 'night' };
  const late = await post('job-batches', { ...act, digest: shown['digest'] });
  expect(late).toMatchObject({ status: 409, body: { field: 'digest' } });
  const { digest } = await preview('pause', { group: 'g' });
  const done = await post('job-batches', { ...act, digest });
  expect(done.body).toMatchObject({ done: 3, jobs: [{ name: 'a', ok: true }, { name: 'b' }, { name: 'c' }] });
  expect((await preview('pause', { group: 'g' }))['jobs']).toMatchObject([
    { changes: false },
    { changes: false },
    { changes: false },
  ]);
  const idle = await post('job-batches', { ...act, act: 'resume', digest });
  expect(idle.body['detail']).toBe('"night" has no effect with the act resume: remove it');
});

it('triggers each once for one key, deletes each, and tells beside each what failed', async () => {
  const ids = [await create('a', { labels: ['x'] }), await create('b', { labels: ['x'] })];
  const select = { label: 'x' };
  const trigger = { act: 'trigger', select, digest: (await preview('trigger', select))['digest'] };
  const once = await post('job-batches', trigger, { 'idempotency-key': 'k' });
  const again = await post('job-batches', trigger, { 'idempotency-key': 'k' });
  expect(once.body['done']).toBe(2);
  expect(again.body).toEqual(once.body);
  const other = await post('job-batches', { ...trigger, mode: 'full' }, { 'idempotency-key': 'k' });
  expect(other.body).toMatchObject({
    done: 0,
    jobs: [{ ok: false, error: { code: 'CONFLICT' } }, { ok: false }],
  });
  const [run] = await bed.store.runs.list({ jobId: ids[0] ?? '', state: null, limit: 9, before: null });
  await bed.store.runs.requestCancel(run?.id ?? '');
  const { digest } = await preview('delete', select);
  const deleted = await post('job-batches', { act: 'delete', select, digest });
  expect(deleted.body).toMatchObject({
    done: 1,
    jobs: [
      { name: 'a', ok: true },
      { name: 'b', ok: false, error: { code: 'CONFLICT' } },
    ],
  });
});
