// Where the partitions of a topic begin and end, asked of their leaders.
import type { PartitionRange } from '../../core/ports/record-log.ts';
import type { Cluster } from './cluster.ts';
import { errorOfCode, NONE, PassingTrouble } from './kafka-trouble.ts';
import { describeTopic } from './topic-leaders.ts';
import { listOffsets } from './wire/list-offsets.ts';
import type { TopicMetadata } from './wire/metadata.ts';

export interface TopicOffsets {
  readonly incarnation: string;
  readonly partitions: readonly PartitionRange[];
}

/** Throws PassingTrouble, KAFKA_FAILED. */
export async function readTopicOffsets(cluster: Cluster, name: string): Promise<TopicOffsets> {
  const topic = await describeTopic(cluster, name);
  const nodes = [...new Set(topic.partitions.map(({ leader }) => leader))];
  const ranges = await Promise.all(nodes.map((node) => readFromLeader(cluster, topic, node)));
  return { incarnation: topic.id, partitions: ranges.flat().sort((a, b) => a.partition - b.partition) };
}

async function readFromLeader(
  cluster: Cluster,
  topic: TopicMetadata,
  node: number,
): Promise<PartitionRange[]> {
  if (node < 0)
    throw new PassingTrouble(
      'KAFKA_UNREACHABLE',
      `reading offsets of ${topic.name}: a partition has no leader`,
    );
  const connection = await cluster.connect(node);
  const partitions = topic.partitions
    .filter(({ leader }) => leader === node)
    .map(({ partition }) => partition);
  const ask = { topic: topic.name, partitions };
  const [starts, ends] = await Promise.all([
    connection.call(listOffsets({ ...ask, at: 'start' })),
    connection.call(listOffsets({ ...ask, at: 'end' })),
  ]);
  const bad = [...starts, ...ends].find(({ error }) => error !== NONE);
  if (bad !== undefined) throw errorOfCode(bad.error, `reading offsets of ${topic.name}-${bad.partition}`);
  return starts.map(({ partition, offset }) => ({
    partition,
    start: offset,
    end: ends.find((one) => one.partition === partition)?.offset ?? offset,
  }));
}
