import { describe, expect, it } from 'vitest';
import { asHBaseError, HBaseError } from '../../../../connectors/hbase/client/exceptions.ts';
import { onSide } from '../../../../connectors/hbase/cluster/side-errors.ts';
import { SyncError } from '../../../../src/core/errors.ts';

const failureOf = (side: 'SOURCE' | 'TARGET', error: unknown): Promise<unknown> =>
  onSide(side, () => Promise.reject(error as Error)).catch((caught: unknown) => caught);

describe('a failure of HBase', () => {
  it.each(['SOURCE', 'TARGET'] as const)(
    'is one of the %s, and says where and whether to try again',
    async (side) => {
      const place = { method: 'Scan', server: 'rs1:16020' };
      const away = new HBaseError({ message: 'calling Scan: no answer', recovery: 'backoff', place });
      expect(await failureOf(side, away)).toMatchObject({
        ...{ code: `${side}_UNREACHABLE`, message: 'calling Scan: no answer' },
        ...{ place: 'rs1:16020', retriable: true, cause: away },
      });
      const refused = new HBaseError({
        message: 'no',
        recovery: 'fail',
        className: 'x.DoNotRetryIOException',
      });
      expect(await failureOf(side, refused)).toMatchObject({ code: `${side}_FAILED`, retriable: false });
      const passing = new HBaseError({
        ...{ message: 'a moment', recovery: 'fail', code: 'HBASE_FAILED', retriable: true },
      });
      expect(await failureOf(side, passing)).toMatchObject({ code: `${side}_FAILED`, retriable: true });
      const logIn = new HBaseError({ message: 'no ticket', recovery: 'fail', code: 'HBASE_LOGIN' });
      expect(await failureOf(side, logIn)).toMatchObject({ code: `${side}_LOGIN` });
      const denied = new HBaseError({ message: 'AccessDeniedException: not you', recovery: 'fail' });
      expect(await failureOf(side, denied)).toMatchObject({
        ...{ code: `${side}_DENIED`, message: expect.stringContaining('the user needs') as string },
      });
    },
  );

  it('that was another failure before is that, with its word on another attempt', async () => {
    const full = new SyncError('DISK_FULL', { message: 'no room', retriable: true });
    expect(await failureOf('SOURCE', asHBaseError(full))).toMatchObject({
      ...{ name: 'SyncError', code: 'DISK_FULL', message: 'no room', retriable: true },
    });
  });

  it('stays what it is where another one is meant', async () => {
    for (const error of [new SyncError('MAPPING_INVALID', { message: 'x' }), new Error('x'), 'x'])
      expect(await failureOf('SOURCE', error)).toBe(error);
  });
});
