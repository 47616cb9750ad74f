// The Kafka client against a cluster in this process: what a broker may answer, in any order, and when to give up.
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { Clock } from '../../src/core/clock.ts';
import type { LogReader, RecordLog } from '../../src/core/ports/record-log.ts';
import { openKafkaLog } from '../../src/log/kafka/kafka-log.ts';
import type { FakeKafka, ProduceOrder } from '../fakes/fake-kafka.ts';
import { FAKE_TOPIC, plant, startFakeKafka } from '../fakes/fake-kafka.ts';
import { decodeBatches } from '../support/batch-codec.ts';
import { batchOf, fromStart, readRecords } from '../support/log-records.ts';

const LEADER_NOT_AVAILABLE = 5;
const NOT_LEADER = 6;
const REQUEST_TIMED_OUT = 7;
const OUT_OF_ORDER = 45;
const INVALID_RECORD = 87;
const MESSAGE_TOO_LARGE = 10;

/** Sleeping takes no time, but counts. */
function createEagerClock(): Clock {
  let now = 1_000;
  return {
    now: () => now,
    monotonic: () => now,
    sleep: async (ms, signal) => {
      await new Promise((resolve) => setImmediate(resolve));
      signal?.throwIfAborted();
      now += ms;
    },
  };
}

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

async function setup(options = { nodes: 1, partitions: 1 }): Promise<{ kafka: FakeKafka; log: RecordLog }> {
  const kafka = await startFakeKafka(options);
  const log = openKafkaLog({ brokers: kafka.brokers, clientId: 'test', clock: createEagerClock() });
  opened.push(kafka, log);
  return { kafka, log };
}

const numbers = (count: number): string[] => Array.from({ length: count }, (_, i) => String(i));

const stored = (kafka: FakeKafka, partition = 0): (string | undefined)[] =>
  (kafka.partitions[partition]?.batches ?? []).flatMap((batch) =>
    decodeBatches(batch).map(({ value }) => value?.toString()),
  );

/** Appends one-row batches, all at once. */
async function produceAll(log: RecordLog, values: readonly string[]): Promise<PromiseSettledResult<void>[]> {
  const producer = await log.openProducer();
  const sent = await Promise.allSettled(
    values.map((value) => producer.append(FAKE_TOPIC, 0, batchOf([value]))),
  );
  await producer.close();
  return sent;
}

const openReader = (log: RecordLog, offset = 0): Promise<LogReader> =>
  log.openReader({
    topic: FAKE_TOPIC,
    from: [{ partition: 0, offset }],
    signal: new AbortController().signal,
  });

describe('Kafka producer', () => {
  it('stores each batch once and in order, whatever passing errors come, stored or not', async () => {
    const { kafka, log } = await setup();
    const order = fc.record<ProduceOrder>({
      code: fc.constantFrom(LEADER_NOT_AVAILABLE, NOT_LEADER, REQUEST_TIMED_OUT),
      stored: fc.boolean(),
    });
    const pass: ProduceOrder = { code: 0, stored: true };
    const orders = fc.array(fc.oneof({ weight: 2, arbitrary: fc.constant(pass) }, order), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(orders, async (script) => {
        const [partition] = kafka.partitions;
        if (partition === undefined) throw new Error('no partition');
        Object.assign(partition, { batches: [], sequences: [], expected: 0, end: 0 });
        kafka.produceOrders.splice(0, Infinity, ...script);
        const sent = await produceAll(log, numbers(20));
        expect(sent.every(({ status }) => status === 'fulfilled')).toBe(true);
        expect(stored(kafka)).toEqual(numbers(20));
      }),
      { numRuns: 60 },
    );
  });

  it('follows the leader to another broker', async () => {
    const { kafka, log } = await setup({ nodes: 2, partitions: 1 });
    const producer = await log.openProducer();
    for (const [index, value] of numbers(10).entries()) {
      for (const partition of kafka.partitions) partition.leader = (index % 2) + 1;
      await producer.append(FAKE_TOPIC, 0, batchOf([value]));
    }
    await producer.close();
    expect(stored(kafka)).toEqual(numbers(10));
  });

  it('keeps partitions apart: one in trouble does not hold up another', async () => {
    const { kafka, log } = await setup({ nodes: 1, partitions: 2 });
    const producer = await log.openProducer();
    const [first] = kafka.partitions;
    if (first !== undefined) first.leader = -1;
    const held = producer.append(FAKE_TOPIC, 0, batchOf(['held']));
    await producer.append(FAKE_TOPIC, 1, batchOf(['free']));
    expect(stored(kafka, 1)).toEqual(['free']);
    if (first !== undefined) first.leader = 1;
    await held;
    expect(stored(kafka, 0)).toEqual(['held']);
    await producer.close();
  });

  it('gives up after a minute of trouble, with the last trouble in words', async () => {
    const { kafka, log } = await setup();
    kafka.produceOrders.push(...Array.from({ length: 500 }, () => ({ code: NOT_LEADER, stored: false })));
    const sent = await produceAll(log, numbers(3));
    for (const one of sent)
      expect(one).toMatchObject({ status: 'rejected', reason: { code: 'KAFKA_FAILED' } });
    expect(String(sent[0]?.status === 'rejected' ? sent[0].reason : '')).toMatch(
      /writing to orders-0: NOT_LEADER_OR_FOLLOWER/,
    );
    expect(kafka.produced).toBeGreaterThan(50);
  });

  it('gives up after a minute without a broker, naming the address', async () => {
    const { kafka, log } = await setup();
    const producer = await log.openProducer();
    await producer.append(FAKE_TOPIC, 0, batchOf(['a']));
    await kafka.close();
    await expect(producer.append(FAKE_TOPIC, 0, batchOf(['b']))).rejects.toMatchObject({
      code: 'KAFKA_UNREACHABLE',
      message: expect.stringContaining(kafka.brokers) as string,
    });
  });

  it('fails on a lasting error, and everything behind it, but nothing in front of it', async () => {
    const { kafka, log } = await setup();
    kafka.produceOrders.push({ code: 0, stored: true }, { code: INVALID_RECORD, stored: false });
    const sent = await produceAll(log, numbers(6));
    expect(sent.map(({ status }) => status)).toEqual(['fulfilled', ...Array<string>(5).fill('rejected')]);
    expect(sent[5]).toMatchObject({ reason: { code: 'KAFKA_FAILED' } });
    expect(String(sent[5]?.status === 'rejected' ? sent[5].reason : '')).toMatch(/INVALID_RECORD/);
    expect(stored(kafka)).toEqual(['0']);
  });

  it('names the row that a broker finds too large, though nobody says how large it may be', async () => {
    const { kafka, log } = await setup();
    kafka.produceOrders.push({ code: MESSAGE_TOO_LARGE, stored: false });
    const [sent] = await produceAll(log, ['a']);
    expect(sent).toMatchObject({
      reason: {
        message: `writing to ${FAKE_TOPIC}-0: the row with key k has 2 bytes, more than the topic takes (MESSAGE_TOO_LARGE); raise max.message.bytes of the topic`,
      },
    });
  });

  it('fails when the broker misses what it had acknowledged', async () => {
    const { kafka, log } = await setup();
    kafka.produceOrders.push({ code: OUT_OF_ORDER, stored: false });
    expect(await produceAll(log, ['a'])).toMatchObject([
      { status: 'rejected', reason: { code: 'KAFKA_FAILED' } },
    ]);
  });

  it('rejects what is on the way when it is closed', async () => {
    const { kafka, log } = await setup();
    for (const partition of kafka.partitions) partition.leader = -1;
    const producer = await log.openProducer();
    const sent = producer.append(FAKE_TOPIC, 0, batchOf(['a']));
    const closed = expect(sent).rejects.toMatchObject({ code: 'CANCELLED' });
    await producer.close();
    await closed;
  });

  it('refuses a broker that is too old, naming the version', async () => {
    const { kafka, log } = await setup();
    kafka.maxVersion = 7;
    await expect(log.openProducer()).rejects.toMatchObject({
      code: 'KAFKA_FAILED',
      message: expect.stringMatching(/0 to 7 of Metadata, needed is 10 \(Kafka 2\.8 or later\)/) as string,
    });
  });
});

