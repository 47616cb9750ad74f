// The Connect worker, standalone: REST in front of a herder that runs connectors on a task host.
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { Clock } from '../core/clock.ts';
import type { ConnectorPlugin } from '../core/connector/contract.ts';
import { toListenError } from '../core/network/listen-error.ts';
import type { Emit } from '../core/events.ts';
import type { Sealer } from '../core/secrets/seal.ts';
import type { Service } from '../core/service.ts';
import { createConnectorStore } from './control/connector-store.ts';
import { forgetConnector } from './control/forget-connector.ts';
import { Herder } from './control/herder.ts';
import type { OffsetStore } from './control/offset-store.ts';
import { createPluginRegistry } from '../core/connector/plugin-registry.ts';
import { connectorsResources } from './rest/connectors-resource.ts';
import type { LogLevel } from './rest/loggers-resource.ts';
import { loggersResources } from './rest/loggers-resource.ts';
import { offsetsResource } from './rest/offsets-resource.ts';
import { pluginsResources } from './rest/plugins-resource.ts';
import { isLoopback } from '../core/network/refuse-foreign.ts';
import { createRestServer } from './rest/rest-server.ts';
import { rootResources } from './rest/root-resource.ts';
import type { TaskHost } from './control/task-host.ts';

export interface WorkerOptions {
  readonly plugins: readonly ConnectorPlugin[];
  readonly taskHost: TaskHost;
  /** Where the connectors are kept. */
  readonly dataDir: string;
  /** Of their configurations there. */
  readonly sealer: Sealer;
  /** The worker's notes; the task host shares them. */
  readonly notes: OffsetStore;
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** What the worker says it is: the release of Connect whose answers it gives. */
  readonly version: { readonly version: string; readonly commit: string };
  readonly kafkaClusterId: () => string;
  /** How many partitions a topic has; null: there is no such topic. */
  readonly countPartitions: (topic: string) => Promise<number | null>;
  readonly rootLogLevel: LogLevel;
  readonly setRootLogLevel: (level: LogLevel) => void;
  readonly clock: Clock;
  readonly emit: Emit;
}

export interface Worker extends Service {
  /** Where it listens; known once it has started. */
  readonly url: string;
  /** Id of this process, sent with `GET /` as X-Syncline-Incarnation. */
  readonly incarnation: string;
}

/** `start` throws PORT_UNUSABLE, INTERNAL when a stored connector can't be read. */
export function createWorker(options: WorkerOptions): Worker {
  const incarnation = randomUUID();
  const registry = createPluginRegistry(options.plugins);
  const herder = new Herder({
    registry,
    host: options.taskHost,
    store: createConnectorStore(join(options.dataDir, 'connectors'), options.sealer),
    workerVersion: options.version.version,
    clock: options.clock,
    emit: options.emit,
    forget: (connector) => forgetConnector(options.notes, connector),
  });
  const server = { port: options.port, app: null as FastifyInstance | null, listens: false };
  const address = (): string => `${options.host}:${server.port}`;
  const worker: Worker = {
    name: 'connect worker',
    incarnation,
    get url() {
      return `http://${address()}`;
    },
    start: async () => {
      await herder.start();
      const context = { ...options, herder, registry, incarnation, workerId: address };
      server.app = createRestServer({
        resources: resourcesOf(context),
        loopbackOnly: isLoopback(options.host),
        clock: options.clock,
      });
      server.port = await listen(server.app, options);
      server.listens = true;
      options.emit({ type: 'service.started', service: worker.name, detail: worker.url });
    },
    stop: async () => {
      const { app } = server;
      if (app === null) return;
      server.app = null;
      await app.close();
      await herder.stop();
      if (server.listens) options.emit({ type: 'service.stopped', service: worker.name });
    },
  };
  return worker;
}

type Context = WorkerOptions & {
  readonly herder: Herder;
  readonly registry: ReturnType<typeof createPluginRegistry>;
  readonly incarnation: string;
  readonly workerId: () => string;
};

function resourcesOf(context: Context): Parameters<typeof createRestServer>[0]['resources'] {
  const { version } = context.version;
  return [
    ...rootResources({ ...context, ...context.version }),
    ...connectorsResources(context),
    offsetsResource(context),
    ...pluginsResources({ ...context, workerVersion: version }),
    ...loggersResources({
      clock: context.clock,
      rootLevel: context.rootLogLevel,
      setRootLevel: context.setRootLogLevel,
    }),
  ];
}

async function listen(app: FastifyInstance, { host, port }: WorkerOptions): Promise<number> {
  try {
    await app.listen({ host, port });
  } catch (cause) {
    throw toListenError({ name: 'Connect worker', host, port, setting: 'workerPort' }, cause);
  }
  const bound = app.server.address();
  return typeof bound === 'object' && bound !== null ? bound.port : port;
}
