// The PostgreSQL sink on a real server: any value in any column.
import { describe, inject } from 'vitest';
import { describeAnyValues } from '../conformance/any-table-values.ts';
import { anyTable, makeTypes } from '../support/any-postgresql-table.ts';
import { openPostgresBed } from '../support/postgresql-bed.ts';

const stack = inject('stack');

describe.skipIf(stack === null)('with PostgreSQL', () => {
  describeAnyValues('PostgreSQL', {
    openBed: () => {
      if (stack === null) throw new Error('there is no stack');
      return openPostgresBed(stack.postgresql);
    },
    tables: async (bed) => {
      await makeTypes(bed.root);
      return anyTable;
    },
    typesOf: async (bed, table) => {
      const { rows } = await bed.root.query<{ name: string; type: string }>(
        `SELECT a.attname AS name, coalesce(nullif(b.typname, '-'), t.typname) AS type
         FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_type b ON b.oid = t.typbasetype
         WHERE a.attrelid = $1::regclass AND a.attnum > 0`,
        [table],
      );
      return new Map(rows.map(({ name, type }) => [name, type]));
    },
    textTypes: /^(text|varchar|bpchar|citext|bytea|uuid|json|colour|digits)$/,
    readRaw: async (bed, table, columns) => {
      const select = columns.map(({ name, type }) => {
        if (type === 'bytea') return `encode(${name}, 'hex')`;
        // As text it would lose its blanks.
        if (type === 'bpchar') return `encode(bpcharsend(${name}), 'hex')`;
        if (type === 'bool') return `encode(convert_to(${name}::int::text, 'UTF8'), 'hex')`;
        // As a value in UTC, like the session's.
        return `encode(convert_to(${type === 'timestamptz' ? `(${name} AT TIME ZONE 'UTC')` : name}::text, 'UTF8'), 'hex')`;
      });
      const { rows } = await bed.root.query<(string | null)[]>({
        text: `SELECT ${select.join(', ')} FROM ${table}`,
        rowMode: 'array',
      });
      return rows.map((row) => row.map((hex) => (hex === null ? null : Buffer.from(hex, 'hex'))));
    },
  });
});
