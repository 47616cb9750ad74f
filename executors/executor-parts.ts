// What an executor is built from (by the composition root), and what its runs share.
import type { Clock } from '../src/core/clock.ts';
import type { ConnectorPlugin } from '../src/core/connector/contract.ts';
import type { RefuseAddress } from '../src/core/network/address-guard.ts';
import type { Emit } from '../src/core/events.ts';
import type { ConnectCluster } from '../src/core/ports/connect-cluster.ts';
import type { JobStore } from '../src/core/ports/jobs.ts';
import type { RunQueue } from '../src/core/ports/queue.ts';
import type { RecordLog } from '../src/core/ports/record-log.ts';
import type { RunStore } from '../src/core/ports/runs.ts';
import type { SqlConnections } from '../src/core/ports/sql-connections.ts';
import type { StatusChannel } from '../src/core/ports/statuses.ts';
import type { JobSpec } from '../src/core/job.ts';
import type { Run } from '../src/core/run.ts';
import type { RunInputs } from '../src/core/template/run-inputs.ts';
import type { CallHttp } from './guarded-request.ts';
import type { StatusHub } from './watch/status-hub.ts';
import type { TickLoop } from './watch/tick-loop.ts';

export interface ExecutorParts {
  readonly jobs: Pick<JobStore, 'readVersion' | 'readHead'>;
  readonly runs: RunStore;
  readonly queue: Pick<RunQueue, 'listen' | 'wake'>;
  readonly log: RecordLog;
  readonly statuses: StatusChannel;
  /** By the name that jobs use. */
  readonly clusters: ReadonlyMap<string, ConnectCluster>;
  readonly plugins: readonly ConnectorPlugin[];
  /** What connectors may not be pointed at. */
  readonly refuse: RefuseAddress;
  /** Brokers that connectors are told to send statuses to; null: they share this process's memory log. */
  readonly brokers: string | null;
  /** Names this process and this start of it: a restarted executor is another owner. */
  readonly owner: string;
  /** By which triggers choose it; the same after a restart. */
  readonly name: string;
  /** Runs at a time. */
  readonly concurrency: number;
  /** How long `stop` lets going runs finish by themselves. */
  readonly drainMs: number;
  /** What the templates of a run's job get their values from. Throws DATABASE_*, BAD_INPUT. */
  readonly inputsOf: (spec: JobSpec, run: Run) => Promise<RunInputs>;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly postWebhook: PostWebhook;
  /** For steps: guarded as webhooks are. */
  readonly callHttp: CallHttp;
  readonly sqlConnections: SqlConnections;
  /** Where a person finds the run's report; null: no address known. */
  readonly reportLink: (runId: string) => string | null;
}

/** Posts JSON and gives the status code; follows no redirects; rejects when there was no answer. */
export type PostWebhook = (post: { url: string; body: string; signal: AbortSignal }) => Promise<number>;

/** Parts, and what all runs of one executor share. */
export interface ExecutorContext extends ExecutorParts {
  readonly ticks: TickLoop;
  readonly hub: StatusHub;
  /** Work that outlives its run (a webhook): awaited by `stop`, never by the run. */
  readonly background: (work: Promise<void>) => void;
}
