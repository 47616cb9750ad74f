// Reasons put their first cause first, from our own traces and from Java's.
import { describe, expect, test } from 'vitest';
import { SyncError } from '../../src/core/errors.ts';
import { brokenBy, brokenByTrace } from '../../executors/verdict.ts';

function reasonOf(verdict: ReturnType<typeof brokenBy>) {
  if (verdict.kind !== 'broken') throw new Error('not broken');
  return { state: verdict.state, code: verdict.reason.code, message: verdict.reason.message };
}

describe('an error thrown in the executor', () => {
  test('names the place when it holds the cause, and the cause with its place when it does not', () => {
    const cause = new Error('connect ECONNREFUSED 10.0.0.7:3306');
    const full = new SyncError('TARGET_UNREACHABLE', {
      message: 'connecting to the target: connect ECONNREFUSED 10.0.0.7:3306',
      cause,
    });
    expect(reasonOf(brokenBy(full)).message).toBe(
      'connecting to the target: connect ECONNREFUSED 10.0.0.7:3306',
    );
    const bare = new SyncError('TARGET_UNREACHABLE', { message: 'connecting to the target', cause });
    expect(reasonOf(brokenBy(bare)).message).toBe(
      'connect ECONNREFUSED 10.0.0.7:3306 (connecting to the target)',
    );
  });

  test('that is no SyncError is a defect', () => {
    expect(reasonOf(brokenBy(new TypeError('x is undefined')))).toEqual({
      state: 'failed',
      code: 'INTERNAL',
      message: 'x is undefined',
    });
  });
});

describe('a trace', () => {
  test('of ours gives code and cause', () => {
    const trace =
      'Error: Duplicate column\nTARGET_SCHEMA: preparing shop.orders: Duplicate column\n    at f (x.ts:1)';
    expect(reasonOf(brokenByTrace(trace, undefined, 'TASK_FAILED'))).toEqual({
      state: 'failed',
      code: 'TARGET_SCHEMA',
      message: 'preparing shop.orders: Duplicate column',
    });
  });

  test('of Java gives the last cause', () => {
    const trace =
      'o.a.ConnectException: x\n\tat a\nCaused by: b.IOException: y\n\tat b\nCaused by: c.Refused: z\n\tat c';
    expect(reasonOf(brokenByTrace(trace, undefined, 'TASK_FAILED'))).toEqual({
      state: 'failed',
      code: 'TASK_FAILED',
      message: 'c.Refused: z',
    });
  });

  test('whose code nobody knows, or that is empty, keeps the fallback', () => {
    expect(reasonOf(brokenByTrace('MADE_UP: no', 'ALSO_MADE_UP', 'TASK_FAILED'))).toMatchObject({
      code: 'TASK_FAILED',
      message: 'MADE_UP: no',
    });
    expect(reasonOf(brokenByTrace('', undefined, 'TASK_FAILED')).message).toBe('no reason given');
  });
});
