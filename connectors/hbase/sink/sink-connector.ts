// The HBase sink: what the worker and the executor see of it.
import { defineSink } from '../../../src/core/connector/define.ts';
import { refuseWay } from '../../../src/core/deletes.ts';
import { clusterHosts } from '../cluster/cluster-config.ts';
import { HBASE_BATCH_ROWS, hbaseSinkConfig, sinkIdentity } from './sink-config.ts';
import { testSinkConnection } from './sink-connection-test.ts';
import { openSinkStore } from './sink-store.ts';
import { openTargetLedger } from './target-ledger.ts';

export const hbaseSink = defineSink({
  className: 'io.syncline.hbase.HBaseSinkConnector',
  aliases: ['HBaseSinkConnector', 'HBaseSink', 'io.confluent.connect.hbase.HBaseSinkConnector'],
  version: '0.1.0',
  config: hbaseSinkConfig,
  hosts: clusterHosts,
  batchRows: HBASE_BATCH_ROWS,
  testConnection: testSinkConnection,
  refuseDeletes: (_, way) => (way.by === 'keys' ? refuseWay('an HBase target', way) : null),
  identity: sinkIdentity,
  readsTimestamps: ({ timestampRecord }) => timestampRecord,
  openLedger: (config) => Promise.resolve(openTargetLedger(config)),
  openStore: (config, signal) => Promise.resolve(openSinkStore(config, signal)),
});
