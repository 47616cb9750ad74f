// So many at a time: single pieces of work, and the items of a list.
import { expect, it } from 'vitest';
import { inParallel, Semaphore } from '../../../src/core/waiting/semaphore.ts';

it('does every item once, in order, never more than so many at a time', async () => {
  const items = Array.from({ length: 20 }, (_, index) => index);
  const begun: number[] = [];
  let [now, most] = [0, 0];
  await inParallel(items, 3, async (item) => {
    begun.push(item);
    now += 1;
    most = Math.max(most, now);
    await Promise.resolve();
    now -= 1;
  });
  expect([begun, most]).toEqual([items, 3]);
});

it('rejects with the first failure; the other places go on', async () => {
  const begun: number[] = [];
  const work = async (item: number): Promise<void> => {
    begun.push(item);
    await Promise.resolve();
    if (item === 1) throw new Error('of item 1');
  };
  await expect(inParallel([0, 1, 2, 3, 4, 5], 2, work)).rejects.toThrow('of item 1');
  await new Promise((resolve) => setImmediate(resolve));
  expect(begun).toEqual([0, 1, 2, 3, 4, 5]);
});

it('lets the next one in when one has ended, whether it threw or not, in the order they came', async () => {
  const semaphore = new Semaphore(1);
  const begun: string[] = [];
  const work = (name: string) => async (): Promise<void> => {
    begun.push(name);
    await Promise.resolve();
    if (name === 'a') throw new Error('of a');
  };
  const all = await Promise.allSettled(['a', 'b', 'c'].map((name) => semaphore.run(work(name))));
  expect(begun).toEqual(['a', 'b', 'c']);
  expect(all.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
});
