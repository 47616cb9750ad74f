// Starts the worker thread of a lane; under tsx from the sources, after a build from dist.
import { extname } from 'node:path';
import type { MessagePort } from 'node:worker_threads';
import { Worker } from 'node:worker_threads';
import type { Config } from '../config.ts';

/** What a lane is told at its start. */
export interface LaneData {
  readonly log:
    | { readonly kind: 'kafka'; readonly brokers: string }
    | { readonly kind: 'memory'; readonly port: MessagePort };
  readonly connectors: { readonly fileRoot: string };
}

/** `connect` gives a port to the memory log; unused with Kafka. */
export function laneSpawner(
  config: Pick<Config, 'kafka' | 'fileRoot'>,
  connect: () => MessagePort,
): () => Worker {
  const fromSource = extname(import.meta.url) === '.ts';
  const entry = new URL(`../lane${extname(import.meta.url)}`, import.meta.url);
  return () => {
    const port = config.kafka === null ? connect() : null;
    const workerData: LaneData = {
      log: port === null ? { kind: 'kafka', brokers: config.kafka ?? '' } : { kind: 'memory', port },
      connectors: { fileRoot: config.fileRoot },
    };
    return new Worker(entry, {
      workerData,
      execArgv: fromSource ? ['--import', 'tsx'] : [],
      transferList: port === null ? [] : [port],
    });
  };
}
