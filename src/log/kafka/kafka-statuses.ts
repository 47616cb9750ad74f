// The status channel on the topic pkuse_status: one batch per message, keyed by task id; followed without a consumer group.
import type { Clock } from '../../core/clock.ts';
import { systemClock } from '../../core/clock.ts';
import type { SyncError } from '../../core/errors.ts';
import { toSyncError } from '../../core/errors.ts';
import type { LogProducer, RecordLog } from '../../core/ports/record-log.ts';
import type { StatusChannel } from '../../core/ports/statuses.ts';
import { createBufferPool } from '../../core/record/buffer-pool.ts';
import { createBatchBuilder } from '../../core/record/batch-builder.ts';
import type { StatusMessage } from '../../core/status.ts';
import { STATUS_TOPIC } from '../../core/status.ts';
import { openKafkaAdmin } from './kafka-admin.ts';
import type { KafkaLogOptions } from './kafka-log.ts';
import { openKafkaLog } from './kafka-log.ts';
import { followStatuses, startAtEnd } from './follow-statuses.ts';

/** Statuses are read as they come; older ones serve people who look into the topic. */
const RETENTION_MS = 7 * 24 * 3_600_000;
const STATUS_BYTES = 16 * 1024;

export interface KafkaStatusOptions extends KafkaLogOptions {
  /** Told when following was interrupted; it goes on from where it was as soon as it can. */
  readonly onTrouble?: (error: SyncError) => void;
}

export function openKafkaStatuses(options: KafkaStatusOptions): StatusChannel {
  const clock = options.clock ?? systemClock;
  const log = openKafkaLog(options);
  const createTopic = (): Promise<void> => createStatusTopic(options);
  const publisher = createPublisher(log, clock, createTopic);
  const closed = new AbortController();
  return {
    publish: publisher.publish,
    async follow(onStatus, signal) {
      await createTopic();
      const follower = {
        log,
        clock,
        onStatus,
        onTrouble: options.onTrouble ?? (() => undefined),
        signal: AbortSignal.any([signal, closed.signal]),
        createTopic,
      };
      void followStatuses(follower, await startAtEnd(log));
    },
    async close() {
      closed.abort();
      await publisher.close();
      await log.close();
    },
  };
}

/** Through kafkajs: it happens once per process, in the main thread. */
async function createStatusTopic(options: KafkaStatusOptions): Promise<void> {
  const admin = await openKafkaAdmin(options);
  try {
    await admin.createTopic({ name: STATUS_TOPIC, partitions: 1, retentionMs: RETENTION_MS });
  } finally {
    await admin.close();
  }
}

interface Publisher {
  readonly publish: (status: StatusMessage) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** One producer, opened with the first message and anew after one that failed for good. */
function createPublisher(log: RecordLog, clock: Clock, createTopic: () => Promise<void>): Publisher {
  const builder = createBatchBuilder({
    maxBytes: STATUS_BYTES,
    constantHeaders: [],
    pool: createBufferPool({ minSize: STATUS_BYTES, keep: 2 }),
    now: () => clock.now(),
  });
  let producer: Promise<LogProducer> | null = null;
  const open = async (): Promise<LogProducer> => {
    await createTopic();
    return log.openProducer();
  };
  const drop = async (broken: Promise<LogProducer>): Promise<void> => {
    if (producer === broken) producer = null;
    await broken.then(
      (opened) => opened.close(),
      () => undefined,
    );
  };
  return {
    async publish(status) {
      producer ??= open();
      const current = producer;
      try {
        const opened = await current;
        builder.append({ key: Buffer.from(status.taskId, 'utf8'), value: encodeStatus(status), headers: [] });
        const batch = builder.take();
        if (batch === null) return;
        await opened.append(STATUS_TOPIC, 0, batch);
        builder.release(batch);
      } catch (error) {
        await drop(current);
        throw toSyncError(error, 'KAFKA_FAILED');
      }
    },
    async close() {
      if (producer !== null) await drop(producer);
    },
  };
}

/** The contract's five fields first, then Syncline's. */
function encodeStatus(status: StatusMessage): Buffer {
  const { connectorName, taskId, dataTopicName, stage, description, syncline } = status;
  return Buffer.from(
    JSON.stringify({ connectorName, taskId, dataTopicName, stage, description, syncline }),
    'utf8',
  );
}
