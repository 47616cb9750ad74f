// The HBase source on a real HBase.
import { describe, inject } from 'vitest';
import { HBaseClient } from '../../connectors/hbase/rpc/client.ts';
import { describeHbaseSource } from '../conformance/hbase-source.ts';
import { clientBed } from '../support/hbase-client-bed.ts';

const stack = inject('stack');

describe.skipIf(stack === null)('with HBase', () => {
  describeHbaseSource('a real HBase', () => {
    if (stack === null) throw new Error('there is no stack');
    const { quorum, clientPort } = stack.hbase;
    const client = new HBaseClient({
      cluster: { zookeeper: { servers: [{ host: quorum, port: clientPort }] } },
    });
    return Promise.resolve(
      clientBed(client, { 'pkuse.hbase.ip': quorum, 'pkuse.hbase.port': String(clientPort) }),
    );
  });
});
