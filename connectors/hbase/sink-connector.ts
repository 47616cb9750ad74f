// The HBase sink: what the worker and the executor see of it.
import type { SinkPlugin } from '../../src/core/connector/contract.ts';
import { hbaseSinkConfig, parseSinkConfig, readSinkConfig, sinkIdentity } from './sink-config.ts';
import { testSinkConnection } from './sink-connection-test.ts';
import { openSinkStore } from './sink-store.ts';
import { openTargetLedger } from './target-ledger.ts';

export const hbaseSink: SinkPlugin = {
  type: 'sink',
  className: 'io.syncline.hbase.HBaseSinkConnector',
  aliases: ['HBaseSinkConnector', 'HBaseSink', 'io.confluent.connect.hbase.HBaseSinkConnector'],
  version: '0.1.0',
  configDef: hbaseSinkConfig,
  validate: (config) => {
    const parsed = parseSinkConfig(config);
    return 'problems' in parsed ? parsed.problems : [];
  },
  testConnection: (config, signal) => testSinkConnection(config, signal),
  identity: sinkIdentity,
  readsTimestamps: (config) => readSinkConfig(config).timestampRecord,
  openLedger: (config) => Promise.resolve(openTargetLedger(readSinkConfig(config))),
  openStore: (config, signal) => Promise.resolve(openSinkStore(readSinkConfig(config), signal)),
};
