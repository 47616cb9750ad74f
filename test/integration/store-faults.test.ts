// The stores on MariaDB and PostgreSQL while the way to the server breaks: errors name it, nothing is lost or doubled.
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { runOnce } from '../../scheduler/scheduler.ts';
import { systemClock } from '../../src/core/clock.ts';
import { SyncError } from '../../src/core/errors.ts';
import { createMemoryQueue } from '../../src/queue/memory-queue.ts';
import { openStore, type Store } from '../../src/store/open-store.ts';
import {
  createMariadbDatabase,
  createPostgresqlDatabase,
  type OwnDatabase,
} from '../support/own-database.ts';
import { everySecond, firesAt, sampleJob, sampleRun } from '../support/sample-job.ts';
import type { TestStack } from '../support/stack-setup.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { waitUntil } from '../support/wait-until.ts';

const stack = inject('stack');
const servers = [
  ['MariaDB', createMariadbDatabase],
  ['PostgreSQL', createPostgresqlDatabase],
] as const;

describe.skipIf(stack === null).each(servers)('%s', (_name, createDatabase) => {
  let database: OwnDatabase;
  let proxy: TcpProxy;
  let store: Store;
  beforeAll(async () => {
    database = await createDatabase(stack as TestStack);
    const url = new URL(database.url);
    proxy = await startTcpProxy({ host: url.hostname, port: Number(url.port) });
    url.port = String(proxy.port);
    store = await openStore({ url: url.href, secretKey: Buffer.alloc(32), clock: systemClock });
  });
  afterEach(() => {
    proxy.setFault({ kind: 'none' });
    failures = 0;
  });
  afterAll(async () => {
    await store.close();
    await proxy.close();
    await database.drop();
  });

  it('that cannot be reached is said with host and port, and is used again when it is back', async () => {
    proxy.setFault({ kind: 'reset' });
    for (let n = 0; n < 12; n++)
      await expect(store.jobs.ping()).rejects.toMatchObject({
        code: 'DATABASE_UNREACHABLE',
        retriable: true,
        message: expect.stringContaining(`127.0.0.1:${proxy.port}`) as string,
      });
    proxy.setFault({ kind: 'none' });
    await store.jobs.ping();
  });

  it('that says nothing is given up after a while, and is used again when it speaks', async () => {
    await store.jobs.ping();
    proxy.setFault({ kind: 'blackhole' });
    await expect(store.jobs.ping()).rejects.toMatchObject({ code: 'DATABASE_UNREACHABLE' });
    proxy.setFault({ kind: 'none' });
    await waitUntil(
      'it answers',
      () =>
        store.jobs.ping().then(
          () => true,
          () => false,
        ),
      30_000,
    );
  });

  it('makes one run for one key, however often the connection breaks between', async () => {
    const { id } = await store.jobs.create(sampleJob('broken triggers'), firesAt(null));
    for (let round = 0; round < 15; round++) {
      const trigger = { kind: 'manual', idempotencyKey: `key ${round}` } as const;
      const create = () => store.runs.create(id, sampleRun(1_000 + round, { trigger }));
      // Somewhere in the statements, or in the answers to them.
      proxy.cutAfter(round % 2 === 0 ? 'toServer' : 'toClient', 20 + round * 60);
      const first = await untilDone(create);
      expect((await untilDone(create)).run.id).toBe(first.run.id);
    }
    const rows = await store.runs.list({ jobId: id, state: null, limit: 100, before: null });
    expect(rows).toHaveLength(15);
    expect(failures).toBeGreaterThan(5);
  });

  it('fires each instant once, however often the connection breaks in the scheduler’s transaction', async () => {
    const start = Math.floor((await store.jobs.databaseNow()) / 1000) * 1000;
    const schedule = { ...everySecond, overlap: 'queue' as const, queueLimit: 1_000 };
    const ids: string[] = [];
    for (let n = 0; n < 5; n++)
      ids.push((await store.jobs.create(sampleJob(`fires ${n}`, { schedule }), firesAt(start))).id);
    let now = start;
    const jobs = { ...store.jobs, databaseNow: () => Promise.resolve(now) };
    const parts = { jobs, queue: createMemoryQueue(), clock: systemClock, emit: () => undefined };
    const rounds = 40;
    for (let round = 0; round < rounds; round++, now += 1_000) {
      proxy.cutAfter(round % 2 === 0 ? 'toServer' : 'toClient', 50 + round * 97);
      await untilDone(() => runOnce(parts));
    }
    expect(failures).toBeGreaterThan(10);
    for (const jobId of ids) {
      const rows = await store.runs.list({ jobId, state: null, limit: 100, before: null });
      const planned = rows.map(({ plannedAt }) => plannedAt).sort((a, b) => a - b);
      expect(planned).toEqual(Array.from({ length: rounds }, (_, n) => start + n * 1_000));
    }
  });
});

let failures = 0;

/** Tries again while the database can't be reached, as every caller of a store does. */
async function untilDone<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof SyncError) || error.code !== 'DATABASE_UNREACHABLE' || attempt === 20)
        throw error;
      failures += 1;
    }
  }
}
