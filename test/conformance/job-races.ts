// Two acts on one job at once, every pair: whatever comes first, no due instant is without its row, none has two, and no job
// that is not paused stands without a next fire.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decideFire } from '../../scheduler/decide-fire.ts';
import { settleFires } from '../../scheduler/settle-fires.ts';
import type { Job, JobSpec } from '../../src/core/job.ts';
import type { Store } from '../../src/store/open-store.ts';
import { coveredInstants } from '../support/covered-instants.ts';
import { everySecond, firesAt, sampleJob, sampleRun } from '../support/sample-job.ts';

/** `over`: a run of the job that was cancelled, `waiting`: one that waits for its turn. */
type Act = (store: Store, job: Job, n: number, runs: { over: string; waiting: string }) => Promise<unknown>;

const edit =
  (change: Partial<JobSpec>): Act =>
  ({ jobs }, { id, version, spec }) =>
    jobs.update({ id, version, spec: { ...spec, ...change }, settle: settleFires });
const setPaused =
  (paused: boolean): Act =>
  ({ jobs }, { id }) =>
    jobs.setPaused({ id, paused, settle: settleFires });

const acts: Readonly<Record<string, Act>> = {
  fire: async ({ jobs }) => jobs.claimDue(await jobs.databaseNow(), 1_000, decideFire),
  'edit of the description': edit({ description: 'changed' }),
  'edit of the schedule': edit({ schedule: { ...everySecond, cron: '0/2 * * * * ?' } }),
  pause: setPaused(true),
  resume: setPaused(false),
  trigger: ({ runs }, { id }, n) =>
    runs.create(id, sampleRun(7 + n, { trigger: { kind: 'manual', idempotencyKey: `key ${n}` } })),
  retry: ({ runs }, _, __, { over }) => runs.retry({ id: over, version: 'newest', mode: null }),
  cancel: ({ runs }, _, __, { waiting }) => runs.requestCancel(waiting),
  delete: ({ jobs }, { id }) => jobs.remove(id),
};
const names = Object.keys(acts);
const pairs = names.flatMap((a, n) => names.slice(n).map((b) => [a, b] as const));
/** What one of two may rightly be told. */
const expected = new Set(['CONFLICT', 'NOT_FOUND']);

export function testJobRaces(
  name: string,
  { tries, open }: { tries: number; open: () => Promise<Store> },
): void {
  describe(`two acts at once on ${name}`, () => {
    const stores: Store[] = [];
    beforeAll(async () => {
      stores.push(await open(), await open());
    });
    afterAll(async () => {
      for (const store of stores) await store.close();
    });

    it.each(pairs)('%s beside %s', async (first, second) => {
      const [left, right] = stores as [Store, Store];
      for (let n = 0; n < tries; n++) {
        const due = Math.floor((await left.jobs.databaseNow()) / 1000) * 1000 - 3_000;
        const job = await left.jobs.create(sampleJob(`${first}, ${second}, ${n}`), firesAt(due));
        const runs = await prepare(left, job);
        const done = await Promise.allSettled([
          acts[first]?.(left, job, 2 * n, runs),
          acts[second]?.(right, job, 2 * n + 1, runs),
        ]);
        for (const outcome of done)
          if (outcome.status === 'rejected') expect(expected).toContain(codeOf(outcome.reason));
        await checkFires(left, job.id, due);
        await left.jobs.claimDue(await left.jobs.databaseNow(), 1_000, () => ({
          runs: [],
          nextFireAt: null,
          supersede: null,
          replace: null,
        }));
      }
    });
  });
}

async function prepare({ runs }: Store, { id }: Job): Promise<{ over: string; waiting: string }> {
  const make = async (plannedAt: number): Promise<string> =>
    (await runs.create(id, sampleRun(plannedAt, { trigger: { kind: 'manual', idempotencyKey: null } }))).run
      .id;
  const over = await make(1);
  await runs.requestCancel(over);
  return { over, waiting: await make(2) };
}

async function checkFires(store: Store, id: string, due: number): Promise<void> {
  const job = await store.jobs.read(id);
  if (job === null) return;
  expect(job.nextFireAt === null).toBe(job.paused);
  await store.jobs.claimDue(await store.jobs.databaseNow(), 1_000, decideFire);
  const rows = await store.runs.list({ jobId: id, state: null, limit: 100, before: null });
  const planned = coveredInstants(
    rows.filter(({ trigger }) => trigger.kind === 'schedule'),
    1_000,
  );
  expect(new Set(planned).size).toBe(planned.length);
  for (let at = due; at <= due + 3_000; at += 1_000) expect(planned).toContain(at);
  // Two who try again at once make one more attempt.
  const retried = rows.filter(({ trigger }) => trigger.kind === 'retry').map(({ attempt }) => attempt);
  expect(retried).toEqual(retried.length === 0 ? [] : [2]);
  const waiting = rows.find(({ plannedAt }) => plannedAt === 2);
  expect(waiting).toMatchObject(
    waiting?.state === 'cancelled'
      ? { cancelRequested: true, reason: { code: 'CANCELLED' } }
      : { state: 'queued' },
  );
}

function codeOf(error: unknown): string {
  return (error as { code?: string }).code ?? String(error);
}
