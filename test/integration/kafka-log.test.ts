// The record log on a real Kafka: the suite of all record logs, and what only Kafka can do to it.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import * as net from 'node:net';
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { dataTopic } from '../../src/core/record/data-topic.ts';
import type { LogReader, RecordLog } from '../../src/core/ports/record-log.ts';
import { openKafkaAdmin } from '../../src/log/kafka/kafka-admin.ts';
import { openKafkaLog } from '../../src/log/kafka/kafka-log.ts';
import { testRecordLog } from '../conformance/record-log.ts';
import { batchOf, fromStart, readRecords } from '../support/log-records.ts';
import type { TcpProxy } from '../support/tcp-proxy.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';

const stack = inject('stack');
const brokers = stack?.kafka.brokers ?? 'localhost:1';
const RETENTION_MS = 3_600_000;
const made: string[] = [];
const foreign = new Kafka({ clientId: 'foreign', brokers: brokers.split(','), logLevel: logLevel.NOTHING });

function newTopicName(): string {
  const name = `klog_${randomUUID()}`;
  made.push(name);
  return name;
}

const openLog = (): RecordLog => openKafkaLog({ brokers, clientId: 'klog-test' });

async function makeTopic(log: RecordLog, partitions = 1): Promise<string> {
  const name = newTopicName();
  await log.createTopic({ name, partitions, retentionMs: RETENTION_MS });
  return name;
}

async function deleteTopic(name: string): Promise<boolean> {
  const admin = await openKafkaAdmin({ brokers, clientId: 'klog-test-admin' });
  const deleted = await admin.deleteTopic(name);
  await admin.close();
  return deleted;
}

/** Polls until it throws, and gives what was thrown. */
async function failureOf(reader: LogReader): Promise<unknown> {
  try {
    for (const until = Date.now() + 30_000; Date.now() < until;) await reader.poll(200);
  } catch (error) {
    return error;
  }
  throw new Error('the reader did not fail');
}

