// What the steps of one run share, and the values that they hand on: each step takes what the one before it reached and returns more.
import type { Moment } from '../../src/core/clock.ts';
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
import type { Ending, StepOutcome } from '../../src/core/steps/step-outcome.ts';
import { secretsOfSteps } from '../../src/core/steps/step-secrets.ts';
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

/** How far a run has come. Of one in which a step throws it is what the step before had reached. */
export interface Reached {
  readonly wiring: Wiring | null;
  /** null: not opened yet, or the sink keeps none. It is closed with the run. */
  readonly ledger: TargetLedger | null;
  /** `unknown`: begin was sent, or is about to be, and not answered. `refused`: answered, and nothing was begun. */
  readonly begin: 'not-sent' | 'unknown' | 'refused' | 'begun';
  /** The target's answer; null: there was none. */
  readonly base: Position | null;
  /** True once a connector may hold this run's configuration. */
  readonly connectorsTouched: boolean;
  readonly state: 'starting' | 'running';
  readonly watched: WatchState | null;
  /** What became of the steps around the sync. */
  readonly steps: readonly StepOutcome[];
  /** While post steps run. */
  readonly ending: Ending | null;
}

export interface Wired extends Reached {
  readonly wiring: Wiring;
}

/** A run that is its job's current one in the target. */
export interface Begun extends Wired {
  /** null: the sink keeps no ledger. */
  readonly epoch: number | null;
  /** From when on rows deleted in the source may still be in the target. */
  readonly deletesFrom: Position | null;
  /** It was taken over, and had become complete in the target. */
  readonly isComplete: boolean;
}

/** Where a run that was taken over had got to is not known: everything that it may have touched counts as touched. */
export function reachedByClaim({ run, takenOver }: Pick<ClaimedRun, 'run' | 'takenOver'>): Reached {
  return {
    wiring: null,
    ledger: null,
    begin: takenOver ? 'unknown' : 'not-sent',
    base: null,
    connectorsTouched: takenOver,
    state: run.state === 'running' ? 'running' : 'starting',
    watched: null,
    steps: takenOver ? (run.report?.steps ?? []) : [],
    ending: takenOver ? (run.report?.ending ?? null) : null,
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
  return [
    ...secrets(spec.source),
    ...secrets(spec.sink),
    ...secretsOfSteps(spec.steps, executor.sqlConnections.def),
    ...(spec.webhook === null ? [] : [spec.webhook]),
  ];
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
    putConfig: (name, config, exists) => guarded(() => cluster.putConfig(name, config, exists)),
    resume: (name) => guarded(() => cluster.resume(name)),
    stop: (name) => guarded(() => cluster.stop(name)),
    remove: (name) => guarded(() => cluster.remove(name)),
    setOffsets: (name, topic, offsets) => guarded(() => cluster.setOffsets(name, topic, offsets)),
  };
}
