// What a run says that refused more rows than it may.
import { describe, expect, it } from 'vitest';
import { requireDirtyBelow } from '../../../src/worker/sink/dirty-limit.ts';
import { SyncError } from '../../../src/core/errors.ts';

const row = {
  key: '11',
  reason: 'Duplicate entry',
  bytesHex: '',
  split: 0,
  attempt: 'a',
  stage: 'target',
} as const;

function thrownFor(field: string): unknown {
  try {
    requireDirtyBelow(0, 2, { ...row, field });
    return null;
  } catch (error) {
    return error;
  }
}

describe('rows beyond the dirty limit', () => {
  it('names the field where the target named one', () => {
    expect(thrownFor('amount')).toMatchObject({
      field: 'amount',
      message: expect.stringContaining(
        'writing row 11, field amount: Duplicate entry (2 rows are dirty',
      ) as string,
    });
  });

  it('names none where the target did not', () => {
    const error = thrownFor('');
    expect(error).toBeInstanceOf(SyncError);
    expect(error).toMatchObject({
      field: undefined,
      message: expect.stringContaining('writing row 11: Duplicate entry (2 rows are dirty') as string,
    });
  });
});
