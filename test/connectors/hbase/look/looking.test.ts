import { HBaseClient } from '../../../../connectors/hbase/client/client.ts';
import { startHbaseDouble } from '../../../../src/demo/hbase-double/start-double.ts';
import { describeLooking } from '../../../conformance/hbase-looking.ts';

describeLooking('the double of HBase', async () => {
  const double = await startHbaseDouble();
  const client = new HBaseClient({ cluster: { servers: [double] } });
  return {
    client,
    place: { 'hbase.masters': `${double.host}:${double.port}` },
    close: async () => {
      client.close();
      await double.close();
    },
  };
});
