// The main-thread side of the lanes: a fixed number of worker threads; each task goes to the one with the fewest tasks.
// A source and a sink of one run so land in different lanes, and the main thread only ever sees control messages.
import type { Worker } from 'node:worker_threads';
import { SyncError, describeError, toShape } from '../../core/errors.ts';
import type { ErrorShape } from '../../core/errors.ts';
import type { Emit } from '../../core/events.ts';
import type { StatusMessage } from '../../core/status.ts';
import type { FromLane, LaneTask, ToLane } from './lane-protocol.ts';
import type { OffsetStore } from '../control/offset-store.ts';
import { runByHandOf } from '../run-config.ts';
import { SlotArbiter } from './slot-arbiter.ts';
import type { SlotLimits } from './slot-arbiter.ts';
import type { TaskEvents, TaskHandle, TaskHost, TaskStart } from '../control/task-host.ts';

const STOP_LIMIT_MS = 10_000;

export interface LanePoolOptions {
  /** How many threads; a run needs two to read and write side by side. */
  readonly lanes: number;
  /** Of work on the servers of sources, by all tasks together. */
  readonly slots: SlotLimits;
  /** Makes one worker thread running src/lane.ts. */
  readonly spawn: () => Worker;
  readonly notes: OffsetStore;
  readonly publish: (status: StatusMessage) => Promise<void>;
  readonly emit: Emit;
}

interface Hosted {
  readonly id: number;
  readonly task: LaneTask;
  readonly type: 'source' | 'sink';
  readonly events: TaskEvents;
  onStopped: (() => void) | null;
}

/** What a lane says of a task that is there. */
type TaskMessage = Extract<FromLane, { type: 'take' | 'ended' | 'stopped' | 'failed' }>;

interface Lane {
  readonly worker: Worker;
  readonly tasks: Map<number, Hosted>;
}

export class LanePool implements TaskHost {
  readonly #options: LanePoolOptions;
  readonly #lanes: Lane[] = [];
  readonly #slots: SlotArbiter;
  #lastId = 0;
  /** Statuses leave in the order they were said. */
  #publishing: Promise<void> = Promise.resolve();

  constructor(options: LanePoolOptions) {
    this.#options = options;
    this.#slots = new SlotArbiter(options.slots);
  }

  /** Starts the threads, so that the first task does not wait for one. */
  warm(): void {
    while (this.#lanes.length < this.#options.lanes) this.#open();
  }

  start(request: TaskStart, events: TaskEvents): Promise<TaskHandle> {
    const { connector, plugin, config, generation } = request;
    const task: LaneTask = { connector, className: plugin.className, config, generation };
    const launch = (): (() => Promise<void>) => this.#launch(task, request, events);
    let running: (() => Promise<void>) | null = launch();
    const stop = async (): Promise<void> => {
      const halt = running;
      running = null;
      await halt?.();
    };
    return Promise.resolve({
      // A paused task holds nothing: it ends like a stopped one and starts again as a restarted one would.
      pause: stop,
      resume: () => {
        running ??= launch();
        return Promise.resolve();
      },
      stop,
    });
  }

  async close(): Promise<void> {
    const lanes = this.#lanes.splice(0);
    for (const lane of lanes) {
      // With their thread they are stopped, too: nobody goes on waiting for them.
      for (const hosted of lane.tasks.values()) hosted.onStopped?.();
      lane.tasks.clear();
      lane.worker.removeAllListeners();
    }
    await Promise.all(lanes.map((lane) => lane.worker.terminate()));
    await this.#publishing;
  }

  /** Starts the task in a lane and gives back how to stop it. */
  #launch(
    task: LaneTask,
    { plugin: { type }, sourceFailure }: TaskStart,
    events: TaskEvents,
  ): () => Promise<void> {
    const lane = this.#leastBusy();
    this.#lastId += 1;
    const hosted: Hosted = { id: this.#lastId, task, type, events, onStopped: null };
    lane.tasks.set(hosted.id, hosted);
    tell(lane, { type: 'start', id: hosted.id, task });
    const error = sourceFailure();
    if (error !== null) tell(lane, { type: 'source-failed', id: hosted.id, error });
    return () =>
      new Promise((resolve) => {
        if (!lane.tasks.has(hosted.id)) {
          resolve();
          return;
        }
        // A task that hangs is ended with its thread: the others of the lane fail and are seen to fail.
        const overdue = setTimeout(() => void lane.worker.terminate(), STOP_LIMIT_MS);
        hosted.onStopped = () => {
          clearTimeout(overdue);
          resolve();
        };
        tell(lane, { type: 'stop', id: hosted.id });
      });
  }

  #leastBusy(): Lane {
    this.warm();
    return this.#lanes.reduce((a, b) => (b.tasks.size < a.tasks.size ? b : a));
  }

