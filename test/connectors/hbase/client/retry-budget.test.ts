// How long a failing operation is tried again.
import { describe, expect, it } from 'vitest';
import { SyncError } from '../../../../src/core/errors.ts';
import { HBaseError } from '../../../../connectors/hbase/client/exceptions.ts';
import type { Recovery } from '../../../../connectors/hbase/client/exceptions.ts';
import { pauseAfter, RetryBudget } from '../../../../connectors/hbase/client/retry-budget.ts';
import { createFakeClock } from '../../../fakes/fake-clock.ts';

const failure = (recovery: Recovery, extra: { waitMs?: number; overloaded?: boolean } = {}): HBaseError =>
  new HBaseError({ message: 'the cause', recovery, ...extra });

function setup(budgetMs: number) {
  const clock = createFakeClock(0);
  const budget = new RetryBudget({ clock, budgetMs, what: 'scanning t' });
  /** Fails once and lets the clock run until the pause is over. */
  const failOnce = async (error: unknown): Promise<number> => {
    const startedAt = clock.now();
    const failed = budget.failed(error);
    failed.catch(() => undefined);
    if (clock.sleepers > 0) await clock.advance(60_000);
    await failed;
    return clock.now() - startedAt;
  };
  return { clock, budget, failOnce };
}

describe('retry budget', () => {
  it('pauses longer and longer', () => {
    const pauses = [1, 2, 3, 4, 5, 6, 7, 8, 13, 50].map((failures) =>
      pauseAfter(failure('backoff'), failures),
    );
    const bases = [100, 200, 300, 500, 1000, 2000, 4000, 10_000, 20_000, 20_000];
    for (const [index, base] of bases.entries()) {
      expect(pauses[index]).toBeGreaterThanOrEqual(base);
      expect(pauses[index]).toBeLessThanOrEqual(base * 1.01);
    }
  });

  it('waits as long as a throttling server says, longer for an overloaded one, not at all for a lost scanner', () => {
    expect(pauseAfter(failure('wait', { waitMs: 1500 }), 3)).toBe(1500);
    expect(pauseAfter(failure('backoff', { overloaded: true }), 1)).toBeGreaterThanOrEqual(500);
    expect(pauseAfter(failure('reopen'), 1)).toBe(0);
    expect(pauseAfter(failure('reopen'), 2)).toBeGreaterThan(0);
  });

  it('throws a final error at once, and what is not ours', async () => {
    const { failOnce } = setup(60_000);
    await expect(failOnce(failure('fail'))).rejects.toThrow('the cause');
    await expect(failOnce(new TypeError('a defect'))).rejects.toMatchObject({
      message: 'a defect',
      code: 'INTERNAL',
    });
    const badInput = new SyncError('BAD_INPUT', { message: 'no such name' });
    await expect(failOnce(badInput)).rejects.toMatchObject({ code: 'BAD_INPUT', retriable: false });
  });

  it('gives up when time without progress is spent, naming the last cause', async () => {
    const { failOnce } = setup(30_000);
    await failOnce(failure('backoff'));
    await expect(failOnce(failure('backoff'))).rejects.toMatchObject({
      message: 'scanning t: no progress for 30 s: the cause',
      code: 'HBASE_UNREACHABLE',
      recovery: 'fail',
    });
  });

  it('forgives all failures after progress', async () => {
    const { budget, failOnce } = setup(30_000);
    for (let i = 0; i < 5; i++) {
      await failOnce(failure('backoff'));
      budget.progress();
    }
  });

  it('counts no time in which the consumer, not the server, stood still', async () => {
    const { clock, failOnce } = setup(30_000);
    await clock.advance(3_600_000);
    await failOnce(failure('backoff'));
  });

  it('gives up after many failures without a row, though each attempt got an answer', async () => {
    const { budget, failOnce } = setup(3_600_000);
    let attempts = 0;
    const forever = async (): Promise<void> => {
      for (;;) {
        budget.alive();
        await failOnce(failure('reopen'));
        attempts++;
      }
    };
    await expect(forever()).rejects.toThrow('no progress');
    expect(attempts).toBe(200);
  });

  it('stops at once when aborted', async () => {
    const clock = createFakeClock(0);
    const abort = new AbortController();
    const budget = new RetryBudget({ clock, budgetMs: 60_000, what: 'x', signal: abort.signal });
    const failed = budget.failed(failure('backoff'));
    abort.abort(new Error('stopped'));
    await expect(failed).rejects.toThrow('stopped');
  });
});
