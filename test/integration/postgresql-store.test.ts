import { describe, inject } from 'vitest';
import { describeSinkStore } from '../conformance/sink-store.ts';
import { openPostgresBed } from '../support/postgresql-bed.ts';

const stack = inject('stack');

describe.skipIf(stack === null)('with PostgreSQL', () => {
  describeSinkStore('PostgreSQL', () => {
    if (stack === null) throw new Error('there is no stack');
    return openPostgresBed(stack.postgresql);
  });
});
