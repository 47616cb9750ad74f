// The idempotent producer: one identity, one writer per partition.
import { SyncError } from '../../core/errors.ts';
import type { BatchLimit, LogProducer } from '../../core/ports/record-log.ts';
import { readBatchLimit } from './batch-limit.ts';
import type { Cluster } from './cluster.ts';
import { OPEN_WITHIN_MS } from './cluster.ts';
import { errorOfCode, NONE, untilItPasses } from './kafka-trouble.ts';
import { PartitionWriter } from './partition-writer.ts';
import { TopicLeaders } from './topic-leaders.ts';
import type { ProducerIdentity } from './wire/init-producer-id.ts';
import { initProducerId } from './wire/init-producer-id.ts';

/** `cluster` is the producer's own and is closed with it. */
export async function openKafkaProducer(cluster: Cluster, retryForMs: number): Promise<LogProducer> {
  const identity = await untilItPasses({ clock: cluster.clock, withinMs: OPEN_WITHIN_MS }, () =>
    readIdentity(cluster),
  );
  const topics = new Map<string, TopicLeaders>();
  const writers = new Map<string, PartitionWriter>();

  const openWriter = (topic: string, partition: number): PartitionWriter => {
    const leaders = topics.get(topic) ?? new TopicLeaders(cluster, topic);
    topics.set(topic, leaders);
    const readLimit = (): Promise<BatchLimit> => readBatchLimit(cluster, topic);
    return new PartitionWriter({ leaders, partition, identity, readLimit, clock: cluster.clock, retryForMs });
  };

  return {
    append(topic, partition, batch) {
      const name = `${topic}-${partition}`;
      const writer = writers.get(name) ?? openWriter(topic, partition);
      writers.set(name, writer);
      return writer.append(batch);
    },
    close() {
      const error = new SyncError('CANCELLED', { message: 'writing to Kafka: the producer was closed' });
      for (const writer of writers.values()) writer.fail(error);
      cluster.close();
      return Promise.resolve();
    },
  };
}

async function readIdentity(cluster: Cluster): Promise<ProducerIdentity> {
  const identity = await (await cluster.connectAny()).call(initProducerId());
  if (identity.error !== NONE) throw errorOfCode(identity.error, 'opening a producer');
  return identity;
}
