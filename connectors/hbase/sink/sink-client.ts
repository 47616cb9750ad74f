// The client of an HBase target.
import { HBaseClient } from '../client/client.ts';
import { onSide } from '../cluster/side-errors.ts';
import type { HBaseSinkConfig } from './sink-config.ts';

export function openSinkClient(config: HBaseSinkConfig, retryBudgetMs = config.hbaseRetryMs): HBaseClient {
  const { cluster, user, kerberos, tls } = config;
  return new HBaseClient({ cluster, effectiveUser: user, kerberos, tls, retryBudgetMs });
}

export function onTarget<T>(work: () => Promise<T>): Promise<T> {
  return onSide('TARGET', work);
}
