// The executor: takes runs off the queue, several at a time, and brings each to an end.
import { momentOf } from '../src/core/clock.ts';
import { toSyncError } from '../src/core/errors.ts';
import type { Run } from '../src/core/run.ts';
import type { Service } from '../src/core/service.ts';
import { within } from '../src/core/waiting/within.ts';
import { executeRun } from './run/execute-run.ts';
import type { ExecutorContext, ExecutorParts } from './executor-parts.ts';
import type { Interrupts } from './interrupts.ts';
import { cancelled, createInterrupts, left, stopped } from './interrupts.ts';
import { LEASE_MS } from './lease.ts';
import { createStatusHub } from './watch/status-hub.ts';
import { createTickLoop } from './watch/tick-loop.ts';

/** How long `stop` waits for runs that it ends or leaves; what takes longer is found by whoever takes the run over. */
const END_MS = 20_000;
/** How long `stop` waits for webhooks on their way. */
const BACKGROUND_MS = 10_000;

export interface Executor extends Service {
  /** Tries to take a queued run, in the background; false: no room. Called by rescue. */
  offer(run: Run): boolean;
  /** Goes on with a run whose lease expired; one that somebody else took meanwhile is left alone. Called by rescue. */
  recover(run: Run): Promise<void>;
}

export function createExecutor(parts: ExecutorParts): Executor {
  return new RunWorker(parts);
}

interface Going {
  readonly done: Promise<void>;
  readonly interrupts: Interrupts;
}

interface Holding {
  readonly take: () => Promise<Run | null>;
  readonly takenOver: boolean;
}

class RunWorker implements Executor {
  readonly name = 'executor';
  private readonly context: ExecutorContext;
  private readonly going = new Map<string, Going>();
  private readonly background = new Set<Promise<void>>();
  private readonly released = new AbortController();
  private hearing = false;
  private started = false;
  private stopped: Promise<void> | null = null;

  constructor(parts: ExecutorParts) {
    this.context = {
      ...parts,
      ticks: createTickLoop(parts.clock),
      hub: createStatusHub(parts.statuses),
      background: (work) => {
        const tracked = work.finally(() => this.background.delete(tracked));
        this.background.add(tracked);
      },
    };
  }

  async start(): Promise<void> {
    const { hub, ticks, queue, concurrency, emit, owner } = this.context;
    await hub.follow(this.released.signal);
    void ticks.run(this.released.signal);
    ticks.add(() => void this.hearCancels());
    await queue.listen({ concurrency, onWake: (runId) => this.onWake(runId) });
    this.started = true;
    emit({
      type: 'service.started',
      service: this.name,
      detail: `${concurrency} runs at a time as ${owner}`,
    });
  }

  /**
   * Takes no new run. Where the records lie in Kafka the going runs are left to whoever takes them over: they go on. Where they
   * lie in this process's memory the runs may end by themselves for `drainMs`; what needs longer is ended here and now: fenced
   * in the target, its connectors stopped, its next attempt made, which does not count.
   */
  stop(): Promise<void> {
    this.stopped ??= this.release();
    return this.stopped;
  }

  offer(run: Run): boolean {
    if (this.isFull()) return false;
    void this.onWake(run.id);
    return true;
  }

  async recover(run: Run): Promise<void> {
    const { runs, owner } = this.context;
    // Held right here: this process was asleep, its next renewal puts the lease right.
    if (this.going.has(run.id)) return;
    const take = (): Promise<Run | null> => runs.takeOver({ id: run.id, owner, leaseMs: LEASE_MS });
    await this.hold(run.id, { take, takenOver: true });
  }

  /** A wake-up that is refused or fails is harmless: rescue finds the row. */
  private async onWake(runId: string): Promise<void> {
    const { runs, owner, name: executor, emit } = this.context;
    try {
      const take = (): Promise<Run | null> => runs.claim({ id: runId, owner, executor, leaseMs: LEASE_MS });
      if (!this.going.has(runId) && !this.isFull()) await this.hold(runId, { take, takenOver: false });
    } catch (error) {
      emit({ type: 'service.failed', service: this.name, error: toSyncError(error) });
    }
  }

  /** One question a second for all runs. An unreachable database is asked again at the next tick. */
  private async hearCancels(): Promise<void> {
    if (this.hearing || this.going.size === 0) return;
    this.hearing = true;
    try {
      for (const { id, replaced } of await this.context.runs.listCancelRequested(this.context.owner))
        this.going.get(id)?.interrupts.ask(replaced === null ? cancelled : { kind: 'end', reason: replaced });
    } catch (error) {
      if (toSyncError(error).code !== 'DATABASE_UNREACHABLE')
        this.context.emit({ type: 'service.failed', service: this.name, error });
    } finally {
      this.hearing = false;
    }
  }

  private isFull(): boolean {
    return this.going.size >= this.context.concurrency;
  }

  /** Takes a run and works on it, in sight of `stop` from before it is taken. */
  private async hold(runId: string, { take, takenOver }: Holding): Promise<void> {
    if (this.stopped !== null) return;
    const interrupts = createInterrupts();
    const grantedAt = momentOf(this.context.clock);
    const held = take().then((run) =>
      run === null ? undefined : executeRun(this.context, { run, takenOver, grantedAt, interrupts }),
    );
    this.going.set(runId, { done: held.catch(() => undefined), interrupts });
    try {
      await held;
    } finally {
      this.going.delete(runId);
    }
  }

  private async release(): Promise<void> {
    const { drainMs, emit, log } = this.context;
    const going = [...this.going.values()];
    if (going.length > 0) {
      const ended = Promise.all(going.map(({ done }) => done));
      emit({ type: 'service.waiting', service: this.name, runs: going.length });
      if (log.kind === 'memory') await this.atMost(drainMs, ended);
      for (const { interrupts } of going) interrupts.ask(log.kind === 'memory' ? stopped : left);
      await this.atMost(END_MS, ended);
    }
    if (this.background.size > 0) await this.atMost(BACKGROUND_MS, Promise.all(this.background));
    this.released.abort();
    if (this.started) emit({ type: 'service.stopped', service: this.name });
  }

  private async atMost(ms: number, work: Promise<unknown>): Promise<void> {
    await within<unknown>({ clock: this.context.clock, ms, onLimit: () => undefined }, work);
  }
}
