// One connector while the worker runs: drives its task towards what is wanted, one step at a time (connector-state.ts).
import type { ConnectorConfig } from '../../core/connector/config-def.ts';
import type { ConnectorPlugin } from '../../core/connector/contract.ts';
import { describeError, shapeOf, toShape } from '../../core/errors.ts';
import type { ErrorShape } from '../../core/errors.ts';
import type { Emit } from '../../core/events.ts';
import type { ShownState, Step, TargetState, TaskPhase } from './connector-state.ts';
import { nextStep, settledState, shownTaskState } from './connector-state.ts';
import type { TaskEvents, TaskFailure, TaskHandle, TaskHost } from './task-host.ts';

export interface LifeContext {
  readonly host: TaskHost;
  readonly emit: Emit;
  /** The predecessor of the same name, while its task still stops. */
  readonly predecessor: Promise<void>;
  /** The task runs; called each time it starts. */
  readonly onRunning: () => void;
  readonly sourceFailure: () => ErrorShape | null;
}

export interface LifeDefinition {
  readonly name: string;
  readonly config: ConnectorConfig;
  /** null: no plugin of that class is there any more; the connector is FAILED. */
  readonly plugin: ConnectorPlugin | null;
  readonly target: TargetState;
  readonly generation: number;
}

export interface ShownInstance {
  readonly state: ShownState;
  /** Why it failed; null: it has not. */
  readonly failure: TaskFailure | null;
}

interface Task {
  phase: TaskPhase;
  generation: number;
  restartAsked: boolean;
  failure: TaskFailure | null;
  handle: TaskHandle | null;
}

const TASK = 0;

export class ConnectorLife {
  readonly #context: LifeContext;
  #wanted: LifeDefinition;
  #task: Task | null = null;
  #shown: ShownState = 'UNASSIGNED';
  #pendingStart: AbortController | null = null;
  #settling: Promise<void> | null = null;
  /** Something was asked for that the settling loop has not seen. */
  #unsettled = false;

  constructor(context: LifeContext, definition: LifeDefinition) {
    this.#context = context;
    this.#wanted = definition;
    this.#kick();
  }

  get definition(): LifeDefinition {
    return this.#wanted;
  }

  /** Sets what is wanted; the steps towards it follow in the background. */
  become(change: Partial<LifeDefinition>): void {
    this.#wanted = { ...this.#wanted, ...change };
    this.#abandonOutdatedStart();
    this.#kick();
  }

