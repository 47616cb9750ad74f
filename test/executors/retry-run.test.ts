// What counts as an attempt: causes, not how often one was met.
import { describe, expect, test } from 'vitest';
import { SyncError, type ErrorCode } from '../../src/core/errors.ts';
import type { RunPolicy } from '../../src/core/job.ts';
import type { Run } from '../../src/core/run.ts';
import type { Bundle } from './setup-executor.ts';
import { setupExecutor } from './setup-executor.ts';

function newest(bundle: Bundle): Run {
  const run = [...bundle.runs.rows.values()].at(-1);
  if (run === undefined) throw new Error('no run');
  return run;
}

/** Lets the time of the newest attempt come, and an executor take it. */
async function goOn(bundle: Bundle): Promise<Run> {
  const { id, notBefore } = newest(bundle);
  await bundle.clock.advance(Math.max(0, notBefore - bundle.clock.now()));
  await bundle.queue.wake(id);
  await bundle.clock.advance(0);
  return bundle.read(id);
}

describe('another attempt', () => {
  test('is not made after the last one, nor where it can not help', async () => {
    const bundle = await setupExecutor({ policy: { maxAttempts: 2 } });
    const run = await bundle.goingRun();
    await bundle.sayError(run, 'source', 'CLOCK_SKEW', 'apart');
    await bundle.clock.advance(0);
    const second = await goOn(bundle);
    expect(second).toMatchObject({ state: 'running', attempt: 2 });
    await bundle.sayError(second, 'source', 'CLOCK_SKEW', 'apart');
    await bundle.clock.advance(0);
    expect(bundle.runs.rows.size).toBe(2);

    const hopeless = await setupExecutor({ policy: { maxAttempts: 5 } });
    const other = await hopeless.goingRun();
    await hopeless.sayError(other, 'sink', 'TARGET_SCHEMA', 'column a is too narrow');
    await hopeless.clock.advance(0);
    expect(await hopeless.read(other.id)).toMatchObject({
      state: 'failed',
      reason: { code: 'TARGET_SCHEMA' },
    });
    expect(hopeless.runs.rows.size).toBe(1);
  });

  test('is made as long as a service is away, which is one cause, with growing pauses and one alarm', async () => {
    const bundle = await setupExecutor({
      policy: { maxAttempts: 2, retryDelayMs: 10_000 },
      spec: { webhook: 'https://hooks.test/x' },
    });
    bundle.log.failure = new SyncError('KAFKA_UNREACHABLE', {
      message: 'connecting to broker:9092: refused',
    });
    await bundle.goingRun();
    const pauses: number[] = [];
    for (let attempt = 1; attempt <= 9; attempt += 1) {
      await bundle.clock.advance(61_000);
      const ended = [...bundle.runs.rows.values()].at(-2);
      expect(ended).toMatchObject({ state: 'failed', reason: { code: 'KAFKA_UNREACHABLE' } });
      pauses.push(newest(bundle).notBefore - (ended?.endedAt ?? 0));
      await goOn(bundle);
    }
    expect(pauses.map((ms) => Math.round(ms / 1_000))).toEqual([10, 20, 40, 80, 160, 320, 600, 600, 600]);
    expect(bundle.posts).toHaveLength(1);
    bundle.log.failure = null;
    await bundle.clock.advance(5_000);
    const going = newest(bundle);
    expect(going.state).toBe('running');
    await bundle.sayError(going, 'source', 'CLOCK_SKEW', 'apart');
    await bundle.clock.advance(0);
    expect(newest(bundle).id).toBe(going.id);
    expect(bundle.posts).toHaveLength(2);
  });

  test('is made no more, and told of, when the job has waited as long as it may go', async () => {
    const bundle = await setupExecutor({
      policy: { maxAttempts: 2, retryDelayMs: 10_000, timeoutMs: 150_000 },
      spec: { webhook: 'https://hooks.test/x' },
    });
    bundle.sink.away = true;
    await bundle.goingRun();
    for (let attempt = 1; attempt <= 2; attempt += 1) {
      await bundle.clock.advance(61_000);
      await goOn(bundle);
    }
    await bundle.clock.advance(61_000);
    expect(newest(bundle)).toMatchObject({ attempt: 3, state: 'failed' });
    expect(bundle.posts).toHaveLength(2);
  });

  test('is not made for a service that is away where the job is tried once', async () => {
    const bundle = await setupExecutor({ policy: { maxAttempts: 1 } });
    bundle.sink.away = true;
    await bundle.goingRun();
    await bundle.clock.advance(61_000);
    expect(newest(bundle)).toMatchObject({ attempt: 1, state: 'failed' });
  });
});

