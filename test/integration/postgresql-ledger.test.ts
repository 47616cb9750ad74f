import { describe, inject } from 'vitest';
import { describeTargetLedger } from '../conformance/target-ledger.ts';
import { openPostgresBed } from '../support/postgresql-bed.ts';

const stack = inject('stack');

describe.skipIf(stack === null)('with PostgreSQL', () => {
  describeTargetLedger('PostgreSQL', () => {
    if (stack === null) throw new Error('there is no stack');
    return openPostgresBed(stack.postgresql);
  });
});
