// The queue inside one process.
import { expect, it } from 'vitest';
import { createMemoryQueue } from '../../src/queue/memory-queue.ts';
import { testRunQueue } from '../conformance/run-queue.ts';

testRunQueue('memory', () => Promise.resolve(createMemoryQueue()));

it('drops what is beyond its capacity', async () => {
  const queue = createMemoryQueue({ capacity: 2 });
  for (const id of ['a', 'b', 'c']) await queue.wake(id);
  const seen: string[] = [];
  await queue.listen({ concurrency: 1, onWake: (id) => Promise.resolve(void seen.push(id)) });
  await new Promise((resolve) => setImmediate(resolve));
  expect(seen).toEqual(['a', 'b']);
});
