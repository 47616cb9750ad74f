// One follower of `pkuse_status` for the whole executor; each message goes to the run that its taskId names.
import type { StatusChannel } from '../../src/core/ports/statuses.ts';
import type { StatusMessage } from '../../src/core/status.ts';

export interface StatusHub {
  /** Follows from the topic's end on until `signal`; resolves when it follows. Throws KAFKA_UNREACHABLE. */
  follow(signal: AbortSignal): Promise<void>;
  /** Messages of one run from now on. Returns how to leave. */
  watch(taskId: string, onStatus: (status: StatusMessage) => void): () => void;
}

export function createStatusHub(statuses: StatusChannel): StatusHub {
  const watchers = new Map<string, (status: StatusMessage) => void>();
  return {
    follow: (signal) => statuses.follow((status) => watchers.get(status.taskId)?.(status), signal),
    watch: (taskId, onStatus) => {
      watchers.set(taskId, onStatus);
      return () => void watchers.delete(taskId);
    },
  };
}
