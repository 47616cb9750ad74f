// What is wrong with a cron expression, in words a user can act on.
import { SyncError } from '../../src/core/errors.ts';
import type { CronField } from './cron-expression.ts';

export function badCron(problem: string): SyncError {
  return new SyncError('BAD_INPUT', { message: `the cron expression ${problem}`, field: 'schedule.cron' });
}

export function badField(field: CronField, value: string, problem: string): SyncError {
  const { position, name, allowed, example } = field;
  return badCron(
    `is wrong in field ${position} (${name}) "${value}": ${problem}; allowed: ${allowed}; right is for example ${example}`,
  );
}
