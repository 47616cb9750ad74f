// The services of this process by its roles, in the order they start: worker, executor, scheduler, rescue, API.
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { LanePool } from '../worker/lanes/lane-pool.ts';
import { createOffsetStore } from '../worker/control/offset-store.ts';
import { createWorker } from '../worker/worker.ts';
import { createConnectClient } from '../../executors/connect/connect-client.ts';
import { createSqlConnections } from '../../connectors/registry.ts';
import { createGuardedRequest } from '../../executors/guarded-request.ts';
import { createWebhookPost } from '../../executors/alarms/post-webhook.ts';
import { CONNECT_WRITE_MS } from '../../executors/run/run-session.ts';
import { createExecutor } from '../../executors/run-worker.ts';
import { createRescue } from '../../scheduler/rescue.ts';
import { createScheduler } from '../../scheduler/scheduler.ts';
import { createApi } from '../api/server.ts';
import type { Api } from '../api/server.ts';
import type { Config, Role } from '../config.ts';
import { guardConnectors, guardWebhooks } from '../core/network/address-guard.ts';
import { systemClock as clock } from '../core/clock.ts';
import type { ConnectorPlugin } from '../core/connector/contract.ts';
import { toSyncError } from '../core/errors.ts';
import type { Emit } from '../core/events.ts';
import type { ConnectCluster } from '../core/ports/connect-cluster.ts';
import { createSealer } from '../core/secrets/seal.ts';
import type { Service } from '../core/service.ts';
import type { EventLog } from '../observe/log-events.ts';
import { version } from '../version.ts';
import type { Adapters } from './adapters.ts';
import { createHousekeeping } from './housekeeping.ts';
import { createJobActs, inputsOfRun, schedules } from './job-acts.ts';
import { readinessOf } from './readiness.ts';
import { readSecretKey } from './secret-key.ts';
import { laneSpawner } from './spawn-lane.ts';

const DRAIN_MS = 5_000;
const DAY_MS = 86_400_000;
/** The release of Kafka Connect whose answers the worker gives. */
const CONNECT_VERSION = { version: '4.3.1', commit: 'syncline' };

/** Connect's levels as the log has them. */
const pinoLevels = {
  ALL: 'trace',
  TRACE: 'trace',
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  ERROR: 'error',
  FATAL: 'fatal',
  OFF: 'silent',
} as const;

export interface Composed {
  readonly config: Config;
  readonly plugins: readonly ConnectorPlugin[];
  readonly adapters: Adapters;
  readonly emit: Emit;
  readonly setLevel: EventLog['setLevel'];
  readonly showToken: (token: string) => void;
}

export function composeServices(composed: Composed): readonly Service[] {
  const { config, adapters, plugins, emit } = composed;
  const has = (role: Role): boolean => config.roles.includes(role);
  const services: Service[] = [];
  let workerUrl: (() => string) | null = null;
  if (has('worker')) {
    const worker = composeWorker(composed, plugins);
    workerUrl = () => worker.url();
    services.push(worker.service);
  }
  const clusters = composeClusters(config, workerUrl);
  const api = has('api') ? composeApi(composed, plugins, clusters) : null;
  if (has('executor')) {
    const executor = composeExecutor(composed, { plugins, clusters, apiUrl: () => api?.url ?? null });
    const { jobs, runs } = adapters.store;
    services.push(
      executor,
      createRescue({
        jobs,
        runs,
        queue: adapters.queue,
        executors: adapters.store.executors,
        executor: config.executorName,
        onQueued: (run) => executor.offer(run),
        onExpired: (run) => executor.recover(run),
        clock,
        emit,
      }),
    );
  }
  if (has('scheduler')) services.push(...composeScheduler(composed));
  if (api !== null) services.push(api);
  return services;
}

function composeWorker(
  composed: Composed,
  plugins: readonly ConnectorPlugin[],
): { service: Service; url: () => string } {
  const { config, adapters, emit } = composed;
  const notes = createOffsetStore(join(config.dataDir, 'notes'));
  const taskHost = new LanePool({
    lanes: config.lanes,
    slots: { perServer: config.scannersPerServer, perCluster: config.scannersPerCluster },
    spawn: laneSpawner(config, adapters.connectLane),
    notes,
    publish: (status) => adapters.statuses.publish(status),
    emit,
  });
  const worker = createWorker({
    plugins,
    taskHost,
    dataDir: config.dataDir,
    sealer: createSealer(readSecretKey(config)),
    notes,
    host: config.workerHost,
    port: config.workerPort,
    version: CONNECT_VERSION,
    kafkaClusterId: () => (config.kafka === null ? 'syncline-memory-log' : 'syncline'),
    countPartitions: (topic) => countPartitions(adapters, topic),
    rootLogLevel: 'INFO',
    setRootLogLevel: (level) => composed.setLevel(pinoLevels[level]),
    clock,
    emit,
  });
  const service: Service = {
    name: worker.name,
    start: async () => {
      taskHost.warm();
      await worker.start();
    },
    stop: async () => {
      await worker.stop();
      await taskHost.close();
    },
  };
  return { service, url: () => worker.url };
}

