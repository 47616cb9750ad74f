// What a lane gives to each task runner.
import type { Clock } from '../../core/clock.ts';
import type { ConnectorConfig } from '../../core/connector/config-def.ts';
import type { RecordLog } from '../../core/ports/record-log.ts';
import type { SharedSlots } from '../../core/connector/shared-slots.ts';
import type { StatusMessage } from '../../core/status.ts';

export interface TaskContext {
  readonly connector: string;
  readonly config: ConnectorConfig;
  /** Raised by the worker each time the connector's configuration is put; a restart keeps it. */
  readonly generation: number;
  readonly log: RecordLog;
  readonly notes: TaskNotes;
  /** Shared with all tasks of the worker. */
  readonly slots: SharedSlots;
  readonly clock: Clock;
  readonly publish: (status: StatusMessage) => void;
  /** Of a sink: aborted, with why, when the source of its run by hand failed. */
  readonly sourceFailed: AbortSignal;
  /** Aborted when the task is to stop. */
  readonly signal: AbortSignal;
}

/** The worker's durable notes of a connector (plans, positions), kept beside its configuration. */
export interface TaskNotes {
  read(key: string): Promise<string | null>;
  write(key: string, value: string): Promise<void>;
  /** Adds a line; see OffsetStore for what becomes of it in a crash. */
  append(key: string, line: string): Promise<void>;
  /** Empties the note, perhaps undone by a crash. */
  clear(key: string): Promise<void>;
}
