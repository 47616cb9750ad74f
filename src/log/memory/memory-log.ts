// The record log in memory: bounded by bytes, it blocks producers while it is full. It lives in the main thread; lanes reach it
// through ports (memory-log-client.ts). It dies with the process, which its incarnation tells.
import { MessageChannel } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import type { Clock } from '../../core/clock.ts';
import { systemClock } from '../../core/clock.ts';
import { dataTopic } from '../../core/record/data-topic.ts';
import { SyncError } from '../../core/errors.ts';
import type { BatchLimit, LogProducer, LogReader, RecordLog } from '../../core/ports/record-log.ts';
import { MemoryReader } from './memory-reader.ts';
import { MemoryStore } from './memory-store.ts';
import { serveMemoryLog } from './serve-memory-log.ts';
import type { MemoryLogHandle, MemoryProducer } from './serve-memory-log.ts';
import type { SharedBytes } from './shared-bytes.ts';

export interface MemoryLogServer {
  /** For use in this thread. */
  readonly log: RecordLog;
  /** The far end of a new port, to be transferred to a worker thread and given to openMemoryLogClient there. */
  connect(): MessagePort;
}

export function createMemoryLog(options: { maxBytes: number; clock?: Clock }): MemoryLogServer {
  const store = new MemoryStore(options.maxBytes);
  const clock = options.clock ?? systemClock;
  return {
    log: openHandle(store, clock),
    connect() {
      const { port1, port2 } = new MessageChannel();
      serveMemoryLog(port1, openHandle(store, clock));
      return port2;
    },
  };
}

/** The same as of the topics that are made in Kafka: a job behaves alike on both. */
const batchLimit: BatchLimit = {
  bytes: dataTopic.maxBatchBytes,
  wayOut: `keep records in Kafka (SYNCLINE_KAFKA), whose topics can be given more: the memory log takes ${dataTopic.maxBatchBytes} bytes`,
};

/** One user's view of the store; closing it closes what it opened. */
function openHandle(store: MemoryStore, clock: Clock): MemoryLogHandle {
  const opened = new Set<LogProducer | LogReader>();
  /** What its user closes is let go. */
  const track = <T extends LogProducer | LogReader>(one: T): T => {
    opened.add(one);
    const close = one.close.bind(one);
    one.close = () => {
      opened.delete(one);
      return close();
    };
    return one;
  };
  return {
    kind: 'memory',
    createTopic: (topic) => settle(() => store.createTopic(topic.name, topic.partitions)),
    readOffsets: (topic) =>
      settle(() => ({ incarnation: store.incarnation, partitions: store.readRanges(topic) })),
    // A topic always takes one batch, whatever the bound of the log: it waits until all before it were read.
    readBatchLimit: (topic) =>
      settle(() => {
        store.topic(topic);
        return batchLimit;
      }),
    openProducer: () => settle(() => track(openProducer(store))),
    openReader: (request) => settle(() => track(new MemoryReader({ ...request, store, clock }))),
    holds: store,
    ping: () => Promise.resolve(),
    async close() {
      for (const one of opened) await one.close();
    },
  };
}

function openProducer(store: MemoryStore): MemoryProducer {
  let closed: SyncError | null = null;
  const append = (
    topic: string,
    partition: number,
    batch: { shared: SharedBytes; records: number },
  ): Promise<void> =>
    new Promise((resolve, reject) => {
      if (closed !== null) reject(closed);
      else store.append(topic, { ...batch, owner: producer, partition, resolve, reject });
    });
  const producer: MemoryProducer = {
    append: (topic, partition, { bytes, records }) =>
      append(topic, partition, { shared: store.memory.copy(bytes), records }),
    async appendShared(topic, partition, batch) {
      await append(topic, partition, batch);
      return store.memory.spare();
    },
    close() {
      closed ??= new SyncError('CANCELLED', {
        message: 'writing to the memory log: the producer was closed',
      });
      store.cancel(producer, closed);
      return Promise.resolve();
    },
  };
  return producer;
}

/** The result, or what was thrown, as a promise. */
function settle<T>(act: () => T): Promise<T> {
  return new Promise((resolve) => {
    resolve(act());
  });
}
