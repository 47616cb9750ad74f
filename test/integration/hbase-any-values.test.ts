// Random tables and values in a real HBase.
import { describe, inject } from 'vitest';
import { describeAnyValues } from '../conformance/hbase-any-values.ts';
import { openRealSinkBed } from '../support/hbase-sink-bed.ts';

const stack = inject('stack');

describe.skipIf(stack === null)('the HBase sink on a real HBase', () => {
  if (stack !== null) describeAnyValues(() => openRealSinkBed(stack.hbase), 10);
});
