// A fresh executor with everything around it in memory, and the hands of the two tasks: what they say and what they write.
import type { SynclineEvent } from '../../src/core/events.ts';
import { shapeOf } from '../../src/core/errors.ts';
import type { ErrorCode } from '../../src/core/errors.ts';
import { connectorNames, defaultPolicy } from '../../src/core/job.ts';
import type { JobSpec, RunPolicy } from '../../src/core/job.ts';
import type { NewRun } from '../../src/core/ports/runs.ts';
import type { Run } from '../../src/core/run.ts';
import { noCounts } from '../../src/core/status.ts';
import type { RunCounts, Stage, StatusDetail } from '../../src/core/status.ts';
import type { ExecutorParts } from '../../executors/executor-parts.ts';
import { inputsOf } from '../../scheduler/run-inputs.ts';
import type { Executor } from '../../executors/run-worker.ts';
import { guardConnectors } from '../../src/core/network/address-guard.ts';
import { createExecutor } from '../../executors/run-worker.ts';
import { createFakeClock } from '../fakes/fake-clock.ts';
import { createFakeConnectCluster } from '../fakes/fake-connect-cluster.ts';
import { createFakeSink, createFakeSource } from '../fakes/fake-plugins.ts';
import { createFakeSqlConnections } from '../fakes/fake-sql-connections.ts';
import type { HttpCall } from '../../executors/guarded-request.ts';
import { createFakeQueue } from '../fakes/fake-queue.ts';
import { createFakeRecordLog } from '../fakes/fake-record-log.ts';
import { createFakeStatusChannel } from '../fakes/fake-status-channel.ts';
import { createMemoryRunStore } from '../fakes/memory-run-store.ts';
import { createMemoryTarget } from '../fakes/memory-target.ts';
import type { Text } from '../../src/core/text.ts';

export const T0 = Date.UTC(2026, 0, 1);
export const JOB = '0b7e7f2a-0000-4000-8000-000000000001';
export const NAMES = connectorNames(JOB);
export const PASSWORD = 'pa55-of-the-target';

export interface SetupOptions {
  readonly policy?: Partial<RunPolicy>;
  readonly spec?: Partial<JobSpec>;
  readonly logKind?: 'memory' | 'kafka';
  readonly parts?: Partial<ExecutorParts>;
  /** Connectors beside the two fakes. */
  readonly more?: ExecutorParts['plugins'];
}

export type Bundle = Awaited<ReturnType<typeof setupExecutor>>;

const otherJob = {
  name: 'orders',
  version: 1,
  paused: false,
  pausedUntil: null,
  deleting: false,
  unreadable: null,
};

