// Calendars over the API: made, changed by version, named by jobs, shown by previews, kept while they are used.
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ApiBed } from './setup-api.ts';
import { jobBody, setupApi } from './setup-api.ts';

let bed: ApiBed;
beforeEach(async () => {
  bed = await setupApi();
});
afterEach(() => bed.close());

const working = {
  name: 'cn-工作日',
  weekdays: ['MON', 'TUE', 'WED', 'THU', 'FRI'],
  exclude: [{ from: '2027-02-05', to: '2027-02-11', name: '春节' }],
  include: [{ from: '2027-02-13' }],
};
const path = `/api/v1/calendars/${encodeURIComponent(working.name)}`;
const post = (url: string, payload: Record<string, unknown>) =>
  bed.ask({ method: 'POST', url: `/api/v1/${url}`, payload });
const at = (version: number) => ({ 'if-match': `"${version}"` });
const schedule = { cron: '0 0 2 * * ?', timeZone: 'Asia/Shanghai', calendars: [working.name] };

it('are made, read with their version, changed by it and deleted, each with an audit row', async () => {
  const created = await post('calendars', working);
  expect(created).toMatchObject({
    status: 201,
    body: { ...working, description: '', version: 1, usedBy: [] },
    headers: { etag: '"1"', location: path },
  });
  expect((await post('calendars', working)).body).toMatchObject({ code: 'CONFLICT', field: 'name' });
  const changed = { ...working, exclude: [] };
  const put = (payload: Record<string, unknown>, version: number) =>
    bed.ask({ method: 'PUT', url: path, payload, headers: at(version) });
  expect(await put(changed, 1)).toMatchObject({ status: 200, body: { version: 2, exclude: [] } });
  expect(await put(changed, 1)).toMatchObject({ status: 409, body: { field: 'version' } });
  expect(await put({ ...changed, name: 'other' }, 2)).toMatchObject({ status: 400, body: { field: 'name' } });
  expect((await bed.ask({ method: 'GET', url: '/api/v1/calendars' })).body).toMatchObject({
    calendars: [{ name: working.name, version: 2 }],
  });
  expect((await bed.ask({ method: 'DELETE', url: path, headers: at(2) })).status).toBe(204);
  expect((await bed.ask({ method: 'GET', url: path })).status).toBe(404);
  const audit = await bed.store.jobs.listAudit({ limit: 3, before: null });
  expect(audit.map(({ action }) => action)).toEqual([
    'calendar.delete',
    'calendar.update',
    'calendar.create',
  ]);
});

it('with days that are none are refused, all of them at once, with what is right', async () => {
  const { status, body } = await post('calendars', {
    name: 'a',
    weekdays: [],
    exclude: [{ from: '2027-02-30' }, { from: '2027-03-02', to: '2027-03-01' }],
  });
  expect(status).toBe(400);
  expect(body).toMatchObject({ field: 'exclude.0.from' });
  expect(body['detail']).toContain('"2027-02-30" is no day; right is for example 2027-02-05');
  expect(body['detail']).toContain('exclude.1.to: 2027-03-01 is before from, 2027-03-02');
  expect(body['detail']).toContain('weekdays: no weekday and no day of include');
});

it('are named by jobs, and kept while they are', async () => {
  await post('calendars', working);
  const { status, body } = await post('jobs', jobBody({ schedule }));
  expect(status, JSON.stringify(body)).toBe(201);
  expect((await bed.ask({ method: 'GET', url: path })).body['usedBy']).toEqual([
    { id: body.id, name: 'orders 每天' },
  ]);
  const refused = await bed.ask({ method: 'DELETE', url: path, headers: at(1) });
  expect(refused).toMatchObject({ status: 409, body: { code: 'CONFLICT' } });
  expect(refused.body['detail']).toContain('it is used by orders 每天');
  const wrong = await post(
    'jobs',
    jobBody({ name: 'b', schedule: { ...schedule, calendars: ['cn-工作曰'] } }),
  );
  expect(wrong).toMatchObject({ status: 400, body: { field: 'schedule.calendars.0' } });
  expect(wrong.body['detail']).toContain(`the most like it is "${working.name}"`);
});

it('that leave no fire are refused with the job, and shown by the preview', async () => {
  await post('calendars', working);
  const sundays = { ...schedule, cron: '0 0 2 ? * SUN' };
  const refused = await post('jobs', jobBody({ schedule: sundays }));
  expect(refused).toMatchObject({ status: 400, body: { field: 'schedule.calendars' } });
  expect(refused.body['detail']).toContain('none of the days on which it would fire is open');
  const shown = (await post('schedules/preview', { ...schedule, cron: '0 0 2 * 2 ? 2027', count: 8 })).body;
  const fires = (shown['fires'] as { local: string }[]).map(({ local }) => local.slice(0, 10));
  expect(fires).toEqual([
    '2027-02-01',
    '2027-02-02',
    '2027-02-03',
    '2027-02-04',
    '2027-02-12',
    '2027-02-13',
    '2027-02-15',
    '2027-02-16',
  ]);
  expect(shown['closed']).toContainEqual({ date: '2027-02-05', calendar: working.name, name: '春节' });
  expect(shown['closed']).toContainEqual({ date: '2027-02-14', calendar: working.name, name: null });
  const unknown = await post('schedules/preview', { ...schedule, calendars: ['none'] });
  expect(unknown).toMatchObject({ status: 400, body: { field: 'calendars.0' } });
});
