// What a task runner gets from its lane, without one: notes in memory, statuses in a list, a stop at hand; and a sink plugin
// over the memory target.
import { systemClock } from '../../src/core/clock.ts';
import type { Clock } from '../../src/core/clock.ts';
import type { ConnectorConfig } from '../../src/core/connector/config-def.ts';
import type { SinkPlugin } from '../../src/core/connector/contract.ts';
import type { RecordLog } from '../../src/core/ports.ts';
import type { StatusMessage } from '../../src/core/status.ts';
import type { TaskContext } from '../../connectors/runtime/task-context.ts';
import { createFakeSink } from '../fakes/fake-plugins.ts';
import { freeSlots } from '../fakes/free-slots.ts';
import type { MemoryTarget } from '../fakes/memory-target.ts';

export interface TaskBed {
  readonly context: TaskContext;
  readonly statuses: StatusMessage[];
  readonly notes: Map<string, string>;
  readonly stop: AbortController;
}

export function createTaskBed(options: {
  log: RecordLog;
  config: ConnectorConfig;
  clock?: Clock;
  notes?: Map<string, string>;
  stop?: AbortController;
}): TaskBed {
  const notes = options.notes ?? new Map<string, string>();
  const statuses: StatusMessage[] = [];
  const stop = options.stop ?? new AbortController();
  const context: TaskContext = {
    connector: 'c',
    config: options.config,
    generation: 1,
    log: options.log,
    notes: {
      read: (key) => Promise.resolve(notes.get(key) ?? null),
      write: (key, value) => Promise.resolve(void notes.set(key, value)),
    },
    slots: freeSlots,
    clock: options.clock ?? systemClock,
    publish: (status) => statuses.push(status),
    signal: stop.signal,
  };
  return { context, statuses, notes, stop };
}

export function createMemorySink(target: MemoryTarget): SinkPlugin {
  return { ...createFakeSink(target), openStore: () => Promise.resolve(target.openStore()) };
}
