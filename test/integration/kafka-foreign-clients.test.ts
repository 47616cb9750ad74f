// Other clients' view: kafkajs reads what we write, and we read what it writes.
import { randomUUID } from 'node:crypto';
import { CompressionTypes, Kafka, logLevel } from 'kafkajs';
import type { KafkaMessage } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { RecordLog } from '../../src/core/ports/record-log.ts';
import { createRecordCursor } from '../../src/core/record/record-cursor.ts';
import { openKafkaLog } from '../../src/log/kafka/kafka-log.ts';
import { fromStart, newBuilder, readRecords } from '../support/log-records.ts';

const stack = inject('stack');
const brokers = stack?.kafka.brokers ?? 'localhost:1';

describe.skipIf(stack === null)('Kafka clients that know nothing of Syncline', () => {
  const kafka = new Kafka({ clientId: 'foreign', brokers: brokers.split(','), logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  const topic = `klog_foreign_${randomUUID()}`;
  let log: RecordLog;

  beforeAll(async () => {
    log = openKafkaLog({ brokers, clientId: 'klog-test' });
    await log.createTopic({ name: topic, partitions: 3, retentionMs: 3_600_000 });
    await admin.connect();
  });
  afterAll(async () => {
    await admin.deleteTopics({ topics: [topic] });
    await admin.disconnect();
    await log.close();
  });

  async function consume(partition: number, count: number): Promise<KafkaMessage[]> {
    const consumer = kafka.consumer({ groupId: `klog-${randomUUID()}`, maxWaitTimeInMs: 200 });
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    const found: KafkaMessage[] = [];
    await new Promise<void>((resolve, reject) => {
      consumer
        .run({
          eachMessage: ({ partition: from, message }) => {
            if (from === partition) found.push(message);
            if (found.length === count) resolve();
            return Promise.resolve();
          },
        })
        .catch(reject);
    });
    await consumer.disconnect();
    return found;
  }

  it('find keys, values and headers on every record of ours, rows and control records alike', async () => {
    const builder = newBuilder();
    for (let i = 1; i <= 200; i += 1) {
      const bytes = Buffer.from(`key-${i}value ${i} 表`);
      builder.appendRow(bytes, `key-${i}`.length, bytes.length, i);
    }
    const own = [
      ['taskId', 'task-1'],
      ['predictedTotal', '10'],
      ['currentIndex', '201'],
      ['isEnd', 'true'],
      ['syncline.control', 'end'],
    ] as const;
    builder.append({
      key: Buffer.from('syncline.control'),
      value: Buffer.from('{"plan":"p"}'),
      headers: own,
    });
    const batch = builder.take();
    if (batch === null) throw new Error('no batch');
    const producer = await log.openProducer();
    await producer.append(topic, 0, batch);
    await producer.close();

    const messages = await consume(0, 201);
    messages.slice(0, 200).forEach((message, index) => {
      expect(message.key?.toString()).toBe(`key-${index + 1}`);
      expect(message.value?.toString()).toBe(`value ${index + 1} 表`);
      expect(textHeaders(message)).toEqual({
        taskId: 'task-1',
        predictedTotal: '10',
        isEnd: 'false',
        currentIndex: String(index + 1),
      });
      expect(Math.abs(Number(message.timestamp) - Date.now())).toBeLessThan(120_000);
    });
    const last = messages.at(-1);
    expect(last?.key?.toString()).toBe('syncline.control');
    expect(last === undefined ? null : textHeaders(last)).toEqual(Object.fromEntries(own));
  });

  it('write what our cursor reads: plain, gzip, null keys and values, headers', async () => {
    const producer = kafka.producer();
    await producer.connect();
    const partition = 1;
    for (const compression of [CompressionTypes.None, CompressionTypes.GZIP])
      await producer.send({
        topic,
        compression,
        messages: [
          {
            partition,
            key: 'a',
            value: `value ${compression}`,
            headers: { taskId: 'foreign', isEnd: 'true' },
          },
          { partition, key: null, value: 'no key' },
          { partition, key: 'gone', value: null },
        ],
      });
    await producer.disconnect();
    const reader = await log.openReader({
      topic,
      from: [{ partition, offset: 1 }],
      signal: new AbortController().signal,
    });
    const cursor = createRecordCursor();
    const seen: unknown[] = [];
    while (seen.length < 5)
      for (const { bytes, from } of await reader.poll(500)) {
        cursor.open(bytes, from);
        while (cursor.next())
          seen.push([
            cursor.offset,
            cursor.keyEnd < cursor.keyStart
              ? null
              : cursor.bytes.toString('utf8', cursor.keyStart, cursor.keyEnd),
            cursor.valueEnd < cursor.valueStart
              ? null
              : cursor.bytes.toString('utf8', cursor.valueStart, cursor.valueEnd),
            cursor.header('taskId'),
          ]);
      }
    await reader.close();
    expect(seen).toEqual([
      [1, null, 'no key', null],
      [2, 'gone', null, null],
      [3, 'a', 'value 1', 'foreign'],
      [4, null, 'no key', null],
      [5, 'gone', null, null],
    ]);
  });

  it('write transactions, whose markers we pass over', async () => {
    const producer = kafka.producer({
      transactionalId: `klog-${randomUUID()}`,
      maxInFlightRequests: 1,
      idempotent: true,
    });
    await producer.connect();
    const partition = 2;
    for (const value of ['one', 'two']) {
      const transaction = await producer.transaction();
      await transaction.send({ topic, messages: [{ partition, key: 'k', value }] });
      await transaction.commit();
    }
    await producer.disconnect();
    const reader = await log.openReader({
      topic,
      from: fromStart(3).slice(2),
      signal: new AbortController().signal,
    });
    expect(await readRecords(reader, 2)).toMatchObject([
      { offset: 0, value: 'one' },
      { offset: 2, value: 'two' },
    ]);
    await reader.close();
  });
});

function textHeaders(message: KafkaMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(message.headers ?? {}).map(([name, value]) => [name, String(value)]),
  );
}
