// The client of an HBase target, and what its failures are called on the sink's side.
import { SyncError, toSyncError } from '../../../src/core/errors.ts';
import { HBaseClient } from '../client/client.ts';
import type { HBaseSinkConfig } from './sink-config.ts';

export function openSinkClient(config: HBaseSinkConfig, retryBudgetMs = config.hbaseRetryMs): HBaseClient {
  const { cluster, user, kerberos, tls } = config;
  return new HBaseClient({ cluster, effectiveUser: user, kerberos, tls, retryBudgetMs });
}

/** Runs work on the target; what HBase refuses or does not answer becomes a failure of the target. */
export async function onTarget<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const error = toSyncError(cause, 'TARGET_FAILED');
    const { message, retriable } = error;
    if (message.includes('AccessDeniedException'))
      throw new SyncError('TARGET_DENIED', {
        message: `${message}; the user needs create (ledger table, auto.create), read and write there`,
        cause,
      });
    if (error.code === 'HBASE_LOGIN') throw new SyncError('TARGET_LOGIN', { message, cause });
    if (error.code === 'HBASE_UNREACHABLE') throw new SyncError('TARGET_UNREACHABLE', { message, cause });
    if (error.code === 'HBASE_FAILED') throw new SyncError('TARGET_FAILED', { message, cause, retriable });
    throw cause;
  }
}
