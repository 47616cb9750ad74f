// The stores on MariaDB and PostgreSQL: conformance, races between processes' worth of connections, leases by database time.
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { decideFire } from '../../scheduler/decide-fire.ts';
import { createScheduler } from '../../scheduler/scheduler.ts';
import { systemClock, type Clock } from '../../src/core/clock.ts';
import type { Service } from '../../src/core/service.ts';
import { createMemoryQueue } from '../../src/queue/memory-queue.ts';
import { parseDatabaseUrl } from '../../src/store/database-url.ts';
import { dialectOf, openStore, type Store } from '../../src/store/open-store.ts';
import { testCalendars } from '../conformance/calendars.ts';
import { testJobAudit } from '../conformance/job-audit.ts';
import { testJobRaces } from '../conformance/job-races.ts';
import { testJobStore } from '../conformance/job-store.ts';
import { hostsInConfig, testRunLimits } from '../conformance/run-limits.ts';
import { testRunLists } from '../conformance/run-lists.ts';
import { testRunStore } from '../conformance/run-store.ts';
import {
  createMariadbDatabase,
  createPostgresqlDatabase,
  type OwnDatabase,
} from '../support/own-database.ts';
import { everySecond, firesAt, nextFire, sampleJob, sampleRun } from '../support/sample-job.ts';
import type { TestStack } from '../support/stack-setup.ts';
import { waitUntil } from '../support/wait-until.ts';

const stack = inject('stack');
const secretKey = Buffer.alloc(32, 3);
const servers = [
  ['MariaDB', createMariadbDatabase],
  ['PostgreSQL', createPostgresqlDatabase],
] as const;

