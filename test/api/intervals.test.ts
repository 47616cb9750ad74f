// The data intervals of a job over the API.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { setupApi, jobBody, type ApiBed } from './setup-api.ts';
import { sampleRun } from '../support/sample-job.ts';

let bed: ApiBed;
beforeEach(async () => {
  bed = await setupApi();
});
afterEach(() => bed.close());

const day = 86_400_000;
const end = Date.parse('2026-01-05T00:00:00Z');
const range = 'from=2026-01-01T00:00:00Z&to=2026-01-05T00:00:00Z';

async function jobWithRuns(): Promise<string> {
  const schedule = { cron: '@daily', timeZone: 'UTC' };
  const created = await bed.ask({ method: 'POST', url: '/api/v1/jobs', payload: jobBody({ schedule }) });
  const id = created.body.id ?? '';
  const interval = { from: end - day, to: end };
  const { run } = await bed.store.runs.create(id, sampleRun(end, { notBefore: end, interval }));
  await bed.store.runs.claim({ id: run.id, owner: 'a', leaseMs: 1_000 });
  const end1 = { id: run.id, owner: 'a', state: 'succeeded', reason: null, report: null } as const;
  await bed.store.runs.finish(end1);
  return id;
}

it('tell which fires were done and late, and which nobody did', async () => {
  const id = await jobWithRuns();
  const { status, body } = await bed.ask({ method: 'GET', url: `/api/v1/jobs/${id}/intervals?${range}` });
  expect(status).toBe(200);
  expect(body['intervals']).toMatchObject([
    {
      from: end - day,
      to: end,
      state: 'done',
      fires: 1,
      attempts: 1,
      reruns: 0,
      late: true,
      run: { state: 'succeeded' },
    },
    { from: end - 4 * day, to: end - day, state: 'missed', fires: 3, late: false, lateMs: null, run: null },
  ]);
});

it('stand with the run and in its report', async () => {
  const id = await jobWithRuns();
  const listed = await bed.ask({ method: 'GET', url: `/api/v1/runs?jobId=${id}` });
  const [run] = listed.body['runs'] as { id: string; interval: object }[];
  expect(run?.interval).toEqual({ from: end - day, to: end });
  const report = await bed.ask({ method: 'GET', url: `/api/v1/runs/${run?.id ?? ''}/report` });
  expect(report.body['interval']).toEqual({ from: end - day, to: end });
});

it('of a job without a schedule are none, and an instant that is none is refused by name', async () => {
  const payload = jobBody({ schedule: null });
  const { id = '' } = (await bed.ask({ method: 'POST', url: '/api/v1/jobs', payload })).body;
  expect((await bed.ask({ method: 'GET', url: `/api/v1/jobs/${id}/intervals` })).body).toEqual({
    intervals: [],
  });
  const wrong = await bed.ask({
    method: 'GET',
    url: `/api/v1/jobs/${id}/intervals?from=2026-13-01T00:00:00Z`,
  });
  expect(wrong).toMatchObject({ status: 400, body: { field: 'from' } });
  expect((await bed.ask({ method: 'GET', url: `/api/v1/jobs/${'0'.repeat(8)}/intervals` })).status).toBe(404);
});
