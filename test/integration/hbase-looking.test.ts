// Looking into a real HBase for the wizard.
import { describe, inject } from 'vitest';
import { HBaseClient } from '../../connectors/hbase/rpc/client.ts';
import { describeLooking } from '../conformance/hbase-looking.ts';

const stack = inject('stack');

describe.skipIf(stack === null)('on real services', () => {
  if (stack === null) return;
  const { quorum, clientPort } = stack.hbase;
  describeLooking('HBase', () => {
    const client = new HBaseClient({
      cluster: { zookeeper: { servers: [{ host: quorum, port: clientPort }] } },
    });
    const place = { 'pkuse.hbase.ip': quorum, 'pkuse.hbase.port': String(clientPort) };
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
