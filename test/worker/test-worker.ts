// A worker on a free port and a folder of its own, with the file connectors and a fake task host.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFileSink } from '../../connectors/file/sink-connector.ts';
import { createFileSource } from '../../connectors/file/source-connector.ts';
import type { OffsetStore } from '../../src/worker/control/offset-store.ts';
import { createOffsetStore } from '../../src/worker/control/offset-store.ts';
import type { Worker } from '../../src/worker/worker.ts';
import { createWorker } from '../../src/worker/worker.ts';
import { createSealer } from '../../src/core/secrets/seal.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { ConnectorPlugin } from '../../src/core/connector/contract.ts';
import type { SynclineEvent } from '../../src/core/events.ts';
import type { Positions } from '../../src/core/position.ts';
import type { FakeTaskHost } from '../fakes/fake-task-host.ts';
import { createFakeTaskHost } from '../fakes/fake-task-host.ts';

const CONNECT_VERSION = '4.3.1';

export interface TestWorker {
  readonly worker: Worker;
  readonly host: FakeTaskHost;
  readonly notes: OffsetStore;
  readonly events: readonly SynclineEvent[];
  readonly rootLevels: readonly string[];
  readonly folder: string;
  /** Stops the worker and starts another one on the same folder. */
  restart(): Promise<TestWorker>;
  close(): Promise<void>;
}

export interface TestWorkerOptions {
  readonly folder?: string;
  /** Beside the file connectors. */
  readonly plugins?: readonly ConnectorPlugin[];
  readonly commit?: string;
  /** A file source has none of its own. */
  readonly filePositions?: Positions;
}

export async function startTestWorker(options: TestWorkerOptions = {}): Promise<TestWorker> {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'syncline-worker-')));
  const { filePositions } = options;
  const host = createFakeTaskHost();
  const notes = createOffsetStore(join(folder, 'notes'));
  const events: SynclineEvent[] = [];
  const rootLevels: string[] = [];
  const worker = createWorker({
    plugins: [
      {
        ...createFileSource(folder),
        version: CONNECT_VERSION,
        ...(filePositions && { positions: () => filePositions }),
      },
      { ...createFileSink(folder), version: CONNECT_VERSION },
      ...(options.plugins ?? []),
    ],
    taskHost: host,
    dataDir: folder,
    sealer: createSealer(Buffer.alloc(32, 5)),
    notes,
    host: '127.0.0.1',
    port: 0,
    version: { version: CONNECT_VERSION, commit: options.commit ?? 'test' },
    kafkaClusterId: () => '<cluster>',
    countPartitions: (topic) => Promise.resolve(topic.startsWith('g-topic') ? 1 : null),
    rootLogLevel: 'INFO',
    setRootLogLevel: (level) => void rootLevels.push(level),
    clock: systemClock,
    emit: (event) => void events.push(event),
  });
  await worker.start();
  return {
    worker,
    host,
    notes,
    events,
    rootLevels,
    folder,
    restart: async () => {
      await worker.stop();
      return startTestWorker({ ...options, folder });
    },
    close: async () => {
      await worker.stop();
      await rm(folder, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}
