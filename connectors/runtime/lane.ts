// The worker-thread side of a lane: hosts source and sink tasks; src/lane.ts composes it with plugins and the log.
import type { MessagePort } from 'node:worker_threads';
import type { Clock } from '../../src/core/clock.ts';
import type { ConnectorPlugin } from '../../src/core/connector/contract.ts';
import { SyncError, describeError, fromShape, rephrase, toShape } from '../../src/core/errors.ts';
import type { RecordLog } from '../../src/core/ports.ts';
import type { StatusMessage } from '../../src/core/status.ts';
import { createScrub, type Scrub } from '../../src/core/scrub.ts';
import { secretTexts } from '../../src/core/secrets.ts';
import { LaneSlots } from './lane-slots.ts';
import type { FromLane, LaneTask, ToLane } from './lane-protocol.ts';
import { runSinkTask } from './sink/sink-task.ts';
import { runSourceTask } from './source-task-runner.ts';
import type { TaskContext, TaskNotes } from './task-context.ts';

export interface LaneOptions {
  readonly port: MessagePort;
  readonly plugins: readonly ConnectorPlugin[];
  readonly openLog: () => RecordLog;
  readonly clock: Clock;
}

interface Hosted {
  readonly stop: AbortController;
  readonly done: Promise<void>;
}

interface Asking {
  readonly resolve: (value: string | null) => void;
  readonly reject: (error: Error) => void;
}

/** Serves until the main thread ends the worker. */
export function runLane(options: LaneOptions): void {
  const { port } = options;
  const tasks = new Map<number, Hosted>();
  const asking = new Map<number, Asking>();
  let asked = 0;
  let log: RecordLog | null = null;

  const say = (message: FromLane): void => port.postMessage(message);
  const slots = new LaneSlots(say);

  const notesOf = (id: number): TaskNotes => {
    const ask = (key: string, value: string | null): Promise<string | null> =>
      new Promise((resolve, reject) => {
        asked += 1;
        asking.set(asked, { resolve, reject });
        say({ type: 'ask', id, ask: asked, key, value });
      });
    return {
      read: (key) => ask(key, null),
      write: async (key, value) => {
        await ask(key, value);
      },
    };
  };

  const start = (id: number, task: LaneTask): void => {
    const stop = new AbortController();
    const scrub = scrubOf(options.plugins, task);
    log ??= options.openLog();
    const context: TaskContext = {
      connector: task.connector,
      config: task.config,
      generation: task.generation,
      log,
      notes: notesOf(id),
      slots: slots.of(id),
      clock: options.clock,
      publish: (status) => say({ type: 'status', status: scrubStatus(status, scrub) }),
      signal: stop.signal,
    };
    const done = runTask(options.plugins, task, context).then(
      () => say({ type: 'ended', id }),
      (error: unknown) => {
        tasks.delete(id);
        say({
          type: 'failed',
          id,
          error: rephrase(toShape(error), scrub),
          trace: scrub(describeError(error)),
        });
      },
    );
    tasks.set(id, { stop, done });
  };

  const stop = async (id: number): Promise<void> => {
    const hosted = tasks.get(id);
    tasks.delete(id);
    hosted?.stop.abort();
    await hosted?.done;
    say({ type: 'stopped', id });
  };

  port.on('message', (message: ToLane) => {
    if (message.type === 'start') start(message.id, message.task);
    else if (message.type === 'stop') void stop(message.id);
    else if (message.type === 'granted') slots.granted(message.ask);
    else answer(asking, message);
  });
}

function answer(asking: Map<number, Asking>, message: ToLane & { type: 'answer' }): void {
  const { resolve, reject } = asking.get(message.ask) ?? {};
  asking.delete(message.ask);
  if (message.error === null) resolve?.(message.value);
  else reject?.(fromShape(message.error));
}

/** What a task says of itself may quote its configuration: it leaves the lane without the secrets. */
function scrubOf(plugins: readonly ConnectorPlugin[], { className, config }: LaneTask): Scrub {
  return createScrub(
    secretTexts(config, plugins.find((each) => each.className === className)?.configDef ?? null),
  );
}

function scrubStatus(status: StatusMessage, scrub: Scrub): StatusMessage {
  const description = scrub(status.description);
  const { syncline } = status;
  if (syncline?.error === undefined) return { ...status, description };
  return { ...status, description, syncline: { ...syncline, error: rephrase(syncline.error, scrub) } };
}

async function runTask(
  plugins: readonly ConnectorPlugin[],
  task: LaneTask,
  context: TaskContext,
): Promise<void> {
  const plugin = plugins.find((each) => each.className === task.className);
  if (plugin === undefined) {
    throw new SyncError('INTERNAL', {
      message: `starting ${task.connector}: this lane has no ${task.className}`,
    });
  }
  await (plugin.type === 'source' ? runSourceTask(plugin, context) : runSinkTask(plugin, context));
}