  #open(): void {
    const lane: Lane = { worker: this.#options.spawn(), tasks: new Map() };
    lane.worker.on('message', (message: FromLane) => void this.#hear(lane, message));
    lane.worker.on('error', (error) => this.#lose(lane, error));
    lane.worker.on('exit', () =>
      this.#lose(lane, new Error('it was ended, as a task in it did not stop in time')),
    );
    this.#lanes.push(lane);
  }

  #lose(lane: Lane, error: unknown): void {
    const at = this.#lanes.indexOf(lane);
    if (at >= 0) this.#lanes.splice(at, 1);
    const tasks = [...lane.tasks.values()];
    lane.tasks.clear();
    for (const hosted of tasks) {
      this.#slots.release(hosted.id);
      hosted.onStopped?.();
      this.#reportFailure(hosted, lostWith(hosted, tasks, error));
    }
  }

  async #hear(lane: Lane, message: FromLane): Promise<void> {
    if (message.type === 'status') {
      this.#publish(message.status);
      return;
    }
    const hosted = lane.tasks.get(message.id);
    if (message.type === 'ask') {
      tell(lane, await answerNote(this.#options.notes, hosted?.task.connector, message));
    } else if (message.type === 'give') {
      this.#slots.give(message.id, message.ask);
    } else if (hosted !== undefined) {
      this.#hearOf(hosted, lane, message);
    }
  }

  #hearOf(hosted: Hosted, lane: Lane, message: TaskMessage): void {
    if (message.type === 'take') {
      const onGranted = (): void => tell(lane, { type: 'granted', ask: message.ask });
      this.#slots.take({ ...message.request, holder: hosted.id, ask: message.ask }, onGranted);
    } else if (message.type === 'ended') {
      hosted.events.onEnded?.();
    } else {
      this.#forget(lane, hosted);
      if (message.type === 'failed') this.#reportFailure(hosted, message);
    }
  }

  /** The task is over: nothing of it is kept. */
  #forget(lane: Lane, hosted: Hosted): void {
    lane.tasks.delete(hosted.id);
    this.#slots.release(hosted.id);
    hosted.onStopped?.();
  }

  #reportFailure(hosted: Hosted, { error, trace }: { error: ErrorShape; trace: string }): void {
    const { connector } = hosted.task;
    this.#options.emit({ type: 'task.failed', connector, task: 0, code: error.code, trace });
    hosted.events.onFailed({ error, trace });
    if (hosted.type === 'source') this.#tellSinks(hosted.task, error);
  }

  /** A run by hand has no executor that would end its sink. */
  #tellSinks(source: LaneTask, error: ErrorShape): void {
    const run = runByHandOf(source.connector, source.config);
    if (run === null) return;
    for (const lane of this.#lanes)
      for (const { id, type, task } of lane.tasks.values())
        if (type === 'sink' && runByHandOf(task.connector, task.config) === run)
          tell(lane, { type: 'source-failed', id, error });
  }

  #publish(status: StatusMessage): void {
    this.#publishing = this.#publishing
      .then(() => this.#options.publish(status))
      .catch((error: unknown) => this.#options.emit({ type: 'service.failed', service: 'statuses', error }));
  }
}

/** Whose fault it was can't be told: another try may do for all, and each says who was with it. */
function lostWith(
  { task }: Hosted,
  all: readonly Hosted[],
  cause: unknown,
): { error: ErrorShape; trace: string } {
  const others = all.map((each) => each.task.connector).filter((name) => name !== task.connector);
  const beside = others.length === 0 ? '' : ` beside ${others.join(', ')}`;
  const message = `running ${task.connector}: the lane thread that ran it${beside} ended`;
  const error = new SyncError('WORKER_LOST', { message, cause });
  return { error: toShape(error), trace: describeError(error) };
}

function tell(lane: Lane, message: ToLane): void {
  lane.worker.postMessage(message);
}

async function answerNote(
  notes: OffsetStore,
  connector: string | undefined,
  message: FromLane & { type: 'ask' },
): Promise<ToLane> {
  const { ask, act, key, value } = message;
  try {
    if (connector === undefined) throw new SyncError('PLAN_LOST', { message: 'the task is gone' });
    if (act === 'read') return { type: 'answer', ask, value: await notes.read(connector, key), error: null };
    await notes[act](connector, key, value);
    return { type: 'answer', ask, value: null, error: null };
  } catch (error) {
    const lost = new SyncError('PLAN_LOST', { message: `keeping note ${key}`, cause: error });
    return { type: 'answer', ask, value: null, error: toShape(lost) };
  }
}
