// What a policy says of attempts without effect is refused, in words that say what to write.
import { expect, it } from 'vitest';
import { firstFire } from '../../scheduler/settle-fires.ts';
import { checkJitter } from '../../src/api/checks/check-jitter.ts';
import { checkRetries } from '../../src/api/checks/check-retries.ts';
import type { ApiParts } from '../../src/api/api-parts.ts';
import { defaultPolicy, type RunPolicy } from '../../src/core/job.ts';
import { everySecond } from '../support/sample-job.ts';

const problems = (change: Partial<RunPolicy>): string[] =>
  checkRetries({ ...defaultPolicy, maxAttempts: 3, ...change }).map(
    ({ field, message }) => `${field}: ${message}`,
  );

it('takes what can be kept', () => {
  expect(problems({ retryOn: ['TARGET_FAILED'], retriesPerDay: 5, retryJitter: 0.2 })).toEqual([]);
  expect(problems({ retryBackoff: 'exponential', retryMaxDelayMs: 60_000 })).toEqual([]);
  expect(problems({ maxAttempts: 1 })).toEqual([]);
});

it('names the code that was meant, and those that are never asked for', () => {
  expect(problems({ retryOn: ['TARGET_FAILD' as 'TARGET_FAILED', 'FENCED', 'EXECUTOR_STOPPED'] })).toEqual([
    'policy.retryOn.0: "TARGET_FAILD" is no error code; the most like it is TARGET_FAILED',
    'policy.retryOn.1: FENCED is no failure, so nothing is tried again: remove it',
    'policy.retryOn.2: EXECUTOR_STOPPED is tried again in any case: remove it',
  ]);
});

it('refuses what has no effect', () => {
  expect(problems({ maxAttempts: 1, retriesPerDay: 5, retryBackoff: 'exponential' })).toEqual([
    'policy.retryBackoff: "exponential" has no effect with maxAttempts 1: remove it, or write "maxAttempts": 3',
    'policy.retriesPerDay: 5 has no effect with maxAttempts 1: remove it, or write "maxAttempts": 3',
  ]);
  expect(problems({ retryMaxDelayMs: 60_000 })).toMatchObject([
    expect.stringContaining('retryBackoff constant'),
  ]);
  expect(problems({ retryBackoff: 'exponential', retryMaxDelayMs: 5_000 })).toMatchObject([
    expect.stringContaining('less than retryDelayMs, 10000'),
  ]);
});

it('refuses a jitter as long as the time between two fires', () => {
  const schedules = { firstFire } as unknown as ApiParts['schedules'];
  const check = (jitterMs: number) =>
    checkJitter(
      { ...everySecond, cron: '0 0 2,3 * * ?', jitterMs },
      { schedules },
      { now: 0, calendars: [] },
    );
  expect(check(3_599_999)).toEqual([]);
  expect(check(3_600_000)).toEqual([
    {
      field: 'schedule.jitterMs',
      message:
        '3600000 is not less than the time between two fires, 3600000: write at most 3599999, for example 1800000',
    },
  ]);
});