  /** Shows RESTARTING until it happened. A connector has no code of its own to restart, so only its state shows it. */
  restart(parts: { connector: boolean; task: boolean }): void {
    if (parts.connector) this.#shown = 'RESTARTING';
    if (parts.task && this.#task !== null) this.#task.restartAsked = true;
    this.#abandonOutdatedStart();
    this.#kick();
  }

  /** Resolves when nothing is left to do for the present. */
  async settled(): Promise<void> {
    while (this.#settling !== null) await this.#settling;
  }

  connector(): ShownInstance {
    if (this.#wanted.plugin !== null || this.#shown === 'STOPPED')
      return { state: this.#shown, failure: null };
    const className = this.#wanted.config['connector.class'] ?? '';
    const error = shapeOf('NOT_FOUND', `no connector of class ${className} is installed`);
    return { state: 'FAILED', failure: { error, trace: `${error.code}: ${error.message}` } };
  }

  /** null: the connector has no task now. */
  task(): ShownInstance | null {
    const task = this.#task;
    if (task === null) return null;
    return { state: shownTaskState(task, this.#wanted.target), failure: task.failure };
  }

  #kick(): void {
    this.#unsettled = true;
    if (this.#settling !== null) return;
    this.#settling = this.#settle().finally(() => {
      this.#settling = null;
      if (this.#unsettled) this.#kick();
    });
  }

  async #settle(): Promise<void> {
    await this.#context.predecessor;
    while (this.#unsettled) {
      this.#unsettled = false;
      for (let step = this.#next(); step !== null; step = this.#next()) await this.#take(step);
      this.#shown = settledState(this.#wanted.target);
    }
  }

  #next(): Step | null {
    const step = nextStep(this.#wanted, this.#task);
    return this.#wanted.plugin === null && step !== 'stop' ? null : step;
  }

  #take(step: Step): Promise<void> {
    switch (step) {
      case 'start':
        return this.#start();
      case 'pause':
        return this.#turn('paused', (handle) => handle.pause());
      case 'resume':
        return this.#turn('running', (handle) => handle.resume());
      case 'renew':
        return this.#renew();
      case 'stop':
        return this.#stop();
    }
  }

  async #start(): Promise<void> {
    const { plugin, name, config, generation } = this.#wanted;
    if (plugin === null) return;
    const task = this.#task ?? newTask(generation);
    this.#task = task;
    this.#shown = 'RUNNING';
    const pending = new AbortController();
    this.#pendingStart = pending;
    const { sourceFailure } = this.#context;
    const { signal } = pending;
    const start = { connector: name, task: TASK, plugin, config, generation, sourceFailure, signal };
    try {
      const handle = await this.#context.host.start(start, this.#events(task));
      // It may have failed before it was said to run.
      if (this.#hasFailed(task)) return;
      task.handle = handle;
      task.phase = 'running';
      this.#context.onRunning();
    } catch (error) {
      if (!pending.signal.aborted) this.#fail(task, error);
    } finally {
      this.#pendingStart = null;
    }
  }

  #hasFailed(task: Task): boolean {
    return task.phase === 'failed';
  }

  async #turn(phase: 'running' | 'paused', work: (handle: TaskHandle) => Promise<void>): Promise<void> {
    const task = this.#task;
    if (task?.handle == null) return;
    try {
      await work(task.handle);
      if (!this.#hasFailed(task)) task.phase = phase;
    } catch (error) {
      await this.#release(task);
      if (!this.#hasFailed(task)) this.#fail(task, error);
    }
  }

  async #renew(): Promise<void> {
    const task = this.#task;
    if (task === null) return;
    await this.#release(task);
    this.#task = newTask(this.#wanted.generation);
  }

  async #stop(): Promise<void> {
    if (this.#task !== null) await this.#release(this.#task);
    this.#task = null;
  }

  /** A task that won't stop properly is given up all the same: what it writes from now on is fenced off in the target. */
  async #release(task: Task): Promise<void> {
    const handle = task.handle;
    task.handle = null;
    try {
      await handle?.stop();
    } catch (error) {
      this.#context.emit({ type: 'service.failed', service: `task ${this.#wanted.name}-${TASK}`, error });
    }
  }

  #events(task: Task): TaskEvents {
    return {
      onFailed: (failure) => {
        if (this.#task === task && task.phase !== 'failed') markFailed(task, failure);
      },
    };
  }

  /** What the host refused, which the host has not said. */
  #fail(task: Task, error: unknown): void {
    const failure = { error: toShape(error), trace: describeError(error) };
    markFailed(task, failure);
    const { code } = failure.error;
    const connector = this.#wanted.name;
    this.#context.emit({ type: 'task.failed', connector, task: TASK, code, trace: failure.trace });
  }

  #abandonOutdatedStart(): void {
    const step = nextStep(this.#wanted, this.#task);
    if (step === 'renew' || step === 'stop' || this.#wanted.target === 'PAUSED')
      this.#pendingStart?.abort(new Error('the task is not wanted any more'));
  }
}

function newTask(generation: number): Task {
  return { phase: 'waiting', generation, restartAsked: false, failure: null, handle: null };
}

function markFailed(task: Task, failure: TaskFailure): void {
  task.phase = 'failed';
  task.handle = null;
  task.failure = failure;
}
