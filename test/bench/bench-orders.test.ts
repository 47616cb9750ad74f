import { expect, it } from 'vitest';
import { createRandom } from '../support/random.ts';
import { putOf } from './bench-orders.ts';

it('makes rows of any number', () => {
  const random = createRandom(1);
  for (const number of [0, 999_900, 1_024_900, 3_000_000, 10_000_000, 99_999_900])
    expect(putOf(number, random, false).row.toString()).toContain(String(number).padStart(12, '0'));
});
