// What the steps of one run share, and what each step leaves for the ones after it.
import type { Moment } from '../src/core/clock.ts';
import type { ConnectorSpec, JobSpec } from '../src/core/job.ts';
import type { TargetLedger } from '../src/core/ledger.ts';
import type { ConnectCluster } from '../src/core/ports.ts';
import type { Run } from '../src/core/run.ts';
import type { Text } from '../src/core/text.ts';
import type { ExecutorContext } from './executor-parts.ts';
import type { Lease } from './lease.ts';
import { holdLease } from './lease.ts';
import type { RunLog } from './run-log.ts';
import { createRunLog } from './run-log.ts';
import { createScrub, type Scrub } from '../src/core/scrub.ts';
import { secretTexts } from '../src/core/secrets.ts';
import type { Wiring } from './wire-job.ts';
import { findPlugin } from '../src/core/plugin-registry.ts';
import type { WatchState } from './watch-state.ts';

export interface RunSession {
  readonly executor: ExecutorContext;
  readonly run: Run;
  readonly spec: JobSpec;
  readonly lease: Lease;
  readonly log: RunLog;
  readonly scrub: Scrub;
  /** Monotonic. */
  readonly claimedAt: number;
  readonly interrupts: Interrupts;
}

/** Reasons from outside to end a run early. The last one asked for counts; whoever attends is told, now or when it begins to. */
export interface Interrupts {
  ask(kind: 'cancel' | 'stop'): void;
  /** Returns how to leave. */
  attend(onAsked: (kind: 'cancel' | 'stop') => void): () => void;
}

/** How far a run came: decides what must be undone at its end. Written by the steps, read by finish-run. */
export interface RunProgress {
  wiring: Wiring | null;
  ledger: TargetLedger | null;
  /** `unknown`: begin was sent and not answered. `refused`: answered, and nothing was begun. */
  begin: 'not-sent' | 'unknown' | 'refused' | 'begun';
  epoch: number | null;
  base: number | null;
  /** True once a connector may hold this run's configuration. */
  connectorsTouched: boolean;
  state: 'starting' | 'running';
  /** What is being done, in words: said when it takes too long. */
  step: string;
  watched: WatchState | null;
  readonly notes: Text[];
}

export function newProgress(run: Run): RunProgress {
  return {
    wiring: null,
    ledger: null,
    begin: 'not-sent',
    epoch: null,
    base: null,
    connectorsTouched: false,
    state: run.state === 'running' ? 'running' : 'starting',
    step: 'beginning',
    watched: null,
    notes: [],
  };
}

/** Begins to renew the lease. `grantedAt`: just before the claim was sent. */
export function openSession(
  executor: ExecutorContext,
  claim: { readonly run: Run; readonly grantedAt: Moment; readonly interrupts: Interrupts },
  spec: JobSpec,
): RunSession {
  const { run, grantedAt, interrupts } = claim;
  const { runs, clock, ticks, owner } = executor;
  const scrub = createScrub(secretsOfJob(executor, spec));
  const lease = holdLease({
    runs,
    clock,
    ticks,
    owner,
    runId: run.id,
    grantedAt,
  });
  const log = createRunLog({ runs, clock, runId: run.id, scrub });
  return { executor, run, spec, lease, log, scrub, claimedAt: grantedAt.monotonic, interrupts };
}

function secretsOfJob(executor: ExecutorContext, spec: JobSpec): readonly string[] {
  const secrets = ({ connector, config }: ConnectorSpec): readonly string[] =>
    secretTexts(config, findPlugin(executor.plugins, connector)?.configDef ?? null);
  return [...secrets(spec.source), ...secrets(spec.sink), ...(spec.webhook === null ? [] : [spec.webhook])];
}

export function createInterrupts(): Interrupts {
  let asked: 'cancel' | 'stop' | null = null;
  const attending = new Set<(kind: 'cancel' | 'stop') => void>();
  return {
    ask: (kind) => {
      asked = kind;
      for (const onAsked of [...attending]) onAsked(kind);
    },
    attend: (onAsked) => {
      attending.add(onAsked);
      if (asked !== null) onAsked(asked);
      return () => void attending.delete(onAsked);
    },
  };
}

/** The longest that one write to a Connect cluster may take; the lease must last longer than that. */
export const CONNECT_WRITE_MS = 5_000;

export type ConnectWrites = Pick<ConnectCluster, 'putConfig' | 'resume' | 'stop' | 'remove'>;

/** Writes, each preceded by the check that this executor may still act for the run, and that `signal` is not aborted. */
export function guardWrites(cluster: ConnectCluster, lease: Lease, signal: AbortSignal): ConnectWrites {
  const guarded = async (write: () => Promise<void>): Promise<void> => {
    signal.throwIfAborted();
    await lease.ensure(CONNECT_WRITE_MS);
    signal.throwIfAborted();
    await write();
  };
  return {
    putConfig: (name, config) => guarded(() => cluster.putConfig(name, config)),
    resume: (name) => guarded(() => cluster.resume(name)),
    stop: (name) => guarded(() => cluster.stop(name)),
    remove: (name) => guarded(() => cluster.remove(name)),
  };
}
