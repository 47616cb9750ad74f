// Trying again: pauses, limits, the signal.
import { describe, expect, it } from 'vitest';
import { doubling, retry, scattered } from '../../../src/core/waiting/retry.ts';
import type { Retrying } from '../../../src/core/waiting/retry.ts';
import { createFakeClock } from '../../fakes/fake-clock.ts';

/** An attempt that fails so many times; `at` has the time of each. */
function setup(failures: number): {
  clock: ReturnType<typeof createFakeClock>;
  at: number[];
  attempt: () => Promise<string>;
  retrying: Retrying;
} {
  const clock = createFakeClock(0);
  const at: number[] = [];
  const attempt = (): Promise<string> => {
    at.push(clock.now());
    return at.length > failures ? Promise.resolve('done') : Promise.reject(new Error(`failure ${at.length}`));
  };
  const retrying = { clock, pauseMs: doubling(100, 400), withinMs: 1_000, isPassing: () => true };
  return { clock, at, attempt, retrying };
}

describe('retry', () => {
  it('pauses longer each time, up to the longest pause', async () => {
    const { clock, at, attempt, retrying } = setup(4);
    const done = retry({ ...retrying, withinMs: 2_000 }, attempt);
    await clock.advance(0);
    await clock.advance(2_000);
    expect(await done).toBe('done');
    expect(at).toEqual([0, 100, 300, 700, 1_100]);
  });

  it('throws the last error when no repetition fits into the time', async () => {
    const { clock, at, attempt, retrying } = setup(9);
    const failed = expect(retry(retrying, attempt)).rejects.toThrow('failure 4');
    await clock.advance(0);
    await clock.advance(5_000);
    await failed;
    expect(at).toEqual([0, 100, 300, 700]);
  });

  it('throws at once what does not pass, and what has failed often enough', async () => {
    const { attempt, retrying } = setup(9);
    await expect(retry({ ...retrying, isPassing: () => false }, attempt)).rejects.toThrow('failure 1');
    const { clock, at, ...other } = setup(9);
    const isPassing = (_error: unknown, failures: number): boolean => failures < 3;
    const failed = expect(retry({ ...other.retrying, isPassing }, other.attempt)).rejects.toThrow(
      'failure 3',
    );
    await clock.advance(0);
    await clock.advance(1_000);
    await failed;
    expect(at).toHaveLength(3);
  });

  it('stops by its signal, in a pause and before an attempt', async () => {
    const { at, attempt, retrying } = setup(9);
    const stop = new AbortController();
    const stopped = expect(retry({ ...retrying, signal: stop.signal }, attempt)).rejects.toThrow('stop');
    await Promise.resolve();
    stop.abort(new Error('stop'));
    await stopped;
    await expect(retry({ ...retrying, signal: stop.signal }, attempt)).rejects.toThrow('stop');
    expect(at).toHaveLength(1);
  });
});

it('scatters pauses between nothing and a growing bound', () => {
  const pauses = Array.from({ length: 200 }, (_, index) => scattered(5, 100)(index + 1));
  pauses.forEach((pause, index) => {
    expect(pause).toBeGreaterThanOrEqual(0);
    expect(pause).toBeLessThanOrEqual(Math.min(100, 5 * (index + 1)));
  });
});
