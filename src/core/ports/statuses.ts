// Port: what connectors say of their runs (memory, Kafka topic pkuse_status).
import type { StatusMessage } from '../status.ts';

export interface StatusChannel {
  publish(status: StatusMessage): Promise<void>;
  /**
   * Every message from the topic's end on, without a consumer group, until `signal`; resolves when it follows. Interruptions
   * are overcome from the last message seen. `onStatus` must not throw.
   */
  follow(onStatus: (status: StatusMessage) => void, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}