describe('the pauses between attempts', () => {
  const pausesOf = async (policy: Partial<RunPolicy>): Promise<number[]> => {
    const bundle = await setupExecutor({ policy: { maxAttempts: 5, retryDelayMs: 10_000, ...policy } });
    let run = await bundle.goingRun();
    const pauses: number[] = [];
    while (run.attempt < 5) {
      await bundle.sayError(run, 'source', 'CLOCK_SKEW', 'apart');
      await bundle.clock.advance(0);
      pauses.push(newest(bundle).notBefore - ((await bundle.read(run.id)).endedAt ?? 0));
      run = await goOn(bundle);
    }
    return pauses;
  };

  test('are equal, or double up to the longest', async () => {
    expect(await pausesOf({})).toEqual([10_000, 10_000, 10_000, 10_000]);
    expect(await pausesOf({ retryBackoff: 'exponential', retryMaxDelayMs: 30_000 })).toEqual([
      10_000, 20_000, 30_000, 30_000,
    ]);
  });

  test('are longer by up to the jitter, each by another share', async () => {
    const pauses = await pausesOf({ retryJitter: 0.5 });
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(10_000);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(15_000);
    expect(new Set(pauses).size).toBe(4);
  });
});

describe('what is tried again', () => {
  const attemptsAfter = async (policy: Partial<RunPolicy>, code: ErrorCode): Promise<number> => {
    const bundle = await setupExecutor({ policy: { maxAttempts: 3, ...policy } });
    const run = await bundle.goingRun();
    await bundle.sayError(run, 'sink', code, 'why');
    await bundle.clock.advance(0);
    return bundle.runs.rows.size;
  };

  test('are the causes that the policy names, and no others', async () => {
    expect(await attemptsAfter({}, 'TARGET_SCHEMA')).toBe(1);
    expect(await attemptsAfter({ retryOn: ['TARGET_SCHEMA'] }, 'TARGET_SCHEMA')).toBe(2);
    expect(await attemptsAfter({}, 'CLOCK_SKEW')).toBe(2);
    expect(await attemptsAfter({ retryOn: ['TARGET_SCHEMA'] }, 'CLOCK_SKEW')).toBe(1);
  });

  test('is nothing once the budget of the day is spent, which the log says', async () => {
    const bundle = await setupExecutor({ policy: { maxAttempts: 9, retriesPerDay: 1 } });
    const run = await bundle.goingRun();
    await bundle.sayError(run, 'source', 'CLOCK_SKEW', 'apart');
    await bundle.clock.advance(0);
    const second = await goOn(bundle);
    await bundle.sayError(second, 'source', 'CLOCK_SKEW', 'apart');
    await bundle.clock.advance(0);
    expect(bundle.runs.rows.size).toBe(2);
    expect(await bundle.read(second.id)).toMatchObject({ state: 'failed', reason: { code: 'CLOCK_SKEW' } });
    const lines = bundle.runs.lines.get(second.id) ?? [];
    expect(lines.map(({ message }) => message).join('\n')).toContain(
      'not tried again: tried again 1 times today',
    );
  });
});

describe('the reason of a run that nothing was heard of', () => {
  test('is that Kafka is away, when it is', async () => {
    const bundle = await setupExecutor();
    const run = await bundle.goingRun();
    bundle.log.failure = new SyncError('KAFKA_UNREACHABLE', {
      message: 'connecting to broker:9092: refused',
    });
    await bundle.clock.advance(62_000);
    const { reason } = await bundle.read(run.id);
    expect(reason).toMatchObject({ code: 'KAFKA_UNREACHABLE', retriable: true });
    expect(reason?.message).toMatch(
      /^connecting to broker:9092: refused \(the source said no start for 60 s/,
    );
  });
});
