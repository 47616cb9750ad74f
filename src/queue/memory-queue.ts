// Wake-ups inside one process: by priority, then first in, first out, each run once, bounded.
import { SyncError } from '../core/errors.ts';
import type { RunQueue } from '../core/ports/queue.ts';

type Listener = Parameters<RunQueue['listen']>[0];

/** `capacity`: wake-ups kept; one more is dropped, rescue finds its row. */
export function createMemoryQueue({ capacity = 100_000 }: { readonly capacity?: number } = {}): RunQueue {
  /** By priority, the highest first. */
  const waiting = new Map<number, Set<string>>();
  let count = 0;
  const going = new Set<string>();
  let listener: Listener | null = null;
  let closed = false;

  const handle = async (runId: string, { onWake }: Listener): Promise<void> => {
    going.add(runId);
    try {
      await onWake(runId);
    } catch {
      // The listener's own matter, as on a real queue: the wake-up is over either way.
    }
    going.delete(runId);
    deliver();
  };
  const take = (): string | null => {
    for (const [priority, runs] of waiting) {
      const [runId] = runs;
      if (runId === undefined) continue;
      runs.delete(runId);
      if (runs.size === 0) waiting.delete(priority);
      count -= 1;
      return runId;
    }
    return null;
  };
  const put = (runId: string, priority: number): void => {
    const known = waiting.get(priority);
    const runs = known ?? new Set();
    if (known === undefined) {
      const ranks = [...waiting, [priority, runs] as const].sort(([a], [b]) => b - a);
      waiting.clear();
      for (const [rank, of] of ranks) waiting.set(rank, of);
    }
    if (runs.has(runId)) return;
    runs.add(runId);
    count += 1;
  };
  const deliver = (): void => {
    while (listener !== null && !closed && going.size < listener.concurrency) {
      const runId = take();
      if (runId === null) return;
      void handle(runId, listener);
    }
  };
  return {
    wake: (runId, priority = 0) => {
      // A run that is in somebody's hand needs no second call.
      if (!closed && !going.has(runId) && count < capacity) put(runId, priority);
      deliver();
      return Promise.resolve();
    },
    listen: (newListener) => {
      if (listener !== null) throw new SyncError('INTERNAL', { message: 'the queue has a listener already' });
      listener = newListener;
      deliver();
      return Promise.resolve();
    },
    ping: () => Promise.resolve(),
    close: () => {
      closed = true;
      waiting.clear();
      count = 0;
      return Promise.resolve();
    },
  };
}
