// The status channel on a real Kafka: the suite of all channels, its JSON, foreign speakers, and a broker that goes away.
import { randomUUID } from 'node:crypto';
import * as net from 'node:net';
import { Kafka, logLevel } from 'kafkajs';
import { afterEach, describe, expect, inject, it, vi } from 'vitest';
import type { SyncError } from '../../src/core/errors.ts';
import type { StatusChannel } from '../../src/core/ports/statuses.ts';
import type { StatusMessage } from '../../src/core/status.ts';
import { STATUS_TOPIC } from '../../src/core/status.ts';
import { openKafkaStatuses } from '../../src/log/kafka/kafka-statuses.ts';
import { newStatus, testStatusChannel } from '../conformance/status-channel.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';

const stack = inject('stack');
const brokers = stack?.kafka.brokers ?? 'localhost:1';
const kafka = new Kafka({ clientId: 'foreign', brokers: brokers.split(','), logLevel: logLevel.NOTHING });
const PATIENT = { timeout: 20_000, interval: 50 };

describe.skipIf(stack === null)('Kafka', () => {
  const opened: StatusChannel[] = [];
  const open = (options: Partial<Parameters<typeof openKafkaStatuses>[0]> = {}): StatusChannel => {
    const channel = openKafkaStatuses({ brokers, clientId: 'klog-statuses', ...options });
    opened.push(channel);
    return channel;
  };
  afterEach(async () => {
    for (const channel of opened.splice(0)) await channel.close();
  });

  testStatusChannel('Kafka', () => {
    const channel = open();
    return Promise.resolve({ channel, dispose: () => channel.close() });
  });

  it('writes the five fields of the contract first, keyed by task id', async () => {
    const channel = open();
    const consumer = kafka.consumer({ groupId: `klog-${randomUUID()}`, maxWaitTimeInMs: 200 });
    await consumer.connect();
    const status = newStatus();
    await channel.publish(status);
    await consumer.subscribe({ topic: STATUS_TOPIC, fromBeginning: true });
    const value = new Promise<string>((resolve) => {
      void consumer.run({
        eachMessage: ({ message }) => {
          if (message.key?.toString() === status.taskId) resolve(message.value?.toString() ?? '');
          return Promise.resolve();
        },
      });
    });
    const parsed = JSON.parse(await value) as StatusMessage;
    await consumer.disconnect();
    expect(Object.keys(parsed)).toEqual([
      'connectorName',
      'taskId',
      'dataTopicName',
      'stage',
      'description',
      'syncline',
    ]);
    expect(parsed).toEqual(status);
  });

  it('hears a foreign connector that sends just the five fields, and passes over what is no status', async () => {
    const channel = open();
    const seen: StatusMessage[] = [];
    await channel.follow((status) => seen.push(status), new AbortController().signal);
    const producer = kafka.producer();
    await producer.connect();
    const taskId = randomUUID();
    const five = { connectorName: 'theirs', taskId, dataTopicName: 't', stage: 'start', description: '7' };
    await producer.send({
      topic: STATUS_TOPIC,
      messages: [
        { key: taskId, value: 'not json' },
        { key: taskId, value: null },
        { key: null, value: JSON.stringify(five) },
      ],
    });
    await producer.disconnect();
    await vi.waitFor(
      () => expect(seen.filter((status) => status.taskId === taskId)).toEqual([five]),
      PATIENT,
    );
  });

  it('goes on from the last message seen when the broker was away', async () => {
    const [host = '', port = ''] = brokers.split(':');
    const proxy = await startTcpProxy({ host, port: Number(port) });
    const troubles: SyncError[] = [];
    const channel = open({
      openSocket: (to) => net.connect({ ...to, host: proxy.host, port: proxy.port }),
      onTrouble: (error) => troubles.push(error),
    });
    const seen: string[] = [];
    await channel.follow((status) => seen.push(status.taskId), new AbortController().signal);
    const speaker = open();
    const say = async (): Promise<string> => {
      const status = newStatus();
      await speaker.publish(status);
      return status.taskId;
    };
    const before = await say();
    await vi.waitFor(() => expect(seen).toContain(before), PATIENT);
    proxy.setFault({ kind: 'reset' });
    const meanwhile = await say();
    proxy.setFault({ kind: 'none' });
    const after = await say();
    await vi.waitFor(() => expect(seen).toContain(after), PATIENT);
    const mine = seen.filter((taskId) => [before, meanwhile, after].includes(taskId));
    expect(mine).toEqual([before, meanwhile, after]);
    await channel.close();
    await proxy.close();
  });

  it('says KAFKA_UNREACHABLE when no broker is there', async () => {
    const channel = open({ brokers: '127.0.0.1:1' });
    await expect(channel.publish(newStatus())).rejects.toMatchObject({ code: 'KAFKA_UNREACHABLE' });
    await expect(channel.follow(() => undefined, new AbortController().signal)).rejects.toMatchObject({
      code: 'KAFKA_UNREACHABLE',
    });
  });
});
