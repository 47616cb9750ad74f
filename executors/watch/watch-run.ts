// Watches a going run: carries statuses, polls, ticks and the ledger's answers to the reducer, and does what it decides.
import { SyncError, toSyncError } from '../../src/core/errors.ts';
import { KEY } from '../../src/core/connector/keys.ts';
import type { StatusMessage } from '../../src/core/status.ts';
import { untilAborted } from '../../src/core/waiting/until-aborted.ts';
import { LeftRun } from '../run/leave-run.ts';
import { pollConnectors } from './poll-connectors.ts';
import { readHandover } from './read-handover.ts';
import { reduceWatch } from './reduce-watch.ts';
import type { RunSession } from '../run/run-session.ts';
import { guardWrites } from '../run/run-session.ts';
import { liveReport, saveProgress } from '../run/save-progress.ts';
import type { Started } from '../run/start-run.ts';
import type { Verdict } from '../run/verdict.ts';
import type { WatchAction, WatchInput, WatchRules, WatchState } from './watch-state.ts';
import { startWatch } from './watch-state.ts';
import { OVER } from '../../src/core/waiting/over.ts';

const POLL_EVERY_MS = 3_000;
const POLL_JITTER_MS = 2_000;

export interface WatchRequest {
  readonly session: RunSession;
  readonly started: Started;
  /** Statuses that came while the connectors were being started. */
  readonly early: readonly StatusMessage[];
}

/** What was seen of a run until it was over, was left, or a defect ended the watch. */
export interface Watched {
  readonly watched: WatchState;
  readonly ended: { readonly verdict: Verdict } | { readonly thrown: unknown };
}

/** Throws LEASE_LOST. */
export async function watchRun(request: WatchRequest): Promise<Watched> {
  const watch = new RunWatch(request);
  try {
    return await untilAborted(request.session.lease.signal, watch.end());
  } finally {
    watch.leave();
  }
}

class RunWatch {
  private readonly request: WatchRequest;
  private readonly rules: WatchRules;
  private readonly over = new AbortController();
  private readonly leaves: (() => void)[] = [];
  private finish: (ended: Watched['ended']) => void = () => undefined;
  private state: WatchState;
  private saved = '';
  private nextPollAt: number;
  private readonly busy = new Set<string>();
  private looksWanted = 0;

  constructor(request: WatchRequest) {
    const { session, started } = request;
    const { connectors } = started;
    this.request = request;
    this.rules = rulesOf(request);
    this.state = startWatch({ ...connectors, startedAt: session.startedAt, report: session.run.report });
    // Not at once: a cluster's status may lag behind the resume.
    this.nextPollAt = connectors.resumedAt + POLL_EVERY_MS;
  }

  end(): Promise<Watched> {
    const { session, early } = this.request;
    const { executor, run } = session;
    return new Promise((resolve) => {
      this.finish = (ended) => resolve({ watched: this.state, ended });
      for (const status of early) this.onStatus(status);
      this.leaves.push(
        executor.hub.watch(run.id, (status) => this.onStatus(status)),
        executor.ticks.add((now) => this.onTick(now)),
        session.interrupts.attend((asked) => {
          if (asked.kind === 'leave') this.finish({ thrown: new LeftRun() });
          else this.step(asked);
        }),
      );
    });
  }

  leave(): void {
    this.over.abort(OVER);
    for (const leave of this.leaves.splice(0)) leave();
  }

  private now(): number {
    return this.request.session.executor.clock.monotonic();
  }

  private onStatus(status: StatusMessage): void {
    this.step({ kind: 'status', at: this.now(), status });
  }

  private onTick(now: number): void {
    this.step({ kind: 'tick', at: now });
    if (this.state.verdict !== null) return;
    if (now >= this.nextPollAt) {
      // Jittered, so that the polls of many runs spread over the seconds.
      this.nextPollAt = now + POLL_EVERY_MS + Math.random() * POLL_JITTER_MS;
      this.alone('poll', () => this.poll());
    }
    this.alone('save', () => this.save(now));
  }

  private step(input: WatchInput): void {
    if (this.over.signal.aborted) return;
    const { state, actions } = reduceWatch(this.rules, this.state, input);
    this.state = state;
    for (const action of actions) this.act(action);
    if (state.verdict !== null) this.finish({ verdict: state.verdict });
  }

