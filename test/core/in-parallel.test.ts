import { expect, it } from 'vitest';
import { inParallel } from '../../src/core/in-parallel.ts';

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
