import { describe, inject } from 'vitest';
import { describeAside } from '../conformance/sink-aside.ts';
import { openMysqlAsideBed } from '../support/aside-beds.ts';

const stack = inject('stack');

describe.skipIf(stack === null)('with MariaDB', () => {
  describeAside('MariaDB', () => {
    if (stack === null) throw new Error('there is no stack');
    return openMysqlAsideBed(stack.mariadb);
  });
});
