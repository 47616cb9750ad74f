// The HBase source on a real HBase.
import { describe, inject } from 'vitest';
import { describeHbaseSource } from '../conformance/hbase-source.ts';
import { clientBed } from '../support/hbase-client-bed.ts';
import { connectHbase, placeOf } from '../support/hbase-cluster.ts';

const stack = inject('stack');

describe.skipIf(stack === null)('with HBase', () => {
  describeHbaseSource('a real HBase', () => {
    if (stack === null) throw new Error('there is no stack');
    const client = connectHbase(stack.hbase);
    return Promise.resolve(clientBed(client, placeOf(stack.hbase)));
  });
});
