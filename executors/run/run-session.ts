// What the steps of one run share, and what each step leaves for the ones after it.
import type { Moment } from '../../src/core/clock.ts';
import type { SyncError } from '../../src/core/errors.ts';
import type { ConnectorSpec, JobSpec } from '../../src/core/job.ts';
import type { TargetLedger } from '../../src/core/ledger/ledger.ts';
import type { ConnectCluster } from '../../src/core/ports/connect-cluster.ts';
import type { Position } from '../../src/core/position.ts';
import type { Run, RunState } from '../../src/core/run.ts';
import type { ExecutorContext } from '../executor-parts.ts';
import type { Interrupts } from '../interrupts.ts';
import type { Lease } from '../lease.ts';
import { LEASE_MS } from '../lease.ts';
import type { RunLog } from './run-log.ts';
import { createRunLog } from './run-log.ts';
import { createScrub, type Scrub } from '../../src/core/secrets/scrub.ts';
import { secretTexts } from '../../src/core/secrets/secrets.ts';
import type { Wiring } from './wire-job.ts';
import { findPlugin } from '../../src/core/connector/plugin-registry.ts';
import type { WatchState } from '../watch/watch-state.ts';

export interface ClaimedRun {
  readonly run: Run;
  /** It was another executor's, which died or left it: how far it came is found out. */
  readonly takenOver: boolean;
  /** Just before the claim was sent. */
  readonly grantedAt: Moment;
  readonly interrupts: Interrupts;
}

export interface RunSession {
  readonly executor: ExecutorContext;
  /** As it was when it was claimed. */
  readonly run: Run;
  readonly takenOver: boolean;
  readonly spec: JobSpec;
  readonly lease: Lease;
  readonly log: RunLog;
  readonly scrub: Scrub;
  /** When it was first claimed, by this executor's monotonic time. */
  readonly startedAt: number;
  readonly interrupts: Interrupts;
}

/** A run that is its job's current one in the target. */
export interface Begun {
  readonly wiring: Wiring;
  /** null: the sink keeps none. It is closed with the run. */
  readonly ledger: TargetLedger | null;
  /** null: the sink keeps no ledger. */
  readonly epoch: number | null;
  readonly base: Position | null;
  /** From when on rows deleted in the source may still be in the target. */
  readonly deletesFrom: Position | null;
}

/** How far the run has come, written by begin, start and watch: what is known of one in which a step throws. */
export interface RunProgress {
  wiring: Wiring | null;
  ledger: TargetLedger | null;
  /** `unknown`: begin was sent and not answered. `refused`: answered, and nothing was begun. */
  begin: 'not-sent' | 'unknown' | 'refused' | 'begun';
  /** The target's answer; null: there was none. */
  base: Position | null;
  /** True once a connector may hold this run's configuration. */
  connectorsTouched: boolean;
  state: 'starting' | 'running';
  /** What is being done, in words: said when it takes too long. */
  step: string;
  /** What was last in the way of that step, and may pass. */
  trouble: SyncError | null;
  watched: WatchState | null;
}

/** What begin, start and watch left behind, done or not: settle and close read it, and change nothing in it. */
export type LeftBehind = Readonly<
  Pick<RunProgress, 'wiring' | 'ledger' | 'begin' | 'base' | 'connectorsTouched' | 'state' | 'watched'>
>;

/** Where a run that was taken over had got to is not known: everything that it may have touched counts as touched. */
export function newProgress({ run, takenOver }: Pick<ClaimedRun, 'run' | 'takenOver'>): RunProgress {
  return {
    wiring: null,
    ledger: null,
    begin: takenOver ? 'unknown' : 'not-sent',
    base: null,
    connectorsTouched: takenOver,
    state: run.state === 'running' ? 'running' : 'starting',
    step: 'beginning',
    trouble: null,
    watched: null,
  };
}

export function openSession(
  executor: ExecutorContext,
  { run, grantedAt, interrupts, takenOver }: ClaimedRun,
  { spec, lease }: { readonly spec: JobSpec; readonly lease: Lease },
): RunSession {
  const { runs, clock } = executor;
  const scrub = createScrub(secretsOfJob(executor, spec));
  const log = createRunLog({ runs, clock, runId: run.id, scrub });
  // By the database's time it was claimed, and taken over: the lease that was granted tells when.
  const sinceMs = (run.leaseUntil ?? 0) - LEASE_MS - (run.startedAt ?? 0);
  const startedAt = grantedAt.monotonic - (takenOver ? Math.max(0, sinceMs) : 0);
  return { executor, run, takenOver, spec, lease, log, scrub, startedAt, interrupts };
}

export function sayState(
  { executor, run, spec }: RunSession,
  { from, to }: { readonly from: RunState; readonly to: RunState },
): void {
  executor.emit({ type: 'run.state', job: spec.name, jobId: run.jobId, runId: run.id, from, to });
}

function secretsOfJob(executor: ExecutorContext, spec: JobSpec): readonly string[] {
  const secrets = ({ connector, config }: ConnectorSpec): readonly string[] =>
    secretTexts(config, findPlugin(executor.plugins, connector)?.configDef ?? null);
  return [...secrets(spec.source), ...secrets(spec.sink), ...(spec.webhook === null ? [] : [spec.webhook])];
}

/** The longest that one write to a Connect cluster may take; the lease must last longer than that. */
export const CONNECT_WRITE_MS = 5_000;

export type ConnectWrites = Pick<ConnectCluster, 'putConfig' | 'resume' | 'stop' | 'remove' | 'setOffsets'>;

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
    setOffsets: (name, topic, offsets) => guarded(() => cluster.setOffsets(name, topic, offsets)),
  };
}
