// Wake-ups for run rows that are committed.
import type { Emit } from '../src/core/events.ts';
import type { RunQueue } from '../src/core/ports/queue.ts';
import type { Run } from '../src/core/run.ts';

/** Losing a wake-up is harmless (rescue finds the row), so a queue that can't be reached is an event, once per call. */
export async function wakeRuns(
  { queue, emit }: { readonly queue: Pick<RunQueue, 'wake'>; readonly emit: Emit },
  runs: readonly Run[],
): Promise<void> {
  const woken = await Promise.allSettled(runs.map(({ id, priority }) => queue.wake(id, priority)));
  const failed = woken.find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) emit({ type: 'service.failed', service: 'queue', error: failed.reason });
}
