// Wake-ups inside one process: first in, first out, each run once, bounded.
import { SyncError } from '../core/errors.ts';
import type { RunQueue } from '../core/ports/queue.ts';

type Listener = Parameters<RunQueue['listen']>[0];

/** `capacity`: wake-ups kept; one more is dropped, rescue finds its row. */
export function createMemoryQueue({ capacity = 100_000 }: { readonly capacity?: number } = {}): RunQueue {
  const waiting = new Set<string>();
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
      const [runId] = waiting;
      if (runId === undefined) return;
      waiting.delete(runId);
      void handle(runId, listener);
    }
  };
  return {
    wake: (runId) => {
      // A run that is in somebody's hand needs no second call.
      if (!closed && !going.has(runId) && waiting.size < capacity) waiting.add(runId);
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
