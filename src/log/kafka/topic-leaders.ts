// Who leads the partitions of one topic, remembered until trouble says it may have changed.
import { SyncError } from '../../core/errors.ts';
import type { BrokerConnection } from './broker-connection.ts';
import type { Cluster } from './cluster.ts';
import { errorOfCode, NONE, PassingTrouble } from './kafka-trouble.ts';
import type { TopicMetadata } from './wire/metadata.ts';

export class TopicLeaders {
  readonly topic: string;
  readonly #cluster: Cluster;
  #id: string | null = null;
  #known: Promise<TopicMetadata> | null = null;

  constructor(cluster: Cluster, topic: string) {
    this.#cluster = cluster;
    this.topic = topic;
  }

  /**
   * Throws PassingTrouble while the topic is unknown or a broker can't be reached, TOPIC_MISSING when it was deleted and
   * created again: what this user read or wrote was in another log.
   */
  read(): Promise<TopicMetadata> {
    if (this.#known !== null) return this.#known;
    const reading = this.#readAnew();
    this.#known = reading;
    reading.catch(() => {
      if (this.#known === reading) this.#known = null;
    });
    return reading;
  }

  forget(): void {
    this.#known = null;
  }

  async connect(partition: number): Promise<BrokerConnection> {
    return this.#cluster.connect(leaderIn(await this.read(), partition));
  }

  async #readAnew(): Promise<TopicMetadata> {
    const topic = await describeTopic(this.#cluster, this.topic);
    this.#id ??= topic.id;
    if (topic.id !== this.#id)
      throw new SyncError('TOPIC_MISSING', {
        message: `looking for topic ${this.topic}: it was deleted and created again`,
      });
    return topic;
  }
}

/** Node id. Throws PassingTrouble while there is no leader. */
export function leaderIn(topic: TopicMetadata, partition: number): number {
  const found = topic.partitions.find((one) => one.partition === partition);
  if (found === undefined)
    throw new SyncError('KAFKA_FAILED', {
      message: `looking for ${topic.name}-${partition}: no such partition`,
    });
  if (found.leader < 0)
    throw new PassingTrouble(
      'KAFKA_UNREACHABLE',
      `looking for the leader of ${topic.name}-${partition}: there is none`,
    );
  return found.leader;
}

/** Throws PassingTrouble (TOPIC_MISSING when the broker asked does not know the topic). */
export async function describeTopic(cluster: Cluster, name: string): Promise<TopicMetadata> {
  const [topic] = (await cluster.describe([name])).topics;
  if (topic === undefined) throw new PassingTrouble('TOPIC_MISSING', `looking for topic ${name}: no answer`);
  if (topic.error !== NONE && topic.partitions.length === 0)
    throw errorOfCode(topic.error, `looking for topic ${name}`);
  return topic;
}
