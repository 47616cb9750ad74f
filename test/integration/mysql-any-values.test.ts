// The MySQL sink on a real MariaDB: any value in any column.
import { describe, inject } from 'vitest';
import { describeAnyValues } from '../conformance/any-table-values.ts';
import { anyTable, readServerTypes } from '../support/any-mysql-table.ts';
import { openMysqlBed } from '../support/mysql-bed.ts';

const stack = inject('stack');

describe.skipIf(stack === null)('with MariaDB', () => {
  describeAnyValues('MariaDB', {
    openBed: () => {
      if (stack === null) throw new Error('there is no stack');
      return openMysqlBed(stack.mariadb);
    },
    tables: async (bed) => {
      const server = await readServerTypes(bed.root);
      return (random) => anyTable(random, server);
    },
    typesOf: async (bed, table) => {
      const [rows] = await bed.root.query(
        'SELECT column_name AS name, data_type AS type FROM information_schema.columns WHERE table_schema = ? AND table_name = ?',
        [bed.database, table],
      );
      return new Map((rows as { name: string; type: string }[]).map(({ name, type }) => [name, type]));
    },
    textTypes: /char|text|blob|binary/,
    readRaw: async (bed, table, columns) => {
      // Shown as it is, a FLOAT has six digits.
      const select = columns.map(({ name, type }) => (type === 'float' ? `CAST(${name} AS DOUBLE)` : name));
      const [rows] = await bed.root.query({
        sql: `SELECT ${select.join(', ')} FROM ${table}`,
        rowsAsArray: true,
        typeCast: (field) => field.buffer(),
      });
      return rows as unknown as (Buffer | null)[][];
    },
  });
});
