// The status topic in memory: what is published goes to all who follow, in the same turn.
import type { StatusChannel } from '../../src/core/ports/statuses.ts';
import type { StatusMessage } from '../../src/core/status.ts';

export function createFakeStatusChannel(): StatusChannel & { readonly followers: number } {
  const followers = new Set<(status: StatusMessage) => void>();
  return {
    publish: (status) => {
      for (const onStatus of [...followers]) onStatus(status);
      return Promise.resolve();
    },
    follow: (onStatus, signal) => {
      followers.add(onStatus);
      signal.addEventListener('abort', () => followers.delete(onStatus), { once: true });
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
    get followers() {
      return followers.size;
    },
  };
}
