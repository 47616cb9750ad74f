// The HBase source over the demo's double: the same suite as over a real HBase.
import { HBaseClient } from '../../../connectors/hbase/client/client.ts';
import { startHbaseDouble } from '../../../src/demo/hbase-double/start-double.ts';
import { describeHbaseSource } from '../../conformance/hbase-source.ts';
import { clientBed } from '../../support/hbase-client-bed.ts';

describeHbaseSource('the double', async () => {
  const double = await startHbaseDouble();
  const { host, port } = double;
  const bed = clientBed(new HBaseClient({ cluster: { servers: [{ host, port }] } }), {
    'hbase.masters': `${host}:${port}`,
  });
  return {
    ...bed,
    peakScanners: () => double.peakScanners,
    close: async () => {
      await bed.close();
      await double.close();
    },
  };
});
