// The queue on Redis: conformance on the stack's, faults on one of the test's own.
import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import { createRescueRound } from '../../scheduler/rescue.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { RunQueue } from '../../src/core/ports/queue.ts';
import type { SyncError } from '../../src/core/errors.ts';
import { openBullmqQueue } from '../../src/queue/bullmq-queue.ts';
import { openStore } from '../../src/store/open-store.ts';
import { testRunQueue } from '../conformance/run-queue.ts';
import { createOwnRedis, type OwnRedis } from '../support/own-redis.ts';
import { firesAt, sampleJob, sampleRun } from '../support/sample-job.ts';
import { waitUntil } from '../support/wait-until.ts';

const stack = inject('stack');

describe.skipIf(stack === null)('on the stack', () => {
  testRunQueue('Redis', () =>
    openBullmqQueue({
      url: stack?.redis.url ?? '',
      prefix: `test-${process.pid}-${randomBytes(4).toString('hex')}`,
    }),
  );
});

describe.skipIf(stack === null)('when Redis fails', () => {
  let redis: OwnRedis;
  const queues: RunQueue[] = [];
  const troubles: SyncError[] = [];
  const open = async (): Promise<RunQueue> => {
    const onTrouble = (error: SyncError): void => void troubles.push(error);
    const queue = await openBullmqQueue({ url: redis.url, prefix: 'test', onTrouble });
    queues.push(queue);
    return queue;
  };
  const said: unknown[] = [];
  for (const method of ['log', 'warn', 'error'] as const)
    vi.spyOn(console, method).mockImplementation((...words) => void said.push(words));

  beforeEach(async () => {
    troubles.length = 0;
    redis = await createOwnRedis();
    await redis.start();
  });
  afterEach(async () => {
    redis.thaw();
    for (const queue of queues.splice(0)) await queue.close();
    await redis.kill();
  });
  afterAll(() => {
    vi.restoreAllMocks();
    expect(said).toEqual([]);
  });

  it('names host and port when there is none, within seconds', async () => {
    await redis.kill();
    const began = performance.now();
    await expect(
      openBullmqQueue({ url: redis.url.replace('//', '//:hush@'), prefix: 'test' }),
    ).rejects.toMatchObject({
      code: 'QUEUE_UNREACHABLE',
      message: expect.stringMatching(new RegExp(`${redis.place}(?!.*hush)`)) as string,
    });
    expect(performance.now() - began).toBeLessThan(6_000);
  });

  it('names host and port when the password is wrong', async () => {
    await redis.call('CONFIG', 'SET', 'requirepass', 'right');
    await expect(
      openBullmqQueue({ url: redis.url.replace('//', '//:hush@'), prefix: 'test' }),
    ).rejects.toMatchObject({
      code: 'QUEUE_UNREACHABLE',
      message: expect.stringMatching(new RegExp(`${redis.place}(?!.*hush)`)) as string,
    });
  });

  it('delivers again after a restart that lost everything', async () => {
    const queue = await open();
    const seen: string[] = [];
    await queue.listen({ concurrency: 2, onWake: (id) => Promise.resolve(void seen.push(id)) });
    await queue.wake('before');
    await waitUntil('the first wake-up', () => seen.length === 1);
    await redis.kill();
    await expect(queue.wake('lost')).rejects.toMatchObject({ code: 'QUEUE_UNREACHABLE' });
    await expect(queue.ping()).rejects.toMatchObject({ code: 'QUEUE_UNREACHABLE' });
    await waitUntil('the trouble is told', () => troubles.length > 0);
    await redis.start();
    await waitUntil(
      'the queue is back',
      () =>
        queue.wake('after').then(
          () => true,
          () => false,
        ),
      20_000,
    );
    await waitUntil('the wake-up after the restart', () => seen.includes('after'), 20_000);
    expect(seen).not.toContain('lost');
    // Many connections broke many times; it is said once a minute.
    expect(troubles.map(({ code }) => code)).toEqual(['QUEUE_UNREACHABLE']);
    expect(troubles[0]?.message).toContain(redis.place);
  });

  it('delivers what rescue sends again after FLUSHALL, each run once', async () => {
    const store = await openStore({
      url: 'sqlite::memory:',
      secretKey: Buffer.alloc(32),
      clock: systemClock,
    });
    const queue = await open();
    const ids: string[] = [];
    for (let n = 0; n < 200; n++) {
      const { id } = await store.jobs.create(sampleJob(`job ${n}`), firesAt(null));
      const { run } = await store.runs.create(id, sampleRun(n));
      ids.push(run.id);
      await queue.wake(run.id);
    }
    await redis.call('FLUSHALL');
    const claimed: string[] = [];
    await queue.listen({
      concurrency: 4,
      onWake: async (id) => {
        const run = await store.runs.claim({ id, owner: 'me', leaseMs: 60_000 });
        if (run !== null) claimed.push(run.id);
      },
    });
    const round = createRescueRound({
      jobs: store.jobs,
      runs: store.runs,
      queue,
      executors: store.executors,
      executor: 'me',
      onQueued: () => false,
      onExpired: () => Promise.resolve(),
      emit: () => undefined,
    });
    await waitUntil('all runs are claimed', async () => {
      await round();
      return claimed.length >= ids.length;
    });
    expect(claimed.toSorted()).toEqual(ids.toSorted());
    await store.close();
  });

  it('loses its keys under a listener and goes on', async () => {
    const queue = await open();
    const seen: string[] = [];
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    await queue.listen({
      concurrency: 1,
      onWake: async (id) => {
        seen.push(id);
        if (id === 'held') await held;
      },
    });
    await queue.wake('held');
    await waitUntil('it is in hand', () => seen.length === 1);
    await redis.call('FLUSHALL');
    release();
    await waitUntil('the next one', async () => {
      await queue.wake('next');
      return seen.includes('next');
    });
  });

  it('that takes no writes makes wake fail', async () => {
    const queue = await open();
    await redis.call('CONFIG', 'SET', 'maxmemory', '1');
    await expect(queue.wake('a')).rejects.toMatchObject({ code: 'QUEUE_UNREACHABLE', message: /OOM/ });
    await redis.call('CONFIG', 'SET', 'maxmemory', '0');
    await queue.wake('a');
  });

  it('that hangs makes wake fail and close return, both within seconds', async () => {
    const queue = await open();
    await queue.listen({ concurrency: 1, onWake: () => Promise.resolve() });
    redis.freeze();
    const began = performance.now();
    await expect(queue.wake('a')).rejects.toMatchObject({ code: 'QUEUE_UNREACHABLE' });
    await queue.close();
    expect(performance.now() - began).toBeLessThan(12_000);
  });

  it('that is gone lets close return within seconds', async () => {
    const queue = await open();
    await queue.listen({ concurrency: 1, onWake: () => Promise.resolve() });
    await redis.kill();
    const began = performance.now();
    await queue.close();
    expect(performance.now() - began).toBeLessThan(6_000);
  });

  it('hands the wake-up of a process that died to another one within 20 s', async () => {
    const dead = await open();
    const seen: string[] = [];
    await dead.listen({
      concurrency: 1,
      onWake: (id) => {
        seen.push(`dead ${id}`);
        return new Promise(() => undefined);
      },
    });
    await dead.wake('a');
    await waitUntil('it is in hand', () => seen.length === 1);
    // Closing does not wait for the listener, so the wake-up stays taken, as after kill -9.
    await dead.close();
    const alive = await open();
    await alive.listen({ concurrency: 1, onWake: (id) => Promise.resolve(void seen.push(`alive ${id}`)) });
    await waitUntil('the other one has it', () => seen.includes('alive a'), 20_000);
  });
});
