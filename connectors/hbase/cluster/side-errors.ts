// What a failure of HBase is called in a run. A run's errors name the side they are of, SOURCE_* or TARGET_*, whatever its connector, so that
// retries, alarms and hints are the same for all; the client's own codes end here.
import { isErrorCode, SyncError, toSyncError } from '../../../src/core/errors.ts';
import { HBaseError, type HBaseCode } from '../client/hbase-error.ts';

type Side = 'SOURCE' | 'TARGET';

const kinds = {
  HBASE_FAILED: 'FAILED',
  HBASE_LOGIN: 'LOGIN',
  HBASE_UNREACHABLE: 'UNREACHABLE',
} as const satisfies Record<HBaseCode, string>;

const rights: Readonly<Record<Side, string>> = {
  SOURCE: 'the user needs read there',
  TARGET: 'the user needs create (ledger table, auto.create), read and write there',
};

/** Runs work of one side; what HBase refuses or does not answer becomes a failure of that side. */
export async function onSide<T>(side: Side, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw toSideError(side, cause);
  }
}

function toSideError(side: Side, cause: unknown): unknown {
  const { message } = toSyncError(cause);
  const place = cause instanceof HBaseError || cause instanceof SyncError ? cause.place : undefined;
  const options = { cause, ...(place === undefined ? {} : { place }) };
  if (message.includes('AccessDeniedException'))
    return new SyncError(`${side}_DENIED`, { ...options, message: `${message}; ${rights[side]}` });
  if (!(cause instanceof HBaseError)) return cause;
  const { code, retriable } = cause;
  const known = isErrorCode(code) ? code : (`${side}_${kinds[code]}` as const);
  return new SyncError(known, { ...options, message, retriable });
}
