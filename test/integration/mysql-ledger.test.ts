import { describe, inject } from 'vitest';
import { describeTargetLedger } from '../conformance/target-ledger.ts';
import { openMysqlBed } from '../support/mysql-bed.ts';

const stack = inject('stack');

describe.skipIf(stack === null)('with MariaDB', () => {
  describeTargetLedger('MariaDB', () => {
    if (stack === null) throw new Error('there is no stack');
    return openMysqlBed(stack.mariadb);
  });
});
