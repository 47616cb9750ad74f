// The record log in Kafka, by an own client for the data path; it works in a worker thread.
import * as net from 'node:net';
import { createBufferPool } from '../../core/record/buffer-pool.ts';
import type { Clock } from '../../core/clock.ts';
import { systemClock } from '../../core/clock.ts';
import { SyncError } from '../../core/errors.ts';
import type { LogProducer, LogReader, RecordLog } from '../../core/ports/record-log.ts';
import { readBatchLimit } from './batch-limit.ts';
import type { Address, OpenSocket } from './broker-connection.ts';
import { Cluster, OPEN_WITHIN_MS } from './cluster.ts';
import { createKafkaTopic } from './create-kafka-topic.ts';
import { PassingTrouble, untilItPasses } from './kafka-trouble.ts';
import { openKafkaProducer } from './kafka-producer.ts';
import { openKafkaReader } from './kafka-reader.ts';
import { readTopicOffsets } from './topic-offsets.ts';

/** Answers above this come from a reader's pool. */
const POOLED_FROM_BYTES = 64 * 1024;
const FRAME_BYTES = 1280 * 1024;
/** Two answers at the caller, one ready, one on the way. */
const FREE_FRAMES = 4;
const RETRY_FOR_MS = 60_000;

export interface KafkaLogOptions {
  /** `host:port`, comma-separated, as in `bootstrap.servers`. */
  readonly brokers: string;
  readonly clientId: string;
  readonly clock?: Clock;
  /** A producer's batch or a reader's partition that meets nothing but trouble for so long fails; default 60 s. */
  readonly retryForMs?: number;
  /** Tests put a proxy between log and broker here. */
  readonly openSocket?: OpenSocket;
}

/** Throws BAD_INPUT for a malformed broker list; connects on first use. */
export function openKafkaLog(options: KafkaLogOptions): RecordLog {
  const clock = options.clock ?? systemClock;
  const base = {
    bootstrap: parseBrokers(options.brokers),
    clientId: options.clientId,
    clock,
    openSocket: options.openSocket ?? ((to) => net.connect(to)),
  };
  const control = new Cluster(base);
  const opened = new Set<LogProducer | LogReader>();
  const patience = { clock, withinMs: OPEN_WITHIN_MS };
  const retryForMs = options.retryForMs ?? RETRY_FOR_MS;
  /** What its user closes is let go: each run has its own producer and reader, with megabytes of memory. */
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
    kind: 'kafka',
    createTopic: (topic) => createKafkaTopic(control, topic),
    readOffsets: (topic) => untilItPasses(patience, () => readTopicOffsets(control, topic)),
    readBatchLimit: (topic) => readBatchLimit(control, topic),
    async openProducer() {
      return track(await openKafkaProducer(new Cluster(base), retryForMs));
    },
    async openReader(request) {
      const pool = createBufferPool({ minSize: FRAME_BYTES, keep: FREE_FRAMES });
      const allocate = (size: number): Buffer =>
        size < POOLED_FROM_BYTES ? Buffer.allocUnsafe(size) : pool.take(size);
      const cluster = new Cluster({ ...base, allocate });
      return track(await openKafkaReader({ ...request, pool, cluster, retryForMs }));
    },
    async ping() {
      await control.describe([]).catch((error: unknown) => {
        throw error instanceof PassingTrouble ? error.toSyncError() : error;
      });
    },
    async close() {
      for (const one of opened) await one.close();
      control.close();
    },
  };
}

function parseBrokers(list: string): readonly Address[] {
  const brokers = list
    .split(',')
    .map((text) => text.trim())
    .filter((text) => text !== '');
  const parsed = brokers.map((text) => {
    const colon = text.lastIndexOf(':');
    const host = text.slice(0, Math.max(colon, 0)).replace(/^\[(.*)\]$/, '$1');
    const port = Number(text.slice(colon + 1));
    if (host === '' || !Number.isInteger(port) || port < 1 || port > 65_535)
      throw new SyncError('BAD_INPUT', { message: `reading the broker list: ${text} is not host:port` });
    return { host, port };
  });
  if (parsed.length === 0)
    throw new SyncError('BAD_INPUT', { message: 'reading the broker list: it is empty, expected host:port' });
  return parsed;
}
