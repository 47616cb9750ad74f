// What every RunQueue must do; run over memory and Redis.
import { afterEach, describe, expect, it } from 'vitest';
import type { RunQueue } from '../../src/core/ports/queue.ts';
import { waitUntil } from '../support/wait-until.ts';

export function testRunQueue(name: string, open: () => Promise<RunQueue>): void {
  describe(`run queue on ${name}`, () => {
    const opened: RunQueue[] = [];
    const setup = async (): Promise<RunQueue> => {
      const queue = await open();
      opened.push(queue);
      return queue;
    };
    afterEach(async () => {
      for (const queue of opened.splice(0)) await queue.close();
    });

    it('delivers wake-ups in order, also those from before anybody listened', async () => {
      const queue = await setup();
      const ids = Array.from({ length: 20 }, (_, n) => `run-${n}`);
      for (const id of ids.slice(0, 10)) await queue.wake(id);
      const seen: string[] = [];
      await queue.listen({ concurrency: 1, onWake: (id) => Promise.resolve(void seen.push(id)) });
      for (const id of ids.slice(10)) await queue.wake(id);
      await waitUntil('all wake-ups', () => seen.length === ids.length);
      expect(seen).toEqual(ids);
    });

    it('delivers what has a higher priority first', async () => {
      const queue = await setup();
      for (const [id, priority] of [
        ['low', -100],
        ['usual', undefined],
        ['high 1', 50],
        ['top', 100],
        ['high 2', 50],
      ] as const)
        await queue.wake(id, priority);
      const seen: string[] = [];
      await queue.listen({ concurrency: 1, onWake: (id) => Promise.resolve(void seen.push(id)) });
      await waitUntil('all wake-ups', () => seen.length === 5);
      expect(seen).toEqual(['top', 'high 1', 'high 2', 'usual', 'low']);
    });

    it('collapses wake-ups of a run that waits or is in hand, and takes new ones afterwards', async () => {
      const queue = await setup();
      const seen: string[] = [];
      let release: () => void = () => undefined;
      const held = new Promise<void>((resolve) => (release = resolve));
      await queue.wake('a');
      await queue.wake('a');
      await queue.listen({
        concurrency: 2,
        onWake: async (id) => {
          seen.push(id);
          if (id === 'a' && seen.length === 1) await held;
        },
      });
      await waitUntil('the first wake-up', () => seen.length === 1);
      await queue.wake('a');
      await queue.wake('b');
      await waitUntil('the other run', () => seen.includes('b'));
      expect(seen).toEqual(['a', 'b']);
      release();
      await waitUntil('a wake-up after the first is over', async () => {
        await queue.wake('a');
        return seen.length >= 3;
      });
      expect(seen[2]).toBe('a');
    });

    it('runs as many at a time as asked', async () => {
      const queue = await setup();
      let now = 0;
      let most = 0;
      let done = 0;
      let release: () => void = () => undefined;
      const held = new Promise<void>((resolve) => (release = resolve));
      await queue.listen({
        concurrency: 3,
        onWake: async () => {
          now += 1;
          most = Math.max(most, now);
          await held;
          now -= 1;
          done += 1;
        },
      });
      for (let n = 0; n < 9; n++) await queue.wake(`run-${n}`);
      await waitUntil('three at a time', () => now === 3);
      release();
      await waitUntil('all done', () => done === 9);
      expect(most).toBe(3);
    });

    it('goes on after a listener that throws', async () => {
      const queue = await setup();
      const seen: string[] = [];
      await queue.listen({
        concurrency: 1,
        onWake: (id) => {
          seen.push(id);
          return id === 'bad' ? Promise.reject(new Error('refused')) : Promise.resolve();
        },
      });
      await queue.wake('bad');
      await queue.wake('good');
      await waitUntil('the second wake-up', () => seen.includes('good'));
      expect(seen).toEqual(['bad', 'good']);
    });

    it('closes while a listener hangs, and delivers nothing after that', async () => {
      const queue = await setup();
      const seen: string[] = [];
      await queue.listen({
        concurrency: 1,
        onWake: (id) => {
          seen.push(id);
          return new Promise(() => undefined);
        },
      });
      await queue.wake('hangs');
      await waitUntil('the wake-up', () => seen.length === 1);
      await queue.wake('waits');
      await queue.close();
      await queue.close();
      expect(seen).toEqual(['hangs']);
    });

    it('closes without a listener, and answers a ping before', async () => {
      const queue = await setup();
      await queue.ping();
      await queue.close();
    });
  });
}
