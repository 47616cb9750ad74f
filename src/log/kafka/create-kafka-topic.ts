// Creates a topic when it is missing, and waits until every partition of it can be written.
import type { NewTopic } from '../../core/ports/record-log.ts';
import { LIMIT_CONFIG } from './batch-limit.ts';
import type { Cluster } from './cluster.ts';
import { OPEN_WITHIN_MS } from './cluster.ts';
import { errorOfCode, NONE, PassingTrouble, TOPIC_ALREADY_EXISTS, untilItPasses } from './kafka-trouble.ts';
import { describeTopic, leaderIn } from './topic-leaders.ts';
import { createTopics } from './wire/create-topics.ts';

const MOST_REPLICAS = 3;
const CREATE_TIMEOUT_MS = 5_000;

/** An existing topic keeps its shape. Throws KAFKA_UNREACHABLE, KAFKA_FAILED. */
export async function createKafkaTopic(cluster: Cluster, topic: NewTopic): Promise<void> {
  const patience = { clock: cluster.clock, withinMs: OPEN_WITHIN_MS };
  const { brokers, topics } = await untilItPasses(patience, () => cluster.describe([topic.name]));
  if (topics[0]?.error === NONE) return;
  const request = createTopics(
    {
      name: topic.name,
      partitions: topic.partitions,
      replication: Math.min(MOST_REPLICAS, brokers.length),
      configs: [
        ['retention.ms', String(topic.retentionMs)],
        ...(topic.maxBatchBytes === undefined ? [] : [[LIMIT_CONFIG, String(topic.maxBatchBytes)] as const]),
      ],
    },
    CREATE_TIMEOUT_MS,
  );
  await untilItPasses(patience, async () => {
    const { controller } = await cluster.describe([]);
    const answer = await (await cluster.connect(controller)).call(request);
    if (answer.error !== NONE && answer.error !== TOPIC_ALREADY_EXISTS)
      throw errorOfCode(answer.error, `creating topic ${topic.name}`, answer.message);
  });
  await untilItPasses(patience, async () => {
    const created = await describeTopic(cluster, topic.name).catch((error: unknown) => {
      // Known to the controller already, to this broker in a moment.
      throw error instanceof PassingTrouble ? new PassingTrouble('KAFKA_FAILED', error.message) : error;
    });
    for (const { partition } of created.partitions) leaderIn(created, partition);
  });
}
