// Wake-ups inside one process: by priority, then first in, first out, each run once, bounded.
import { SyncError } from '../core/errors.ts';
import type { RunQueue } from '../core/ports/queue.ts';

type Listener = Parameters<RunQueue['listen']>[0];

/** `capacity`: wake-ups kept; one more is dropped, rescue finds its row. */
export function createMemoryQueue({ capacity = 100_000 }: { readonly capacity?: number } = {}): RunQueue {
  const waiting = createWaiting();
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
  const deliver = (): void => {
    while (listener !== null && !closed && going.size < listener.concurrency) {
      const runId = waiting.take();
      if (runId === null) return;
      void handle(runId, listener);
    }
  };
  return {
    wake: (runId, priority = 0) => {
      // A run that is in somebody's hand needs no second call.
      if (!closed && !going.has(runId) && waiting.count() < capacity) waiting.put(runId, priority);
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
      return Promise.resolve();
    },
  };
}

interface Waiting {
  count(): number;
  put(runId: string, priority: number): void;
  /** Of the highest priority the first that came; null: none waits. */
  take(): string | null;
  clear(): void;
}

function createWaiting(): Waiting {
  /** By priority, the highest first. */
  const ranks = new Map<number, Set<string>>();
  let count = 0;
  const rankOf = (priority: number): Set<string> => {
    const known = ranks.get(priority);
    if (known !== undefined) return known;
    const runs = new Set<string>();
    const sorted = [...ranks, [priority, runs] as const].sort(([a], [b]) => b - a);
    ranks.clear();
    for (const [rank, of] of sorted) ranks.set(rank, of);
    return runs;
  };
  return {
    count: () => count,
    put: (runId, priority) => {
      const runs = rankOf(priority);
      if (runs.has(runId)) return;
      runs.add(runId);
      count += 1;
    },
    take: () => {
      for (const [priority, runs] of ranks) {
        const [runId] = runs;
        if (runId === undefined) continue;
        runs.delete(runId);
        if (runs.size === 0) ranks.delete(priority);
        count -= 1;
        return runId;
      }
      return null;
    },
    clear: () => {
      ranks.clear();
      count = 0;
    },
  };
}