export async function setupExecutor(options: SetupOptions = {}) {
  const clock = createFakeClock(T0);
  // The database's time goes on whatever is done to the executor's clock.
  const began = clock.monotonic();
  const runs = createMemoryRunStore({ ...clock, now: () => T0 + clock.monotonic() - began });
  const target = createMemoryTarget();
  const sink = createFakeSink(target);
  const cluster = createFakeConnectCluster('main');
  const stock = createFakeConnectCluster('stock');
  stock.incarnation = null;
  const statuses = createFakeStatusChannel();
  const log = createFakeRecordLog(options.logKind ?? 'kafka');
  const queue = createFakeQueue();
  const events: SynclineEvent[] = [];
  const posts: { url: string; body: string }[] = [];
  const sqlConnections = createFakeSqlConnections();
  const calls: HttpCall[] = [];
  /** To the calls of steps, in their order; then 200. */
  const answers: number[] = [];
  const spec = { current: specOf(options) };
  const partsOf = (owner: string): ExecutorParts => ({
    jobs: {
      readVersion: () => Promise.resolve(spec.current),
      readHead: (id) => Promise.resolve(id === 'job-7' ? { ...otherJob, id } : null),
    },
    runs,
    queue,
    log,
    statuses,
    clusters: new Map([
      ['main', cluster],
      ['stock', stock],
    ]),
    plugins: [createFakeSource(), sink, ...(options.more ?? [])],
    refuse: guardConnectors(['192.0.2.0/24']),
    brokers: 'broker:9092',
    owner,
    name: 'executor-of-the-test',
    concurrency: 4,
    drainMs: 30_000,
    inputsOf: (spec, run) => Promise.resolve(inputsOf(spec, [], run)),
    clock,
    emit: (event) => void events.push(event),
    postWebhook: ({ url, body }) => {
      posts.push({ url, body });
      return Promise.resolve(200);
    },
    callHttp: (call) => {
      calls.push(call);
      return Promise.resolve(answers.shift() ?? 200);
    },
    sqlConnections,
    reportLink: (runId) => `http://syncline.test/runs/${runId}`,
    ...options.parts,
  });
  const startExecutor = async (owner: string): Promise<Executor> => {
    const executor = createExecutor(partsOf(owner));
    await executor.start();
    return executor;
  };
  const executor = await startExecutor('executor-1');
  const newRun = async (change: Partial<NewRun> = {}): Promise<Run> => {
    const { run } = await runs.create(JOB, {
      plannedAt: clock.now(),
      mode: 'incremental',
      trigger: { kind: 'schedule' },
      attempt: 1,
      notBefore: clock.now(),
      skipped: null,
      ...change,
    });
    return run;
  };
  return {
    ...{ clock, runs, target, sink, cluster, stock, statuses, log, queue, events, posts, spec },
    ...{ sqlConnections, calls, answers },
    ...{ executor, startExecutor, newRun },
    /** A run that an executor has taken and whose connectors are resumed. */
    goingRun: async (change: Partial<NewRun> = {}): Promise<Run> => {
      const run = await newRun(change);
      await queue.wake(run.id);
      await clock.advance(0);
      return read(runs, run.id);
    },
    read: (id: string) => read(runs, id),
    say: (run: Run, side: 'source' | 'sink', stage: Stage, said: Said = {}) => {
      const epoch = said.epoch ?? target.state.jobs.get(JOB)?.epoch ?? 0;
      const { description = '0', ...rest } = said;
      const syncline = detailOf(side, { ...rest, epoch, at: said.at ?? clock.now() });
      return statuses.publish({ connectorName: NAMES[side], taskId: run.id, stage, description, syncline });
    },
    /** The connector of a side fails. */
    sayError: (run: Run, side: 'source' | 'sink', code: ErrorCode, message: string) => {
      const error = shapeOf(code, message);
      const syncline = detailOf(side, {
        epoch: target.state.jobs.get(JOB)?.epoch ?? 0,
        at: clock.now(),
        error,
      });
      const description = `${code}: ${message}`;
      return statuses.publish({
        connectorName: NAMES[side],
        taskId: run.id,
        stage: 'error',
        description,
        syncline,
      });
    },
    /** The five fields only. */
    sayForeign: (run: Run, connectorName: string, stage: Stage, description: string) =>
      statuses.publish({ connectorName, taskId: run.id, stage, description }),
    /** What the sink's last transaction does. */
    complete: (to: string, counts: Partial<RunCounts> = {}, doubts: readonly Text[] = []) =>
      completeRun(target, to, { counts, doubts }),
    lines: (run: Run) => (runs.lines.get(run.id) ?? []).map((line) => line.message),
  };
}

interface SaidDetail extends Partial<Omit<StatusDetail, 'counts' | 'side'>> {
  readonly counts?: Partial<RunCounts>;
}

interface Said extends SaidDetail {
  readonly description?: string;
}

function detailOf(side: 'source' | 'sink', said: SaidDetail & { epoch: number; at: number }): StatusDetail {
  return {
    job: JOB,
    repeat: false,
    predicted: { rows: null, exact: false },
    ...said,
    side,
    counts: { ...noCounts, ...said.counts },
  };
}

async function read(runs: ReturnType<typeof createMemoryRunStore>, id: string): Promise<Run> {
  const run = await runs.read(id);
  if (run === null) throw new Error(`no run ${id}`);
  return run;
}

async function completeRun(
  target: ReturnType<typeof createMemoryTarget>,
  to: string,
  { counts, doubts }: { counts: Partial<RunCounts>; doubts: readonly Text[] },
): Promise<void> {
  const job = target.state.jobs.get(JOB);
  if (job === undefined) throw new Error('nothing was begun');
  const key = { job: JOB, epoch: job.epoch };
  await target.openStore().transaction(async (tx) => {
    const run = await tx.readRun(key);
    const window = { from: run?.base ?? null, to };
    await tx.setPlan(key, { id: 'plan-1', splits: 2, window, detail: '{}' });
    await tx.addDoubts(key, doubts);
    if (!(await tx.completeRun(key, to))) throw new Error('the watermark moved');
  });
  const id = `${JOB}/${job.epoch}`;
  const done = target.state.runs.get(id);
  if (done !== undefined) target.state.runs.set(id, { ...done, counts: { ...done.counts, ...counts } });
}

function specOf({ policy, spec }: SetupOptions): JobSpec {
  return {
    name: 'orders',
    group: null,
    labels: [],
    parameters: [],
    description: '',
    source: { connector: 'FakeSource', config: { table: 'orders' } },
    sink: { connector: 'FakeSink', config: { 'connection.password': PASSWORD } },
    schedule: null,
    mode: 'incremental',
    cluster: 'main',
    policy: { ...defaultPolicy, ...policy },
    webhook: null,
    ...spec,
  };
}
