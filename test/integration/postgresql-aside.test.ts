import { describe, inject } from 'vitest';
import { describeAside } from '../conformance/sink-aside.ts';
import { openPostgresAsideBed } from '../support/aside-beds.ts';

const stack = inject('stack');

describe.skipIf(stack === null)('with PostgreSQL', () => {
  describeAside('PostgreSQL', () => {
    if (stack === null) throw new Error('there is no stack');
    return openPostgresAsideBed(stack.postgresql);
  });
});