  private act(action: WatchAction): void {
    if (action.kind === 'say') this.request.session.log.add(action.level, action.line);
    else if (action.kind === 'resume') this.alone('resume', () => this.resume());
    else {
      this.looksWanted += 1;
      this.alone('look', () => this.look());
    }
  }

  /**
   * One of a kind at a time. What fails with a SyncError is only not known or not done yet: a later tick asks again, and the
   * stall limit holds meanwhile. Anything else is a defect and ends the run.
   */
  private alone(kind: string, work: () => Promise<void>): void {
    if (this.busy.has(kind)) return;
    this.busy.add(kind);
    work()
      .catch((error: unknown) => {
        if (!(error instanceof SyncError)) this.finish({ thrown: error });
      })
      .finally(() => this.busy.delete(kind));
  }

  private async poll(): Promise<void> {
    const { wiring } = this.request.started;
    try {
      const poll = await pollConnectors(wiring);
      this.step({ kind: 'poll', at: this.now(), poll });
    } catch (error) {
      this.step({ kind: 'poll-failed', at: this.now(), message: toSyncError(error).message });
      return;
    }
    if (wiring.plugins.sink === null) await this.pollHandover();
  }

  /** A sink that isn't ours says how far it is by the offsets that it commits. That Kafka is away is not held against its cluster. */
  private async pollHandover(): Promise<void> {
    const { session, started } = this.request;
    // Before the topic's ends are read: only then are they the run's.
    const isAllSent = this.state.source.stage === 'end';
    try {
      const handover = await readHandover({
        log: session.executor.log,
        wiring: started.wiring,
        began: started.connectors,
      });
      if (handover !== null) this.step({ kind: 'handover', at: this.now(), handover, isAllSent });
    } catch (error) {
      const { code, message } = toSyncError(error);
      if (code !== 'TOPIC_MISSING' && code !== 'LOG_RETENTION') throw error;
      this.step({ kind: 'records-lost', code, message });
    }
  }

  /** Looks until no look was asked for during the last one. */
  private async look(): Promise<void> {
    const { session, started } = this.request;
    for (;;) {
      const wanted = this.looksWanted;
      const run = await started.ledger?.readRun(session.run.jobId, session.run.id);
      if (run !== undefined) this.step({ kind: 'ledger', at: this.now(), run });
      if (wanted === this.looksWanted) return;
    }
  }

  private async resume(): Promise<void> {
    const { session, started } = this.request;
    if (!(await this.isSameLog())) {
      this.step({ kind: 'log-changed', at: this.now() });
      return;
    }
    for (const { cluster, name } of [started.wiring.sink, started.wiring.source]) {
      const config = await cluster.readConfig(name);
      if (config?.[KEY.taskId] === session.run.id)
        await guardWrites(cluster, session.lease, this.over.signal).resume(name);
    }
  }

  private async isSameLog(): Promise<boolean> {
    const { session, started } = this.request;
    try {
      const { incarnation } = await session.executor.log.readOffsets(started.wiring.topic);
      return incarnation === started.connectors.logIncarnation;
    } catch (error) {
      if (toSyncError(error).code === 'TOPIC_MISSING') return false;
      throw error;
    }
  }

  /** At most once a second, and only what is new. Progress that can't be saved is not lost, the next second has it. */
  private async save(now: number): Promise<void> {
    const { session, started } = this.request;
    await session.log.flush();
    const report = liveReport(session, { ...started, watched: this.state }, now);
    // What only passing time changes is nothing new.
    const news = JSON.stringify({ ...report, rowsPerSecond: null });
    if (news === this.saved) return;
    await saveProgress(session, report);
    this.saved = news;
  }
}

function rulesOf({ session, started: { epoch, wiring } }: WatchRequest): WatchRules {
  const { startMs, stallMs, timeoutMs } = session.spec.policy;
  return {
    runId: session.run.id,
    jobId: session.run.jobId,
    epoch,
    names: { source: wiring.source.name, sink: wiring.sink.name },
    logKind: session.executor.log.kind,
    startMs,
    stallMs,
    timeoutMs,
  };
}
