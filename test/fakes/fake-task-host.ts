// A task host without a data path: it notes what it is told, and each start does what the test says.
import { describeError, toShape } from '../../src/core/errors.ts';
import type {
  TaskEvents,
  TaskFailure,
  TaskHandle,
  TaskHost,
  TaskStart,
} from '../../src/worker/control/task-host.ts';

export interface FakeTaskHost extends TaskHost {
  /** `start a` · `pause a` · `resume a` · `stop a`, in the order they came. */
  readonly told: readonly string[];
  readonly starts: readonly TaskStart[];
  /** Connectors whose task runs. */
  readonly running: ReadonlySet<string>;
  /** Awaited before a start resolves; what it throws is the start's failure. */
  onStart: (task: TaskStart, events: TaskEvents) => Promise<void> | void;
  /** Awaited before a stop resolves. */
  onStop: (connector: string) => Promise<void> | void;
  onTurn: (connector: string) => Promise<void> | void;
  /** The running task of the connector fails by itself. */
  fail(connector: string, error: Error): void;
}

export function createFakeTaskHost(): FakeTaskHost {
  const told: string[] = [];
  const starts: TaskStart[] = [];
  const running = new Map<string, TaskEvents>();
  const host: FakeTaskHost = {
    told,
    starts,
    get running() {
      return new Set(running.keys());
    },
    onStart: () => undefined,
    onStop: () => undefined,
    onTurn: () => undefined,
    fail: (connector, error) => {
      const events = running.get(connector);
      if (events === undefined) throw new Error(`${connector} does not run`);
      running.delete(connector);
      events.onFailed(failureOf(error));
    },
    start: async (task, events): Promise<TaskHandle> => {
      const { connector } = task;
      if (running.has(connector)) throw new Error(`${connector} was started twice`);
      told.push(`start ${connector}`);
      starts.push(task);
      await host.onStart(task, events);
      running.set(connector, events);
      return {
        pause: () => turn('pause', connector),
        resume: () => turn('resume', connector),
        stop: async () => {
          told.push(`stop ${connector}`);
          await host.onStop(connector);
          running.delete(connector);
        },
      };
    },
  };
  const turn = async (what: string, connector: string): Promise<void> => {
    told.push(`${what} ${connector}`);
    await host.onTurn(connector);
  };
  return host;
}

export function failureOf(error: Error): TaskFailure {
  return { error: toShape(error), trace: describeError(error) };
}
