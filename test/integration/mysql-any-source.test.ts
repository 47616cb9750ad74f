// The SQL source over a real MariaDB: any value in any column.
import { describe, inject } from 'vitest';
import { describeAnySource } from '../conformance/any-source-values.ts';
import { anyMysqlColumn } from '../support/any-mysql-source.ts';
import { oneOf } from '../support/any-values.ts';
import { openMysqlSourceBed } from '../support/mysql-source-bed.ts';

const stack = inject('stack');

describe.skipIf(stack === null)('with MariaDB', () => {
  describeAnySource('MariaDB', {
    openBed: async () => {
      if (stack === null) throw new Error('there is no stack');
      const bed = await openMysqlSourceBed(stack.mariadb);
      // Whatever a lax server lets in.
      await bed.execute(`SET SESSION sql_mode = '', time_zone = '+00:00'`);
      return bed;
    },
    anyColumn: anyMysqlColumn,
    options: (random) =>
      oneOf(random, [
        '',
        '',
        '',
        'ENGINE = Aria',
        'ENGINE = MyISAM',
        'ROW_FORMAT = DYNAMIC',
        'WITH SYSTEM VERSIONING',
      ]),
  });
});