async function countPartitions(adapters: Adapters, topic: string): Promise<number | null> {
  try {
    return (await adapters.log.readOffsets(topic)).partitions.length;
  } catch (error) {
    if (toSyncError(error).code === 'TOPIC_MISSING') return null;
    throw error;
  }
}

function composeClusters(
  config: Config,
  workerUrl: (() => string) | null,
): ReadonlyMap<string, ConnectCluster> {
  const clusters = new Map<string, ConnectCluster>();
  for (const [name, url] of Object.entries(config.connect)) {
    clusters.set(name, createConnectClient({ name, url, clock, deadlineMs: CONNECT_WRITE_MS }));
  }
  if (!clusters.has('default') && workerUrl !== null) clusters.set('default', lateCluster(workerUrl));
  return clusters;
}

/** This process's own worker: its port is known only once it listens. */
function lateCluster(url: () => string): ConnectCluster {
  let client: ConnectCluster | null = null;
  const get = (): ConnectCluster =>
    (client ??= createConnectClient({ name: 'default', url: url(), clock, deadlineMs: CONNECT_WRITE_MS }));
  return {
    name: 'default',
    readIncarnation: () => get().readIncarnation(),
    putConfig: (name, config) => get().putConfig(name, config),
    readConfig: (name) => get().readConfig(name),
    readStatus: (name) => get().readStatus(name),
    resume: (name) => get().resume(name),
    stop: (name) => get().stop(name),
    remove: (name) => get().remove(name),
    readOffsets: (name, topic) => get().readOffsets(name, topic),
    setOffsets: (name, topic, offsets) => get().setOffsets(name, topic, offsets),
    validate: (connectorClass, config) => get().validate(connectorClass, config),
    ping: () => get().ping(),
  };
}

function composeExecutor(
  { config, adapters, emit }: Composed,
  {
    plugins,
    clusters,
    apiUrl,
  }: {
    plugins: readonly ConnectorPlugin[];
    clusters: ReadonlyMap<string, ConnectCluster>;
    /** null without an API in this process; its port is known only once it listens. */
    apiUrl: () => string | null;
  },
): ReturnType<typeof createExecutor> {
  return createExecutor({
    jobs: adapters.store.jobs,
    runs: adapters.store.runs,
    queue: adapters.queue,
    log: adapters.log,
    statuses: adapters.statuses,
    clusters,
    plugins,
    refuse: guardConnectors(config.egressDeny),
    brokers: config.kafka,
    name: config.executorName,
    owner: `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`,
    concurrency: config.concurrency,
    drainMs: DRAIN_MS,
    inputsOf: inputsOfRun(adapters.store.calendars),
    clock,
    emit,
    postWebhook: createWebhookPost(guardWebhooks(config.webhookAllow)),
    callHttp: createGuardedRequest(guardWebhooks(config.webhookAllow), {
      doing: 'calling what a step names',
      field: 'steps',
    }),
    sqlConnections: createSqlConnections(config),
    reportLink: (runId) => {
      const url = apiUrl();
      return url === null ? null : `${url}/api/v1/runs/${runId}/report`;
    },
  });
}

function composeScheduler({ config, adapters, emit }: Composed): readonly Service[] {
  const { jobs, runs } = adapters.store;
  return [
    createScheduler({ jobs, queue: adapters.queue, clock, emit }),
    createHousekeeping({ jobs, runs, keepMs: config.retentionDays * DAY_MS, clock, emit }),
  ];
}

function composeApi(
  composed: Composed,
  plugins: readonly ConnectorPlugin[],
  clusters: ReadonlyMap<string, ConnectCluster>,
): Api {
  const { config, adapters, emit } = composed;
  return createApi({
    jobs: adapters.store.jobs,
    runs: adapters.store.runs,
    limits: adapters.store.limits,
    calendars: adapters.store.calendars,
    executors: adapters.store.executors,
    plugins,
    sqlConnections: createSqlConnections(config),
    clusters,
    logKind: adapters.log.kind,
    schedules,
    jobActs: createJobActs({
      store: adapters.store,
      queue: adapters.queue,
      clusters,
      plugins,
      refuse: guardConnectors(config.egressDeny),
      emit,
    }),
    refuseAddress: {
      webhook: guardWebhooks(config.webhookAllow),
      connector: guardConnectors(config.egressDeny),
    },
    readiness: readinessOf(config, adapters, clusters),
    clock,
    emit,
    host: config.apiHost,
    port: config.apiPort,
    version,
    adminToken: config.adminToken,
    showToken: composed.showToken,
  });
}