/** A server on a free port that does this with each client. */
async function listen(onClient: (socket: net.Socket) => void): Promise<{ address: string; close(): void }> {
  const server = net.createServer((socket) => {
    socket.on('error', () => undefined);
    onClient(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  return { address: `127.0.0.1:${port}`, close: () => server.close() };
}

const numbers = (count: number): string[] => Array.from({ length: count }, (_, i) => String(i));

describe.skipIf(stack === null)('Kafka', () => {
  afterAll(async () => {
    const admin = await openKafkaAdmin({ brokers, clientId: 'klog-test-admin' });
    for (const name of made) await admin.deleteTopic(name);
    await admin.close();
  });

  testRecordLog('Kafka', () => {
    const log = openLog();
    return Promise.resolve({ log, newTopicName, dispose: () => log.close() });
  });

  it('carries a row of 1.6 MB through a topic made for it, and knows the limit of one that was not', async () => {
    const log = openLog();
    try {
      const name = newTopicName();
      await log.createTopic({ name, ...dataTopic, partitions: 1 });
      expect((await log.readBatchLimit(name)).bytes).toBe(dataTopic.maxBatchBytes);
      expect((await log.readBatchLimit(await makeTopic(log))).bytes).toBe(1_048_588);
      const value = 'x'.repeat(1_628_919);
      const producer = await log.openProducer();
      await producer.append(name, 0, batchOf([value]));
      await producer.append(name, 0, batchOf(['small'], 2));
      const { signal } = new AbortController();
      const reader = await log.openReader({ topic: name, from: fromStart(1), signal });
      const values = (await readRecords(reader, 2)).map((record) => record.value);
      expect(values).toEqual([value, 'small']);
      await reader.close();
      await producer.close();
    } finally {
      await log.close();
    }
  });

  describe('topics', () => {
    let log: RecordLog;
    beforeEach(() => {
      log = openLog();
    });
    afterEach(() => log.close());

    it('tells a topic that was deleted and made again from the one before', async () => {
      const name = await makeTopic(log);
      const before = await log.readOffsets(name);
      expect(await deleteTopic(name)).toBe(true);
      await expect
        .poll(async () => log.readOffsets(name).catch((error: unknown) => (error as { code: string }).code), {
          timeout: 10_000,
        })
        .toBe('TOPIC_MISSING');
      await log.createTopic({ name, partitions: 1, retentionMs: RETENTION_MS });
      expect((await log.readOffsets(name)).incarnation).not.toBe(before.incarnation);
    });

    it('fails a reader whose topic is deleted under it', async () => {
      const name = await makeTopic(log, 2);
      const reader = await log.openReader({
        topic: name,
        from: fromStart(2),
        signal: new AbortController().signal,
      });
      await reader.poll(100);
      await deleteTopic(name);
      expect(await failureOf(reader)).toMatchObject({ code: 'TOPIC_MISSING' });
    });

    it('fails a reader whose topic is deleted and made again', async () => {
      const name = await makeTopic(log);
      const reader = await log.openReader({
        topic: name,
        from: fromStart(1),
        signal: new AbortController().signal,
      });
      const producer = await log.openProducer();
      await producer.append(name, 0, batchOf(['a']));
      expect(await readRecords(reader, 1)).toHaveLength(1);
      const failed = failureOf(reader);
      await deleteTopic(name);
      await log.createTopic({ name, partitions: 1, retentionMs: RETENTION_MS });
      expect(await failed).toMatchObject({ code: 'TOPIC_MISSING' });
    });

    it('names what the log holds when records were deleted before they were read', async () => {
      const name = await makeTopic(log);
      const producer = await log.openProducer();
      await producer.append(name, 0, batchOf(numbers(10)));
      const admin = foreign.admin();
      await admin.connect();
      await admin.fetchTopicOffsets(name);
      await admin.deleteTopicRecords({ topic: name, partitions: [{ partition: 0, offset: '6' }] });
      await admin.disconnect();
      const reader = await log.openReader({
        topic: name,
        from: fromStart(1),
        signal: new AbortController().signal,
      });
      expect(await failureOf(reader)).toMatchObject({
        code: 'LOG_RETENTION',
        message: expect.stringContaining('from offset 0: the log holds [6, 10)') as string,
      });
    });

    it('refuses a row larger than the topic takes, naming it and the way out, and every batch after it', async () => {
      const name = newTopicName();
      await log.createTopic({ name, partitions: 1, retentionMs: RETENTION_MS, maxBatchBytes: 5_000 });
      const producer = await log.openProducer();
      const sent = [
        producer.append(name, 0, batchOf(['a'])),
        producer.append(name, 0, batchOf(['small', 'x'.repeat(9_000), 'small'])),
      ];
      const after = producer.append(name, 0, batchOf(['b']));
      await expect(after).rejects.toMatchObject({ code: 'KAFKA_FAILED', retriable: false });
      await expect(sent[1]).rejects.toThrow(
        `writing to ${name}-0: the row with key k has 9001 bytes, more than the topic takes (MESSAGE_TOO_LARGE); raise max.message.bytes of the topic, which is 5000`,
      );
      await expect(sent[0]).resolves.toBeUndefined();
      await expect(producer.append(name, 0, batchOf(['c']))).rejects.toThrow(/MESSAGE_TOO_LARGE/);
    });

    it('says that another run does it when a topic takes every row, but no batch of so many any more', async () => {
      const name = newTopicName();
      await log.createTopic({ name, partitions: 1, retentionMs: RETENTION_MS, maxBatchBytes: 5_000 });
      const producer = await log.openProducer();
      const many = producer.append(name, 0, batchOf(numbers(20).map((text) => text.padEnd(500))));
      await expect(many).rejects.toMatchObject({
        code: 'KAFKA_FAILED',
        retriable: true,
        message: expect.stringContaining('run it again') as string,
      });
    });

    it('refuses a topic name that Kafka does not take', async () => {
      await expect(
        log.createTopic({ name: 'no spaces', partitions: 1, retentionMs: RETENTION_MS }),
      ).rejects.toMatchObject({ code: 'KAFKA_FAILED' });
    });
  });

  describe('brokers that are not there', () => {
    const unreachable = async (list: string): Promise<unknown> => {
      const log = openKafkaLog({ brokers: list, clientId: 'klog-test' });
      const start = Date.now();
      const error = await log.openProducer().catch((thrown: unknown) => thrown);
      expect(Date.now() - start).toBeLessThan(11_000);
      await log.close();
      return error;
    };

    it('names the address nobody listens on', async () => {
      expect(await unreachable('127.0.0.1:1')).toMatchObject({
        code: 'KAFKA_UNREACHABLE',
        message: expect.stringContaining('127.0.0.1:1') as string,
      });
    });

    it('names the address that accepts and says nothing', async () => {
      const silent = await listen(() => undefined);
      expect(await unreachable(silent.address)).toMatchObject({
        code: 'KAFKA_UNREACHABLE',
        message: expect.stringContaining(silent.address) as string,
      });
      silent.close();
    });

    it('names the address that speaks something else', async () => {
      const http = await listen((socket) => {
        socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
      });
      expect(await unreachable(http.address)).toMatchObject({
        code: 'KAFKA_UNREACHABLE',
        message: expect.stringContaining('not in the protocol of Kafka') as string,
      });
      http.close();
    });

    it('goes on to the next address of the list', async () => {
      const log = openKafkaLog({ brokers: `127.0.0.1:1, ${brokers}`, clientId: 'klog-test' });
      await expect(log.ping()).resolves.toBeUndefined();
      await log.close();
    });

    it('refuses a list that is none', () => {
      for (const list of ['', 'host', 'host:0', ':9092', 'a:1,b:x'])
        expect(() => openKafkaLog({ brokers: list, clientId: 'x' })).toThrow(/broker list/);
    });
  });

  describe('connections that break', () => {
    let proxy: TcpProxy;
    let log: RecordLog;
    beforeEach(async () => {
      const [host = '', port = ''] = brokers.split(':');
      proxy = await startTcpProxy({ host, port: Number(port) });
      log = openKafkaLog({
        brokers,
        clientId: 'klog-test',
        openSocket: (to) => net.connect({ ...to, host: proxy.host, port: proxy.port }),
      });
    });
    afterEach(async () => {
      await log.close();
      await proxy.close();
    });

    const readAll = async (name: string, count: number): Promise<string[]> => {
      const direct = openLog();
      const { partitions } = await direct.readOffsets(name);
      expect(partitions[0]?.end).toBe(count);
      const reader = await direct.openReader({
        topic: name,
        from: fromStart(1),
        signal: new AbortController().signal,
      });
      const records = await readRecords(reader, count);
      await direct.close();
      return records.map(({ value }) => value);
    };

    /** Appends `count` one-row batches while the connection is broken again and again. */
    const produceThroughCuts = async (
      name: string,
      count: number,
      breakIt: (i: number) => void,
    ): Promise<void> => {
      const producer = await log.openProducer();
      const sent: Promise<void>[] = [];
      for (let i = 0; i < count; i += 1) {
        sent.push(producer.append(name, 0, batchOf([String(i)], i + 1)));
        if (i % 20 === 10) breakIt(i);
        if (i % 8 === 7) await sent[i - 7];
      }
      await Promise.all(sent);
      await producer.close();
    };

    it('stores each batch once and in order when acknowledgements are lost', async () => {
      const name = await makeTopic(log);
      await produceThroughCuts(name, 200, (i) => proxy.cutAfter('toClient', i % 7));
      expect(await readAll(name, 200)).toEqual(numbers(200));
    });

    it('stores each batch once and in order when requests are cut in the middle', async () => {
      const name = await makeTopic(log);
      await produceThroughCuts(name, 200, (i) => proxy.cutAfter('toServer', 100 + i));
      expect(await readAll(name, 200)).toEqual(numbers(200));
    });

    it('stores each batch once when the broker is away for a while', async () => {
      const name = await makeTopic(log);
      const producer = await log.openProducer();
      await producer.append(name, 0, batchOf(['0']));
      proxy.setFault({ kind: 'reset' });
      const sent = numbers(20)
        .slice(1)
        .map((value) => producer.append(name, 0, batchOf([value])));
      setTimeout(() => proxy.setFault({ kind: 'none' }), 2_500);
      await Promise.all(sent);
      expect(await readAll(name, 20)).toEqual(numbers(20));
    });

    it('gives a connection up that says nothing, and sends again on another', async () => {
      const name = await makeTopic(log);
      const producer = await log.openProducer();
      await producer.append(name, 0, batchOf(['0']));
      proxy.setFault({ kind: 'blackhole' });
      const sent = numbers(8)
        .slice(1)
        .map((value) => producer.append(name, 0, batchOf([value])));
      // Longer than a connection may stay silent, so that the repeat meets what the broker gets late.
      setTimeout(() => proxy.setFault({ kind: 'none' }), 17_000);
      await Promise.all(sent);
      expect(await readAll(name, 8)).toEqual(numbers(8));
    });

    it('reads on without loss or repeat over cut connections', async () => {
      const name = await makeTopic(log);
      const producer = await log.openProducer();
      const values = numbers(60).map((value) => value.padEnd(50_000, '.'));
      for (const value of values) await producer.append(name, 0, batchOf([value]));
      const reader = await log.openReader({
        topic: name,
        from: fromStart(1),
        signal: new AbortController().signal,
      });
      const seen: string[] = [];
      while (seen.length < 60) {
        proxy.cutAfter('toClient', 30_000 + seen.length * 5_000);
        seen.push(...(await readRecords(reader, 1)).map(({ value }) => value));
        proxy.cut();
      }
      expect(seen).toEqual(values);
    });
  });
});
