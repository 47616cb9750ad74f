// How large a batch may be that a topic takes.
import type { BatchLimit } from '../../core/ports/record-log.ts';
import type { Cluster } from './cluster.ts';
import { OPEN_WITHIN_MS } from './cluster.ts';
import { errorOfCode, NONE, untilItPasses } from './kafka-trouble.ts';
import { describeTopic } from './topic-leaders.ts';
import { describeTopicConfig } from './wire/describe-configs.ts';

export const LIMIT_CONFIG = 'max.message.bytes';
/** What a topic has that nobody gave another one. */
const KAFKA_DEFAULT_BYTES = 1_048_588;
const TOPIC_AUTHORIZATION_FAILED = 29;

/** Of a topic whose settings this client may not see, Kafka's default. Throws TOPIC_MISSING, KAFKA_*. */
export function readBatchLimit(cluster: Cluster, name: string): Promise<BatchLimit> {
  return untilItPasses({ clock: cluster.clock, withinMs: OPEN_WITHIN_MS }, async () => {
    const [partition] = (await describeTopic(cluster, name)).partitions;
    const connection = await cluster.connect(partition?.leader ?? -1);
    const { error, value } = await connection.call(describeTopicConfig(name, LIMIT_CONFIG));
    if (error !== NONE && error !== TOPIC_AUTHORIZATION_FAILED)
      throw errorOfCode(error, `reading ${LIMIT_CONFIG} of ${name}`);
    const limit = Number(value ?? '');
    const bytes = Number.isSafeInteger(limit) && limit > 0 ? limit : KAFKA_DEFAULT_BYTES;
    return { bytes, wayOut: `raise ${LIMIT_CONFIG} of the topic, which is ${bytes}` };
  });
}