describe.skipIf(stack === null).each(servers)('%s', (name, createDatabase) => {
  const databases: OwnDatabase[] = [];
  const stores: Store[] = [];
  const newDatabase = async (): Promise<OwnDatabase> => {
    const database = await createDatabase(stack as TestStack);
    databases.push(database);
    return database;
  };
  const open = async (database: OwnDatabase, clock: Clock = systemClock): Promise<Store> => {
    const store = await openStore({ url: database.url, secretKey, clock });
    stores.push(store);
    return store;
  };
  afterAll(async () => {
    for (const store of stores) await store.close();
    for (const database of databases) await database.drop();
  });

  testJobStore(name, async () => {
    const database = await newDatabase();
    const damage = (id: string): Promise<void> =>
      database.execute(`UPDATE control_job SET spec = '{"spec":' WHERE id = '${id}'`);
    return { store: await open(database), damage };
  });
  testJobAudit(name, async () => open(await newDatabase()));
  testRunLists(name, async () => {
    const database = await newDatabase();
    return { store: await open(database), dialect: dialectOf(parseDatabaseUrl(database.url)) };
  });
  testRunStore(name, async () => open(await newDatabase()));
  testRunLimits(name, async () => {
    const { url } = await newDatabase();
    const options = { url, secretKey, clock: systemClock, hostsOf: hostsInConfig };
    return [await openStore(options), await openStore(options)];
  });
  testCalendars(name, async () => {
    const { url } = await newDatabase();
    const options = { url, secretKey, clock: systemClock };
    return [await openStore(options), await openStore(options)];
  });
  let shared: Promise<OwnDatabase> | null = null;
  testJobRaces(name, { tries: 10, open: async () => open(await (shared ??= newDatabase())) });

  it('comes up when four processes open an empty database at once', async () => {
    const database = await newDatabase();
    const opened = await Promise.all(Array.from({ length: 4 }, () => open(database)));
    await Promise.all(opened.map((store, n) => store.jobs.create(sampleJob(`job ${n}`), firesAt(null))));
    expect((await opened[0]?.jobs.list({ limit: 10, before: null }))?.jobs).toHaveLength(4);
  });

  it('holds no secret anywhere', async () => {
    const database = await newDatabase();
    const store = await open(database);
    const spec = sampleJob('secretive', {
      sink: { connector: 'Sink', config: { 'db.password': 'hush-1', note: 'plain text' } },
      webhook: 'https://hooks.test/hush-2',
    });
    const job = await store.jobs.create(spec, firesAt(1));
    await store.jobs.update({ id: job.id, version: 1, spec, settle: nextFire(1) });
    await store.jobs.claimDue(5, 5, () => ({
      runs: [sampleRun(1)],
      nextFireAt: null,
      supersede: null,
      replace: null,
    }));
    expect((await store.jobs.read(job.id))?.spec).toEqual(spec);
    const dump = await database.dump();
    expect(dump).toContain('orders to the warehouse');
    expect(dump).not.toContain('hush');
  });

  it('refuses a wrong password without repeating it', async () => {
    const url = new URL((await newDatabase()).url);
    url.password = 'not-the-password';
    const opening = openStore({ url: url.href, secretKey, clock: systemClock });
    await expect(opening).rejects.toMatchObject({
      code: 'DATABASE_UNREACHABLE',
      message: expect.stringMatching(new RegExp(`${url.host}(?!.*not-the-password)`)) as string,
    });
  });

  it('decides leases by its own time, whatever the clock of a process says', async () => {
    const database = await newDatabase();
    const right = await open(database);
    const hourAhead: Clock = { ...systemClock, now: () => Date.now() + 3_600_000 };
    const skewed = await open(database, hourAhead);
    const job = await right.jobs.create(sampleJob('skewed'), firesAt(null));
    const { run } = await right.runs.create(job.id, sampleRun(1));
    await skewed.runs.claim({ id: run.id, owner: 'skewed', leaseMs: 60_000 });
    expect(await skewed.runs.listExpired(10)).toEqual([]);
    expect(await skewed.runs.takeOver({ id: run.id, owner: 'thief', leaseMs: 1 })).toBeNull();
    expect(Math.abs((await skewed.jobs.databaseNow()) - (await right.jobs.databaseNow()))).toBeLessThan(
      5_000,
    );
    await skewed.runs.renew({ id: run.id, owner: 'skewed', leaseMs: 1 });
    await waitUntil('the lease runs out', async () => (await right.runs.listExpired(10)).length === 1);
  });

  describe('with three schedulers', () => {
    let database: OwnDatabase;
    const jobCount = 50;
    beforeAll(async () => {
      database = await newDatabase();
    });

    it('makes exactly one row for each job and instant, and fires none early', async () => {
      const admin = await open(database);
      const start = Math.ceil((await admin.jobs.databaseNow()) / 1000) * 1000 + 1000;
      const schedule = { ...everySecond, overlap: 'queue' as const, queueLimit: 1_000 };
      for (let n = 0; n < jobCount; n++)
        await admin.jobs.create(sampleJob(`job ${n}`, { schedule }), firesAt(start));
      const early: number[] = [];
      const schedulers: Service[] = [];
      for (const skewMs of [0, 0, 3_600_000]) {
        const clock: Clock = { ...systemClock, now: () => Date.now() + skewMs };
        const store = await open(database, clock);
        const { jobs } = store;
        const watched = {
          ...jobs,
          claimDue: async (...args: Parameters<typeof jobs.claimDue>) => {
            const claimed = await jobs.claimDue(...args);
            const now = await jobs.databaseNow();
            for (const run of claimed.runs) if (run.plannedAt > now) early.push(run.plannedAt);
            return claimed;
          },
        };
        schedulers.push(
          createScheduler({ jobs: watched, queue: createMemoryQueue(), clock, emit: () => undefined }),
        );
      }
      for (const scheduler of schedulers) await scheduler.start();
      const seconds = 6;
      await waitUntil(
        'six seconds pass',
        async () => (await admin.jobs.databaseNow()) > start + seconds * 1000 + 900,
        30_000,
      );
      for (const scheduler of schedulers) await scheduler.stop();
      const rows = await admin.runs.list({ jobId: null, state: null, limit: 10_000, before: null });
      const perJob = new Map<string, number[]>();
      for (const { jobId, plannedAt } of rows) perJob.set(jobId, [...(perJob.get(jobId) ?? []), plannedAt]);
      expect(perJob.size).toBe(jobCount);
      for (const instants of perJob.values()) {
        const sorted = instants.sort((a, b) => a - b);
        const newest = sorted.at(-1) ?? 0;
        expect(newest).toBeGreaterThanOrEqual(start + (seconds - 1) * 1000);
        expect(sorted).toEqual(
          Array.from({ length: (newest - start) / 1000 + 1 }, (_, n) => start + n * 1000),
        );
      }
      expect(early).toEqual([]);
    });

    it('makes one row for an instant even when the next fire was moved back', async () => {
      const store = await open(await newDatabase());
      const now = 1_800_000_000_000;
      const job = await store.jobs.create(sampleJob('moved back'), firesAt(now));
      const claim = () => store.jobs.claimDue(now, 10, decideFire);
      expect((await claim()).runs).toHaveLength(1);
      await store.jobs.setPaused({ id: job.id, paused: false, settle: nextFire(now) });
      expect((await claim()).runs).toEqual([]);
      expect(await store.runs.list({ jobId: job.id, state: null, limit: 9, before: null })).toHaveLength(1);
    });
  });
});
