// The worker-thread side of a lane: hosts source and sink tasks; src/lane.ts composes it with plugins and the log.
import type { MessagePort } from 'node:worker_threads';
import type { Clock } from '../../core/clock.ts';
import type { ConnectorPlugin } from '../../core/connector/contract.ts';
import { SyncError, describeError, fromShape, rephrase, toShape } from '../../core/errors.ts';
import type { RecordLog } from '../../core/ports/record-log.ts';
import type { StatusMessage } from '../../core/status.ts';
import { createScrub, type Scrub } from '../../core/secrets/scrub.ts';
import { secretTexts } from '../../core/secrets/secrets.ts';
import { LaneNotes } from './lane-notes.ts';
import { LaneSlots } from './lane-slots.ts';
import type { FromLane, LaneTask, ToLane } from './lane-protocol.ts';
import { runSinkTask } from '../sink/sink-task.ts';
import { runSourceTask } from '../source/source-task.ts';
import type { TaskContext } from './task-context.ts';
import { OVER } from '../../core/waiting/over.ts';

export interface LaneOptions {
  readonly port: MessagePort;
  readonly plugins: readonly ConnectorPlugin[];
  /** The log as a task sees it that ends with the signal. */
  readonly logFor: (signal: AbortSignal) => RecordLog;
  readonly clock: Clock;
}

interface Hosted {
  readonly stop: AbortController;
  readonly sourceFailed: AbortController;
  readonly done: Promise<void>;
}

/** Serves until the main thread ends the worker. */
export function runLane(options: LaneOptions): void {
  const { port } = options;
  const tasks = new Map<number, Hosted>();

  const say = (message: FromLane): void => port.postMessage(message);
  const slots = new LaneSlots(say);
  const notes = new LaneNotes(say);

  const start = (id: number, task: LaneTask): void => {
    const [stop, sourceFailed] = [new AbortController(), new AbortController()];
    const scrub = scrubOf(options.plugins, task);
    const context: TaskContext = {
      connector: task.connector,
      config: task.config,
      generation: task.generation,
      log: options.logFor(stop.signal),
      notes: notes.of(id),
      slots: slots.of(id),
      clock: options.clock,
      publish: (status) => say({ type: 'status', status: scrubStatus(status, scrub) }),
      sourceFailed: sourceFailed.signal,
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
    tasks.set(id, { stop, sourceFailed, done });
  };

  const stop = async (id: number): Promise<void> => {
    const hosted = tasks.get(id);
    tasks.delete(id);
    hosted?.stop.abort(OVER);
    await hosted?.done;
    say({ type: 'stopped', id });
  };

  port.on('message', (message: ToLane) => {
    if (message.type === 'start') start(message.id, message.task);
    else if (message.type === 'stop') void stop(message.id);
    else if (message.type === 'granted') slots.granted(message.ask);
    else if (message.type === 'source-failed')
      tasks.get(message.id)?.sourceFailed.abort(fromShape(message.error));
    else notes.answer(message);
  });
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
