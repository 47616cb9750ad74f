// The SQL source over a real PostgreSQL: any value in any column.
import { describe, inject } from 'vitest';
import { describeAnySource } from '../conformance/any-source-values.ts';
import { anyPostgresColumn, typesSql } from '../support/any-postgresql-source.ts';
import { oneOf } from '../support/any-values.ts';
import { openPostgresSourceBed } from '../support/postgres-source-bed.ts';

const stack = inject('stack');

describe.skipIf(stack === null)('with PostgreSQL', () => {
  describeAnySource('PostgreSQL', {
    openBed: async () => {
      if (stack === null) throw new Error('there is no stack');
      const bed = await openPostgresSourceBed(stack.postgresql);
      await bed.execute(`${typesSql}; SET synchronous_commit = off`);
      return bed;
    },
    anyColumn: anyPostgresColumn,
    options: (random) => oneOf(random, ['', '', 'WITH (fillfactor = 20)']),
  });
});
