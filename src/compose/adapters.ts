// The adapters that the configuration asks for; the real ones are loaded only when they are used.
import { systemClock } from '../core/clock.ts';
import type { MessagePort } from 'node:worker_threads';
import type { Config } from '../config.ts';
import type { ConnectorPlugin } from '../core/connector/contract.ts';
import { findPlugin } from '../core/connector/plugin-registry.ts';
import type { Emit } from '../core/events.ts';
import { hostsOf } from '../core/network/check-hosts.ts';
import type { RunQueue } from '../core/ports/queue.ts';
import type { RecordLog } from '../core/ports/record-log.ts';
import type { StatusChannel } from '../core/ports/statuses.ts';
import type { Store } from '../store/open-store.ts';
import { openStore } from '../store/open-store.ts';
import { readSecretKey } from './secret-key.ts';

export interface Adapters {
  readonly store: Store;
  readonly queue: RunQueue;
  readonly log: RecordLog;
  readonly statuses: StatusChannel;
  /** A lane's own port to the memory log. */
  readonly connectLane: () => MessagePort;
  close(): Promise<void>;
}

export async function openAdapters(
  config: Config,
  plugins: readonly ConnectorPlugin[],
  emit: Emit,
): Promise<Adapters> {
  const store = await openStore({
    url: config.database,
    secretKey: readSecretKey(config),
    clock: systemClock,
    hostsOf: ({ connector, config: of }) => hostsOf(findPlugin(plugins, connector), of),
  });
  const queue = await openQueue(config, store.installation, emit);
  const log = await openLog(config, emit);
  return {
    store,
    queue,
    ...log,
    close: async () => {
      await queue.close();
      await log.statuses.close();
      await log.log.close();
      await store.close();
    },
  };
}

async function openQueue(config: Config, installation: string, emit: Emit): Promise<RunQueue> {
  if (config.redis === null) {
    const { createMemoryQueue } = await import('../queue/memory-queue.ts');
    return createMemoryQueue();
  }
  const { openBullmqQueue } = await import('../queue/bullmq-queue.ts');
  return openBullmqQueue({
    url: config.redis,
    // Two installations may share a Redis database.
    prefix: `syncline-${installation}`,
    onTrouble: (error) => emit({ type: 'service.failed', service: 'queue', error }),
  });
}

async function openLog(
  config: Config,
  emit: Emit,
): Promise<Pick<Adapters, 'log' | 'statuses' | 'connectLane'>> {
  if (config.kafka === null) {
    const { createMemoryLog } = await import('../log/memory/memory-log.ts');
    const { createMemoryStatuses } = await import('../log/memory/memory-statuses.ts');
    const server = createMemoryLog({ maxBytes: config.memoryLogBytes });
    return { log: server.log, statuses: createMemoryStatuses(), connectLane: () => server.connect() };
  }
  const { openKafkaLog } = await import('../log/kafka/kafka-log.ts');
  const { openKafkaStatuses } = await import('../log/kafka/kafka-statuses.ts');
  const options = { brokers: config.kafka, retryForMs: config.kafkaRetryMs, clientId: 'syncline' };
  const noPort = (): never => {
    throw new Error('lanes reach Kafka by themselves');
  };
  return {
    log: openKafkaLog(options),
    statuses: openKafkaStatuses({
      ...options,
      onTrouble: (error) => emit({ type: 'service.failed', service: 'statuses', error }),
    }),
    connectLane: noPort,
  };
}
