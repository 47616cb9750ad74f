// What needs no speed, through kafkajs: topics with any configuration, their removal, and who is in the cluster.
// For the main process: kafkajs starts slowly and an idle client costs CPU, so it is opened for one use and closed.
import type { Admin, ITopicConfig } from 'kafkajs';
import { Kafka, logLevel } from 'kafkajs';
import { SyncError } from '../../core/errors.ts';

const CONNECT_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 15_000;
const RETRIES = 2;
const MOST_REPLICAS = 3;

export interface KafkaAdmin {
  /** Node ids and addresses of the brokers, and the cluster's id. */
  describeCluster(): Promise<{ readonly clusterId: string; readonly brokers: readonly string[] }>;
  /** Replicated to as many brokers as there are, at most three. false: it exists, with whatever shape. */
  createTopic(topic: { name: string; partitions: number; retentionMs: number }): Promise<boolean>;
  /** false: there is no such topic. */
  deleteTopic(name: string): Promise<boolean>;
  close(): Promise<void>;
}

/** Throws KAFKA_UNREACHABLE; every method may throw KAFKA_FAILED. */
export async function openKafkaAdmin(options: { brokers: string; clientId: string }): Promise<KafkaAdmin> {
  const kafka = new Kafka({
    clientId: options.clientId,
    brokers: options.brokers.split(',').map((broker) => broker.trim()),
    connectionTimeout: CONNECT_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    retry: { retries: RETRIES },
    logLevel: logLevel.NOTHING,
  });
  const admin = kafka.admin();
  await admin.connect().catch((cause: unknown) => {
    throw new SyncError('KAFKA_UNREACHABLE', {
      message: `connecting to ${options.brokers}: ${wordsOf(cause)}`,
      cause,
    });
  });
  return {
    describeCluster: () => describeCluster(admin),
    createTopic: (topic) => createTopic(admin, topic),
    deleteTopic: (name) => deleteTopic(admin, name),
    close: () => admin.disconnect(),
  };
}

async function describeCluster(admin: Admin): ReturnType<KafkaAdmin['describeCluster']> {
  const { clusterId, brokers } = await attempt('describing the cluster', () => admin.describeCluster());
  return { clusterId, brokers: brokers.map(({ nodeId, host, port }) => `${nodeId} ${host}:${port}`) };
}

async function createTopic(admin: Admin, topic: Parameters<KafkaAdmin['createTopic']>[0]): Promise<boolean> {
  const names = await attempt('listing topics', () => admin.listTopics());
  if (names.includes(topic.name)) return false;
  const { brokers } = await describeCluster(admin);
  const wanted: ITopicConfig = {
    topic: topic.name,
    numPartitions: topic.partitions,
    replicationFactor: Math.min(MOST_REPLICAS, brokers.length),
    configEntries: [{ name: 'retention.ms', value: String(topic.retentionMs) }],
  };
  return attempt(`creating topic ${topic.name}`, () => admin.createTopics({ topics: [wanted] }));
}

/** Asked first: kafkajs retries for seconds on a topic that is not there. */
async function deleteTopic(admin: Admin, name: string): Promise<boolean> {
  const names = await attempt('listing topics', () => admin.listTopics());
  if (!names.includes(name)) return false;
  await attempt(`deleting topic ${name}`, () => admin.deleteTopics({ topics: [name] }));
  return true;
}

async function attempt<T>(context: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (cause) {
    throw new SyncError('KAFKA_FAILED', { message: `${context}: ${wordsOf(cause)}`, cause });
  }
}

const wordsOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));
