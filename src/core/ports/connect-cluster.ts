// Port: a Connect cluster, over REST only.
import type { ConnectorConfig } from '../connector/config-def.ts';
import type { ErrorShape } from '../errors.ts';

export interface ConnectorStatus {
  readonly state: string;
  readonly trace: string | null;
  readonly tasks: readonly { readonly id: number; readonly state: string; readonly trace: string | null }[];
  /** Why it failed, in parts, as our own worker says it beside the trace; null: it did not, or the worker is not ours. */
  readonly error: ErrorShape | null;
}

export interface CheckedKey {
  readonly key: string;
  readonly errors: readonly string[];
  /** Of a key that nobody knows: the known one most like it; null: the key is known. */
  readonly nearest: string | null;
}

/** One Connect cluster. Retriable answers (409, 503, 500 "rebalance is expected") are retried inside, within `deadlineMs`. */
export interface ConnectCluster {
  readonly name: string;
  /** Id of the worker process when it is ours (its memory log dies with it); null for other Connect workers. */
  readIncarnation(): Promise<string | null>;
  /** Creates the connector stopped, or replaces its config; its name is in the config. Whether it `exists` is asked where it is not said. */
  putConfig(name: string, config: ConnectorConfig, exists?: boolean): Promise<void>;
  readConfig(name: string): Promise<ConnectorConfig | null>;
  readStatus(name: string): Promise<ConnectorStatus | null>;
  resume(name: string): Promise<void>;
  stop(name: string): Promise<void>;
  remove(name: string): Promise<void>;
  /** What a sink committed of a topic, by partition; null: there is no such connector. A partition it never committed is absent. */
  readOffsets(name: string, topic: string): Promise<ReadonlyMap<number, number> | null>;
  /** Where a stopped sink goes on in a topic, in partition order. */
  setOffsets(name: string, topic: string, offsets: readonly number[]): Promise<void>;
  /** The keys that are wrong, and those that nobody knows. */
  validate(connectorClass: string, config: ConnectorConfig): Promise<readonly CheckedKey[]>;
  ping(): Promise<void>;
}
