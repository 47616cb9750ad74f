// One at a time by name.
import { expect, it } from 'vitest';
import { createMutex } from '../../../src/core/waiting/mutex.ts';

it('runs work on one name in the order it was asked for, also after a failure, and other names beside it', async () => {
  const mutex = createMutex();
  const said: string[] = [];
  const work = (name: string) => async (): Promise<void> => {
    said.push(`${name} begins`);
    await new Promise((resolve) => setImmediate(resolve));
    said.push(`${name} ends`);
    if (name === 'a1') throw new Error('of a1');
  };
  await Promise.allSettled([mutex('a', work('a1')), mutex('a', work('a2')), mutex('b', work('b1'))]);
  expect(said).toEqual(['a1 begins', 'b1 begins', 'a1 ends', 'a2 begins', 'b1 ends', 'a2 ends']);
});
