// Pairs of policies that can't be kept, and fields without effect, are refused in words that say what to write.
import { expect, it } from 'vitest';
import { checkPolicies } from '../../src/api/checks/check-policies.ts';
import type { Schedule } from '../../src/core/schedule.ts';
import { everySecond } from '../support/sample-job.ts';

const problems = (change: Partial<Schedule>): string[] =>
  checkPolicies({ ...everySecond, ...change }).map(({ field, message }) => `${field}: ${message}`);

it('takes what can be kept', () => {
  expect(problems({})).toEqual([]);
  expect(problems({ overlap: 'queue', queueLimit: 5 })).toEqual([]);
  expect(problems({ overlap: 'queue', misfire: 'all' })).toEqual([]);
  expect(problems({ overlap: 'replace', misfire: 'skip' })).toEqual([]);
  expect(problems({ cron: '@delay 90s' })).toEqual([]);
});

it('refuses a limit without the policy that it belongs to', () => {
  expect(problems({ queueLimit: 5 })).toEqual([
    'schedule.queueLimit: 5 has no effect with overlap forbid: remove it, or write "overlap": "queue"',
  ]);
  expect(problems({ misfireLimit: 5, misfireWindowMs: 9_000 })).toEqual([
    'schedule.misfireLimit: 5 has no effect with misfire once: remove it, or write "misfire": "all"',
    'schedule.misfireWindowMs: 9000 has no effect with misfire once: remove it, or write "misfire": "all"',
  ]);
});

it('refuses to run all missed instants where they can not wait for each other', () => {
  expect(problems({ misfire: 'all' })).toEqual([
    'schedule.misfire: all makes a run for each missed instant, and overlap forbid makes none while another goes or waits: write "overlap": "queue", or "misfire": "once"',
  ]);
  expect(problems({ misfire: 'all', overlap: 'replace' })[0]).toContain(
    'ends each as soon as the next comes',
  );
  expect(problems({ misfire: 'all', overlap: 'queue', misfireLimit: 30 })).toEqual([
    'schedule.misfireLimit: 30 missed instants are to run, and only 20 may wait for their turn (queueLimit): write "queueLimit": 30, or a misfireLimit of at most 20',
  ]);
});

it('refuses for a fixed delay what can never happen', () => {
  const delay = { cron: '@delay 90s' };
  expect(problems({ ...delay, overlap: 'queue' })).toMatchObject([
    expect.stringContaining('queue has no effect'),
  ]);
  expect(problems({ ...delay, misfire: 'all' })).toMatchObject([
    expect.stringContaining('all has no effect'),
  ]);
});
