// Statuses within one process: every follower gets every message that is published after it began to follow.
import type { StatusChannel } from '../../core/ports/statuses.ts';
import type { StatusMessage } from '../../core/status.ts';

export function createMemoryStatuses(): StatusChannel {
  const followers = new Set<(status: StatusMessage) => void>();
  return {
    publish(status) {
      // In a turn of its own, as from a topic: what a follower does is none of the publisher's business.
      for (const follower of followers) queueMicrotask(() => follower(status));
      return Promise.resolve();
    },
    follow(onStatus, signal) {
      const follower = (status: StatusMessage): void => {
        if (!signal.aborted) onStatus(status);
      };
      followers.add(follower);
      signal.addEventListener('abort', () => followers.delete(follower), { once: true });
      return Promise.resolve();
    },
    close() {
      followers.clear();
      return Promise.resolve();
    },
  };
}
