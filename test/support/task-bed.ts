// What a task runner gets from its lane, without one: notes in memory, statuses in a list, a stop at hand; and a sink plugin
// over the memory target, a source plugin of as many splits as wished.
import { systemClock } from '../../src/core/clock.ts';
import type { Clock } from '../../src/core/clock.ts';
import type { ConnectorConfig } from '../../src/core/connector/config-def.ts';
import type { PlanRequest, SinkPlugin, SourcePlugin } from '../../src/core/connector/contract.ts';
import type { RecordLog } from '../../src/core/ports/record-log.ts';
import type { StatusMessage } from '../../src/core/status.ts';
import type { TaskContext, TaskNotes } from '../../src/worker/lanes/task-context.ts';
import type { FakeClock } from '../fakes/fake-clock.ts';
import { createFakeSink, createFakeSource } from '../fakes/fake-plugins.ts';
import { freeSlots } from '../fakes/free-slots.ts';
import type { MemoryTarget } from '../fakes/memory-target.ts';
import { idAndText } from './split-records.ts';

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
  sourceFailed?: AbortController;
}): TaskBed {
  const notes = options.notes ?? new Map<string, string>();
  const statuses: StatusMessage[] = [];
  const stop = options.stop ?? new AbortController();
  const context: TaskContext = {
    connector: 'c',
    config: options.config,
    generation: 1,
    log: options.log,
    notes: notesIn(notes),
    slots: freeSlots,
    clock: options.clock ?? systemClock,
    publish: (status) => statuses.push(status),
    sourceFailed: (options.sourceFailed ?? new AbortController()).signal,
    signal: stop.signal,
  };
  return { context, statuses, notes, stop };
}

/** Notes in a map. */
export function notesIn(notes: Map<string, string>): TaskNotes {
  return {
    read: (key) => Promise.resolve(notes.get(key) ?? null),
    write: (key, value) => Promise.resolve(void notes.set(key, value)),
    append: (key, line) => Promise.resolve(void notes.set(key, `${notes.get(key) ?? ''}\n${line}\n`)),
    clear: (key) => Promise.resolve(void notes.set(key, '')),
  };
}

export function createMemorySink(target: MemoryTarget): SinkPlugin {
  return { ...createFakeSink(target), openStore: () => Promise.resolve(target.openStore()) };
}

/** A source of so many splits; split n holds the rows 2n+1 and 2n+2. `onSplit` is awaited before a split is read. */
export function createSplitSource(options: {
  splits: number;
  concurrency?: number;
  onPlan?: (request: PlanRequest) => Promise<void>;
  /** End of its window; 100 if absent. */
  to?: string;
  onSplit?: (split: number, resumed: boolean) => Promise<void>;
}): SourcePlugin {
  const { splits, concurrency = 3, to = '100' } = options;
  return {
    ...createFakeSource(),
    topicOf: () => 't',
    openTask: () =>
      Promise.resolve({
        concurrency,
        plan: async (request) => {
          await options.onPlan?.(request);
          return {
            window: { from: null, to },
            schema: idAndText,
            predicted: { rows: splits * 2, exact: true },
            shared: 'what all splits have in common',
            splits: Array.from({ length: splits }, (_, split) => String(split)),
            notes: [],
            doubts: [],
          };
        },
        readSplit: async ({ split, out, signal, resumed = false }) => {
          await options.onSplit?.(Number(split), resumed);
          signal.throwIfAborted();
          for (const id of [Number(split) * 2 + 1, Number(split) * 2 + 2]) {
            const bytes = Buffer.from(`${id}${id}\tt${id}`);
            out.row(bytes, String(id).length, bytes.length);
          }
          await out.drained();
        },
        close: () => Promise.resolve(),
      }),
  };
}

/** Lets time go on until the task is over; gives what it threw. */
export async function runOut(clock: FakeClock, run: Promise<void>): Promise<unknown> {
  const outcome: { ended: boolean; error: unknown } = { ended: false, error: null };
  const over = run.then(
    () => (outcome.ended = true),
    (error: unknown) => Object.assign(outcome, { ended: true, error }),
  );
  for (let step = 0; step < 2_000 && !outcome.ended; step += 1) await clock.advance(50);
  await over;
  return outcome.error;
}
