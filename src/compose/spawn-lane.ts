// Starts the worker thread of a lane; under tsx from the sources, after a build from dist.
import { extname } from 'node:path';
import type { MessagePort, WorkerOptions } from 'node:worker_threads';
import { Worker } from 'node:worker_threads';
import type { Config } from '../config.ts';

/** A lane's rows lie in pooled buffers: little is young, and three times this would stay resident for each lane. */
const YOUNG_MB = 16;

/** What a lane is told at its start. */
export interface LaneData {
  readonly log:
    | { readonly kind: 'kafka'; readonly brokers: string; readonly retryForMs: number }
    | { readonly kind: 'memory'; readonly port: MessagePort };
  readonly connectors: Pick<Config, 'fileRoot' | 'plugins'>;
}

/** `connect` gives a port to the memory log; unused with Kafka. */
export function laneSpawner(
  config: Pick<Config, 'kafka' | 'kafkaRetryMs' | 'fileRoot' | 'plugins'>,
  connect: () => MessagePort,
): () => Worker {
  return () => {
    const port = config.kafka === null ? connect() : null;
    const workerData: LaneData = {
      log:
        port === null
          ? { kind: 'kafka', brokers: config.kafka ?? '', retryForMs: config.kafkaRetryMs }
          : { kind: 'memory', port },
      connectors: { fileRoot: config.fileRoot, plugins: config.plugins },
    };
    const transferList = port === null ? [] : [port];
    return spawn({ workerData, transferList, resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB } });
  };
}

/** tsx does not reach into worker threads on Node 20 by itself: from the sources a first line registers it there. */
function spawn(options: WorkerOptions): Worker {
  const extension = extname(import.meta.url);
  const entry = new URL(`../lane${extension}`, import.meta.url);
  if (extension === '.js') return new Worker(entry, options);
  const tsx = import.meta.resolve('tsx/esm/api');
  const code = `import(${JSON.stringify(tsx)}).then(({ register }) => { register(); return import(${JSON.stringify(entry.href)}); })`;
  return new Worker(code, { ...options, eval: true, execArgv: [] });
}
