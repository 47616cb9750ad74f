import { describe, inject } from 'vitest';
import { describeSinkStore } from '../conformance/sink-store.ts';
import { openMysqlBed } from '../support/mysql-bed.ts';

const stack = inject('stack');

describe.skipIf(stack === null)('with MariaDB', () => {
  describeSinkStore('MariaDB', () => {
    if (stack === null) throw new Error('there is no stack');
    return openMysqlBed(stack.mariadb);
  });
});
