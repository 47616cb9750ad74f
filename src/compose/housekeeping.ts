// Housekeeping by the clock: hourly, ended runs older than the configured age go, in small batches, and half-done removals are
// ended. Job schedules don't run
// here: they have the scheduler's own cron engine.
import { schedule } from 'node-cron';
import type { ScheduledTask } from 'node-cron';
import { finishRemovals } from '../../scheduler/finish-removals.ts';
import { sweepOnce } from '../../scheduler/retention.ts';
import type { RetentionParts } from '../../scheduler/retention.ts';
import type { Service } from '../core/service.ts';

const EVERY_HOUR = '17 * * * *';

export function createHousekeeping(parts: RetentionParts & Parameters<typeof finishRemovals>[0]): Service {
  let task: ScheduledTask | null = null;
  const stop = new AbortController();
  const sweep = async (): Promise<void> => {
    try {
      await finishRemovals(parts);
      while (!stop.signal.aborted && (await sweepOnce(parts)).more) {
        await parts.clock.sleep(BETWEEN_BATCHES_MS, stop.signal);
      }
    } catch (error) {
      if (!stop.signal.aborted) parts.emit({ type: 'service.failed', service: 'housekeeping', error });
    }
  };
  return {
    name: 'housekeeping',
    start: () => {
      task = schedule(EVERY_HOUR, sweep, { noOverlap: true, timezone: 'UTC' });
      return Promise.resolve();
    },
    stop: async () => {
      stop.abort();
      await task?.destroy();
      task = null;
    },
  };
}

/** Lets others at the tables between two batches. */
const BETWEEN_BATCHES_MS = 100;
