// Which exception leads to which recovery: the class first, then the flag, then the text.
import { describe, expect, it } from 'vitest';
import {
  exceptionText,
  recoveryFor,
  remoteError,
  simpleName,
  throttleWaitMs,
} from '../../../../connectors/hbase/client/exceptions.ts';

const hbase = 'org.apache.hadoop.hbase.';
const place = { method: 'Scan', server: 'rs1:16020', region: 't,,1.abc.' };
const exception = (className: string, text: string, doNotRetry = false) => ({
  className,
  stackTrace: `${className}: ${text}\n\tat org.apache.hadoop.hbase.Some.method(Some.java:1)`,
  doNotRetry,
  serverOverloaded: false,
});

describe('exceptions', () => {
  it.each([
    ['NotServingRegionException', false, 'relocate'],
    ['exceptions.RegionMovedException', false, 'relocate'],
    ['exceptions.RegionOpeningException', false, 'relocate'],
    ['RegionTooBusyException', false, 'backoff'],
    ['CallQueueTooBigException', false, 'backoff'],
    ['CallDroppedException', false, 'backoff'],
    ['RetryImmediatelyException', false, 'backoff'],
    ['MultiActionResultTooLarge', false, 'backoff'],
    ['PleaseHoldException', false, 'backoff'],
    ['quotas.RpcThrottlingException', true, 'wait'],
    ['regionserver.RegionServerStoppedException', false, 'drop-server'],
    ['regionserver.RegionServerAbortedException', false, 'drop-server'],
    ['ipc.ServerNotRunningYetException', false, 'drop-server'],
    ['UnknownScannerException', true, 'reopen'],
    ['exceptions.ScannerResetException', true, 'reopen'],
    ['exceptions.OutOfOrderScannerNextException', true, 'reopen'],
    ['regionserver.LeaseException', true, 'reopen'],
    ['regionserver.NoSuchColumnFamilyException', true, 'fail'],
    ['security.AccessDeniedException', true, 'fail'],
    ['TableNotFoundException', true, 'fail'],
    ['exceptions.UnknownProtocolException', false, 'fail'],
    ['exceptions.RequestTooBigException', true, 'fail'],
    ['io.hfile.CorruptHFileException', true, 'fail'],
    ['InvalidFamilyOperationException', true, 'fail'],
    ['DoNotRetryIOException', false, 'fail'],
  ])('%s (do_not_retry %s) → %s', (className, doNotRetry, recovery) => {
    expect(recoveryFor(exception(hbase + className, 'text', doNotRetry))).toBe(recovery);
  });

  it('fails on an unparsable request, though its flag says retry', () => {
    const className = 'org.apache.hbase.thirdparty.com.google.protobuf.InvalidProtocolBufferException';
    expect(recoveryFor(exception(className, 'bad', false))).toBe('fail');
  });

  it('retries what it does not know unless the flag forbids it', () => {
    expect(recoveryFor(exception('java.io.IOException', 'disk'))).toBe('backoff');
    expect(recoveryFor(exception('java.io.IOException', 'disk', true))).toBe('fail');
    expect(
      recoveryFor(exception('java.io.IOException', 'Cannot append; log is closed, regionName = t')),
    ).toBe('relocate');
  });

  it('reads the wait out of a throttling text', () => {
    expect(throttleWaitMs('number of requests exceeded - wait 1sec, 500ms')).toBe(1500);
    expect(throttleWaitMs('read size limit exceeded - wait 2mins, 1sec, 3ms')).toBe(121_003);
    expect(throttleWaitMs('wait a moment')).toBeUndefined();
  });

  it('names method, server, region, class and text, without the Java frames', () => {
    const error = remoteError(place, exception(`${hbase}NotServingRegionException`, 'region is not online'));
    expect(error.message).toBe(
      'calling Scan on rs1:16020, region t,,1.abc.: NotServingRegionException: region is not online',
    );
    const where = 'rs1:16020, region t,,1.abc.';
    expect(error).toMatchObject({
      code: 'HBASE_FAILED',
      retriable: true,
      recovery: 'relocate',
      place: where,
    });
  });

  it('takes the text up to the first frame, and inner class names by their own part', () => {
    expect(exceptionText('a.B: one\ntwo\n\tat x.y(z)', 'a.B')).toBe('one\ntwo');
    expect(simpleName('org.apache.X$Inner')).toBe('Inner');
  });
});
