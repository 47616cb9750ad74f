// The webhook hears of failures and of the recovery, and never keeps a run from ending.
import { expect, test } from 'vitest';
import type { Bundle, SetupOptions } from './setup-executor.ts';
import { JOB, setupExecutor, T0 } from './setup-executor.ts';

const URL = 'https://hooks.test/secret-token-of-the-hook';

function setup(options: SetupOptions = {}): Promise<Bundle> {
  return setupExecutor({ ...options, spec: { ...options.spec, webhook: URL } });
}

async function failRun(bundle: Bundle): Promise<string> {
  const run = await bundle.goingRun({ plannedAt: bundle.clock.now() });
  await bundle.sayError(run, 'sink', 'ROW_INVALID', 'row 7 is no number');
  await bundle.clock.advance(1_000);
  return run.id;
}

async function succeedRun(bundle: Bundle): Promise<string> {
  const run = await bundle.goingRun({ plannedAt: bundle.clock.now() });
  await bundle.complete(String(bundle.clock.now() - 2_000));
  await bundle.say(run, 'sink', 'end');
  await bundle.clock.advance(1_000);
  return run.id;
}

function postsOf(bundle: Bundle): unknown[] {
  return bundle.posts.map(({ body }) => JSON.parse(body) as unknown);
}

test('a failure is posted with job, run, state, reason and the link to the report', async () => {
  const bundle = await setup();
  const id = await failRun(bundle);
  expect(bundle.posts.map(({ url }) => url)).toEqual([URL]);
  expect(postsOf(bundle)).toEqual([
    {
      event: 'run.failed',
      job: { id: JOB, name: 'orders' },
      run: { id, attempt: 1, plannedAt: new Date(T0).toISOString() },
      state: 'failed',
      reason: { code: 'ROW_INVALID', message: 'row 7 is no number' },
      report: `http://syncline.test/runs/${id}`,
    },
  ]);
});

test('the first success after a failure is posted as recovery, the next one is not', async () => {
  const bundle = await setup();
  await succeedRun(bundle);
  await failRun(bundle);
  const recovered = await succeedRun(bundle);
  await succeedRun(bundle);
  const posts = postsOf(bundle);
  expect(posts).toHaveLength(2);
  expect(posts[1]).toMatchObject({
    event: 'run.recovered',
    run: { id: recovered },
    state: 'succeeded',
    reason: null,
  });
});

test('a cancelled run is no alarm, and does not hide that the job recovered', async () => {
  const bundle = await setup();
  await failRun(bundle);
  const cancelled = await bundle.goingRun({ plannedAt: bundle.clock.now() });
  await bundle.runs.requestCancel(cancelled.id);
  await bundle.clock.advance(4_000);
  await succeedRun(bundle);
  expect(postsOf(bundle)).toMatchObject([{ event: 'run.failed' }, { event: 'run.recovered' }]);
});

test('an endpoint that answers badly is tried three times, then given up without its URL in the event', async () => {
  const answers = [429, 302, 503];
  let posts = 0;
  const postWebhook = (): Promise<number> => Promise.resolve(answers[posts++] ?? 200);
  const bundle = await setup({ parts: { postWebhook } });
  const id = await failRun(bundle);
  expect((await bundle.read(id)).state).toBe('failed');
  await bundle.clock.advance(10_000);
  expect(posts).toBe(3);
  const failures = bundle.events.filter(({ type }) => type === 'webhook.failed');
  expect(failures).toEqual([
    { type: 'webhook.failed', jobId: JOB, runId: id, error: 'the webhook answered 503' },
  ]);
});

test('an endpoint that never answers delays no run', async () => {
  const bundle = await setup({ parts: { postWebhook: () => new Promise(() => undefined) } });
  const first = await failRun(bundle);
  const second = await failRun(bundle);
  expect((await bundle.read(first)).state).toBe('failed');
  expect((await bundle.read(second)).state).toBe('failed');
});

test('an error text that holds the URL is masked', async () => {
  const postWebhook = (): Promise<number> => Promise.reject(new Error(`connect to ${URL} refused`));
  const bundle = await setup({ parts: { postWebhook } });
  await failRun(bundle);
  await bundle.clock.advance(10_000);
  expect(bundle.events.filter(({ type }) => type === 'webhook.failed')).toMatchObject([
    { error: 'connect to *** refused' },
  ]);
});
