// A scheduler's surroundings: a real store (SQLite in memory), and a clock that is moved by hand.
import { SyncError } from '../../src/core/errors.ts';
import type { SynclineEvent } from '../../src/core/events.ts';
import type { Job } from '../../src/core/job.ts';
import type { Run } from '../../src/core/run.ts';
import type { Schedule } from '../../src/core/schedule.ts';
import type { Service } from '../../src/core/service.ts';
import { openStore, type Store } from '../../src/store/open-store.ts';
import { createFakeClock } from '../fakes/fake-clock.ts';
import { createFakeQueue } from '../fakes/fake-queue.ts';
import { everySecond, firesAt, sampleJob } from '../support/sample-job.ts';
import { waitUntil } from '../support/wait-until.ts';

export const T = Date.UTC(2026, 0, 1, 12);
const stores: Store[] = [];
const services: Service[] = [];

export async function closeAll(): Promise<void> {
  for (const service of services.splice(0)) await service.stop();
  for (const store of stores.splice(0)) await store.close();
}

export async function setup() {
  const clock = createFakeClock(T);
  const store = await openStore({ url: 'sqlite::memory:', secretKey: Buffer.alloc(32), clock });
  stores.push(store);
  const queue = createFakeQueue();
  const events: SynclineEvent[] = [];
  const emit = (event: SynclineEvent): void => void events.push(event);
  const { jobs, runs, executors } = store;
  const parts = { jobs, runs, executors, executor: 'here', queue, clock, emit };
  const newJob = (name: string, nextFireAt: number | null, schedule: Schedule = everySecond): Promise<Job> =>
    store.jobs.create(sampleJob(name, { schedule }), firesAt(nextFireAt));
  const rows = async (): Promise<readonly Run[]> =>
    (await store.runs.list({ jobId: null, state: null, limit: 1_000, before: null })).toReversed();
  const start = async (service: Service): Promise<void> => {
    services.push(service);
    await service.start();
  };
  /** Moves on in small steps, and lets the service (which awaits the real database) come to rest after each. */
  const pass = async (ms: number, stepMs = 100): Promise<void> => {
    for (let gone = 0; gone < ms; gone += stepMs) {
      await waitUntil('the service sleeps', () => clock.sleepers > 0);
      await clock.advance(Math.min(stepMs, ms - gone));
    }
    await waitUntil('the service sleeps', () => clock.sleepers > 0);
  };
  return { clock, store, queue, events, parts, newJob, rows, start, pass };
}

/** Given or chosen by a trigger. */
export const nothing = { parameters: {}, cluster: null, executor: null };

export const queueAway = {
  wake: () => Promise.reject(new SyncError('QUEUE_UNREACHABLE', { message: 'Redis at 127.0.0.1:1' })),
};

/** The executor here has no room, and nobody takes a run over. */
export const noExecutor = { onQueued: () => false, onExpired: () => Promise.resolve() };
