// A record log of which only the topics and their offsets exist: all that an executor asks for.
import { SyncError } from '../../src/core/errors.ts';
import type { RecordLog } from '../../src/core/ports/record-log.ts';

export interface FakeRecordLog extends RecordLog {
  /** `starts`: what lies before them was deleted. */
  readonly topics: Map<string, { incarnation: string; ends: number[]; starts?: number[] }>;
  /** What every call throws while it is set. */
  failure: SyncError | null;
  /** `topic job`: what runs hold. */
  readonly held: Set<string>;
}

export function createFakeRecordLog(kind: RecordLog['kind']): FakeRecordLog {
  const topics: FakeRecordLog['topics'] = new Map();
  const unused = (): never => {
    throw new Error('an executor reads and writes no records');
  };
  const log: FakeRecordLog = {
    kind,
    topics,
    failure: null,
    held: new Set(),
    holds: {
      hold: (topic, jobId) => void log.held.add(`${topic} ${jobId}`),
      release: (topic, jobId) => void log.held.delete(`${topic} ${jobId}`),
    },
    createTopic: ({ name, partitions }) => {
      if (log.failure !== null) return Promise.reject(log.failure);
      if (!topics.has(name))
        topics.set(name, { incarnation: `${name}-1`, ends: Array.from({ length: partitions }, () => 0) });
      return Promise.resolve();
    },
    readOffsets: (name) => {
      if (log.failure !== null) return Promise.reject(log.failure);
      const topic = topics.get(name);
      if (topic === undefined)
        return Promise.reject(new SyncError('TOPIC_MISSING', { message: `no topic ${name}` }));
      const partitions = topic.ends.map((end, partition) => ({
        partition,
        start: topic.starts?.[partition] ?? 0,
        end,
      }));
      return Promise.resolve({ incarnation: topic.incarnation, partitions });
    },
    readBatchLimit: () => Promise.resolve({ bytes: 1_000_000, wayOut: 'raise it' }),
    openProducer: unused,
    openReader: unused,
    ping: () => (log.failure === null ? Promise.resolve() : Promise.reject(log.failure)),
    close: () => Promise.resolve(),
  };
  return log;
}
