// The seam between the herder, which knows connectors, and the data path, which runs their tasks in lanes.
import type { ConnectorConfig } from '../../core/connector/config-def.ts';
import type { ConnectorPlugin } from '../../core/connector/contract.ts';
import type { ErrorShape } from '../../core/errors.ts';

export interface TaskStart {
  readonly connector: string;
  readonly task: number;
  readonly plugin: ConnectorPlugin;
  /** Secrets in clear. */
  readonly config: ConnectorConfig;
  /** Raised each time the connector's configuration is put, also over a deletion; a restart keeps it. */
  readonly generation: number;
  /** Of a sink by hand: why the source of its run is failed now; null: it is not, or is not there yet. */
  readonly sourceFailure: () => ErrorShape | null;
  /** Aborted when the connector is to stop, to restart or gets a new configuration before `start` resolved. */
  readonly signal: AbortSignal;
}

export interface TaskHost {
  /**
   * Starts one task; resolves when it is RUNNING; events come by callbacks. Called by the herder, one start of a connector
   * at a time and never before the connector's last task has stopped. What it throws becomes the trace of a FAILED task.
   */
  start(task: TaskStart, events: TaskEvents): Promise<TaskHandle>;
}

export interface TaskFailure {
  readonly error: ErrorShape;
  /** As Connect shows it. */
  readonly trace: string;
}

export interface TaskEvents {
  /** The task failed by itself, which the host has emitted; it holds nothing any more, its handle is not called again. */
  onFailed(failure: TaskFailure): void;
  /** The task has nothing more to do; it stays RUNNING, as Connect knows no other state. */
  onEnded?(): void;
}

/** None of these overlap. A rejection of pause or resume fails the task. */
export interface TaskHandle {
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Resolves when the task writes nothing more. Must resolve within seconds, whatever the task waits for. */
  stop(): Promise<void>;
}