describe('Kafka reader', () => {
  it('follows the leader to another broker', async () => {
    const { kafka, log } = await setup({ nodes: 2, partitions: 1 });
    const [partition] = kafka.partitions;
    if (partition === undefined) throw new Error('no partition');
    const reader = await openReader(log);
    for (const [index, value] of numbers(6).entries()) {
      plant(partition, batchOf([value]).bytes);
      expect(await readRecords(reader, 1)).toMatchObject([{ offset: index, value }]);
      partition.leader = (index % 2) + 1;
    }
  });

  it('reads partitions of several brokers at once', async () => {
    const { kafka, log } = await setup({ nodes: 3, partitions: 3 });
    kafka.partitions.forEach((partition, index) => {
      partition.leader = index + 1;
      plant(partition, batchOf([`p${index}`]).bytes);
    });
    const reader = await log.openReader({
      topic: FAKE_TOPIC,
      from: fromStart(3),
      signal: new AbortController().signal,
    });
    expect((await readRecords(reader, 3)).map(({ value }) => value).sort()).toEqual(['p0', 'p1', 'p2']);
  });

  it('takes up a cut-off batch again from its start', async () => {
    const { kafka, log } = await setup();
    const [partition] = kafka.partitions;
    if (partition === undefined) throw new Error('no partition');
    for (const value of numbers(4)) plant(partition, batchOf([value, `${value}b`]).bytes);
    kafka.distort = (batches) => batches.subarray(0, batches.length > 400 ? batches.length - 30 : undefined);
    const records = await readRecords(await openReader(log), 8);
    expect(records.map(({ offset }) => offset)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('fails on a wrong checksum, retriable', async () => {
    const { kafka, log } = await setup();
    const [partition] = kafka.partitions;
    if (partition === undefined) throw new Error('no partition');
    plant(partition, batchOf(['a']).bytes);
    kafka.distort = (batches) => {
      const wrong = Buffer.from(batches);
      wrong[wrong.length - 1] = 0xff;
      return wrong;
    };
    await expect(readRecords(await openReader(log), 1)).rejects.toMatchObject({
      code: 'KAFKA_FAILED',
      retriable: true,
      message: expect.stringContaining('wrong checksum') as string,
    });
  });

  it('says that the topic was made again rather than read on in another log', async () => {
    const { kafka, log } = await setup();
    const reader = await openReader(log);
    kafka.topicId = 2;
    for (const partition of kafka.partitions) partition.leader = -1;
    await expect(readRecords(reader, 1)).rejects.toMatchObject({
      code: 'TOPIC_MISSING',
      message: expect.stringContaining('deleted and created again') as string,
    });
  });

  it('gives up after a minute without a broker', async () => {
    const { kafka, log } = await setup();
    const reader = await openReader(log);
    await kafka.close();
    await expect(readRecords(reader, 1)).rejects.toMatchObject({ code: 'KAFKA_UNREACHABLE' });
  });
});
