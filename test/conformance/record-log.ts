// What every record log must do, over memory (in this thread and through a port) and Kafka.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type {
  FetchedBatches,
  LogReader,
  PartitionOffset,
  RecordLog,
} from '../../src/core/ports/record-log.ts';
import { MAX_BATCH_BYTES } from '../../src/core/record/record-batch.ts';
import type { ReadRecord } from '../support/log-records.ts';
import { batchOf, fromStart, readRecords, recordsOf } from '../support/log-records.ts';

export interface LogUnderTest {
  readonly log: RecordLog;
  /** A name nobody used before. */
  newTopicName(): string;
  dispose(): Promise<void>;
}

const RETENTION_MS = 3_600_000;
const DEADLINE_MS = 20_000;

export function testRecordLog(name: string, open: () => Promise<LogUnderTest>): void {
  describe(`${name}: record log`, () => {
    let under: LogUnderTest;
    let log: RecordLog;
    let topic: string;
    const signal = new AbortController().signal;

    const makeTopic = async (partitions: number): Promise<void> => {
      topic = under.newTopicName();
      await log.createTopic({ name: topic, partitions, retentionMs: RETENTION_MS });
    };
    const readFrom = (from: readonly PartitionOffset[]): Promise<LogReader> =>
      log.openReader({ topic, from, signal });
    const append = async (partition: number, values: readonly string[]): Promise<void> => {
      const producer = await log.openProducer();
      await producer.append(topic, partition, batchOf(values));
      await producer.close();
    };

    beforeEach(async () => {
      under = await open();
      log = under.log;
    });
    afterEach(() => under.dispose());

    it('creates a topic once and leaves an existing one as it is', async () => {
      await makeTopic(3);
      await log.createTopic({ name: topic, partitions: 5, retentionMs: RETENTION_MS });
      const { partitions } = await log.readOffsets(topic);
      expect(partitions).toEqual([0, 1, 2].map((partition) => ({ partition, start: 0, end: 0 })));
    });

    it('says TOPIC_MISSING for a topic that is not there, whatever is asked of it', async () => {
      topic = under.newTopicName();
      await expect(log.readOffsets(topic)).rejects.toMatchObject({ code: 'TOPIC_MISSING' });
      await expect(readFrom(fromStart(1))).rejects.toMatchObject({ code: 'TOPIC_MISSING' });
      await expect(append(0, ['a'])).rejects.toMatchObject({ code: 'TOPIC_MISSING' });
    });

    it('keeps its incarnation while it stands', async () => {
      await makeTopic(1);
      const before = await log.readOffsets(topic);
      await append(0, ['a', 'b']);
      const after = await log.readOffsets(topic);
      expect(after.incarnation).toBe(before.incarnation);
      expect(after.partitions).toEqual([{ partition: 0, start: 0, end: 2 }]);
    });

    it('keeps the order of each partition with many batches on the way', async () => {
      await makeTopic(3);
      const producer = await log.openProducer();
      const sent: Promise<void>[] = [];
      for (let i = 0; i < 90; i += 1)
        sent.push(producer.append(topic, i % 3, batchOf([`${i}.0`, `${i}.1`], i * 2 + 1)));
      await Promise.all(sent);
      await producer.close();
      const reader = await readFrom(fromStart(3));
      const records = await readRecords(reader, 180);
      await reader.close();
      for (const partition of [0, 1, 2]) {
        const mine = records.filter((record) => record.partition === partition);
        expect(mine.map(({ offset }) => offset)).toEqual(Array.from({ length: 60 }, (_, i) => i));
        const expected = Array.from({ length: 30 }, (_, i) => i * 3 + partition).flatMap((i) => [
          `${i}.0`,
          `${i}.1`,
        ]);
        expect(mine.map(({ value }) => value)).toEqual(expected);
      }
    });

    it('starts inside a batch, and a second reader goes on where the first stood', async () => {
      await makeTopic(1);
      await append(0, ['a', 'b', 'c']);
      await append(0, ['d', 'e']);
      const first = await readFrom([{ partition: 0, offset: 1 }]);
      const fetched: FetchedBatches[] = [];
      while (fetched.length === 0) fetched.push(...(await first.poll(200)));
      expect(recordsOf(fetched.slice(0, 1))[0]).toMatchObject({ offset: 1, value: 'b' });
      const next = fetched[0]?.next ?? -1;
      await first.close();
      const second = await readFrom([{ partition: 0, offset: next }]);
      await append(0, ['f']);
      const rest = await readRecords(second, 6 - next);
      expect(rest[0]?.offset).toBe(next);
      expect(rest.at(-1)).toMatchObject({ offset: 5, value: 'f' });
      await second.close();
    });

    it('gives nothing after maxWaitMs, and what arrives while somebody waits', async () => {
      await makeTopic(2);
      const reader = await readFrom(fromStart(2));
      expect(await reader.poll(50)).toEqual([]);
      const polled = readRecords(reader, 1);
      await append(1, ['late']);
      expect(await polled).toMatchObject([{ partition: 1, value: 'late' }]);
      await reader.close();
    });

    it('has done with a batch when append resolves: its memory may be reused', async () => {
      await makeTopic(1);
      const producer = await log.openProducer();
      const batch = batchOf(['first']);
      await producer.append(topic, 0, batch);
      batch.bytes.fill(0);
      await producer.append(topic, 0, batchOf(['second']));
      await producer.close();
      const reader = await readFrom(fromStart(1));
      expect((await readRecords(reader, 2)).map(({ value }) => value)).toEqual(['first', 'second']);
      await reader.close();
    });

    it('leaves what a poll gave readable until the next but one', async () => {
      await makeTopic(1);
      const producer = await log.openProducer();
      const value = (i: number): string => String(i).repeat(100_000);
      for (let i = 0; i < 8; i += 1) await producer.append(topic, 0, batchOf([value(i)]));
      await producer.close();
      const reader = await readFrom(fromStart(1));
      let before: readonly FetchedBatches[] = [];
      let expected: ReadRecord[] = [];
      for (let seen = 0; seen < 8;) {
        const now = await reader.poll(500);
        expect(recordsOf(before)).toEqual(expected);
        before = now;
        expected = recordsOf(now);
        seen += expected.length;
      }
      await reader.close();
    });

    it('gives nothing of paused partitions, and all of it after the pause', async () => {
      await makeTopic(2);
      await append(0, ['a']);
      await append(1, ['b']);
      const reader = await readFrom(fromStart(2));
      reader.setPaused([1]);
      expect(await readRecords(reader, 1)).toMatchObject([{ partition: 0, value: 'a' }]);
      await append(1, ['c']);
      expect(await reader.poll(100)).toEqual([]);
      reader.setPaused([]);
      expect(await readRecords(reader, 2)).toMatchObject([
        { partition: 1, value: 'b' },
        { partition: 1, value: 'c' },
      ]);
      await reader.close();
    });

    it('refuses a position past the end, naming what the log holds', async () => {
      await makeTopic(1);
      await append(0, ['a', 'b']);
      const reader = await readFrom([{ partition: 0, offset: 5 }]);
      const polled = async (): Promise<void> => {
        for (let i = 0; i < 50; i += 1) await reader.poll(200);
      };
      await expect(polled()).rejects.toMatchObject({
        code: 'LOG_RETENTION',
        message: expect.stringContaining('[0, 2)') as string,
      });
      await reader.close();
    });

    it('ends a waiting poll with the reason when its signal aborts', async () => {
      await makeTopic(1);
      const stop = new AbortController();
      const reader = await log.openReader({ topic, from: fromStart(1), signal: stop.signal });
      const polled = reader.poll(DEADLINE_MS);
      stop.abort(new Error('run cancelled'));
      await expect(polled).rejects.toThrow('run cancelled');
      await reader.close();
    });

    it('refuses an append after close', async () => {
      await makeTopic(1);
      const producer = await log.openProducer();
      await producer.append(topic, 0, batchOf(['a']));
      await producer.close();
      await expect(producer.append(topic, 0, batchOf(['b']))).rejects.toMatchObject({ code: 'CANCELLED' });
    });

    it('carries batches of nearly a megabyte, and a row that fills one', async () => {
      await makeTopic(2);
      const producer = await log.openProducer();
      const big = 'x'.repeat(MAX_BATCH_BYTES - 300);
      const sent = [0, 1, 0, 1, 0].map((partition) => producer.append(topic, partition, batchOf([big])));
      await Promise.all(sent);
      await producer.close();
      const reader = await readFrom(fromStart(2));
      const records = await readRecords(reader, 5);
      expect(records.every(({ value }) => value === big)).toBe(true);
      await reader.close();
    });

    it('answers a ping', async () => {
      await expect(log.ping()).resolves.toBeUndefined();
    });
  });
}
