// Looking into a real HBase for the wizard.
import { describe, inject } from 'vitest';
import { describeLooking } from '../conformance/hbase-looking.ts';
import { connectHbase, placeOf } from '../support/hbase-cluster.ts';

const stack = inject('stack');

describe.skipIf(stack === null)('on real services', () => {
  if (stack === null) return;
  const { hbase } = stack;
  describeLooking('HBase', () => {
    const client = connectHbase(hbase);
    const place = placeOf(hbase);
    return Promise.resolve({
      client,
      place,
      close: () => {
        client.close();
        return Promise.resolve();
      },
    });
  });
});
