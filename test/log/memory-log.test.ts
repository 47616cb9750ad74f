// The memory log: the suite of all record logs in this thread and through a port, its bound, and a real worker thread.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import type { FetchedBatches, LogProducer, LogReader, RecordLog } from '../../src/core/ports/record-log.ts';
import { openMemoryLogClient } from '../../src/log/memory/memory-log-client.ts';
import type { MemoryLogServer } from '../../src/log/memory/memory-log.ts';
import { createMemoryLog } from '../../src/log/memory/memory-log.ts';
import { createMemoryStatuses } from '../../src/log/memory/memory-statuses.ts';
import { testRecordLog } from '../conformance/record-log.ts';
import { testStatusChannel } from '../conformance/status-channel.ts';
import { batchOf, fromStart, readRecords, recordsOf } from '../support/log-records.ts';
import type { LaneOrders } from '../support/memory-log-lane.ts';

let topics = 0;
const newTopicName = (): string => {
  topics += 1;
  return `topic-${topics}`;
};
const BIG = 16 * 1024 * 1024;

testRecordLog('memory, in one thread', () => {
  const { log } = createMemoryLog({ maxBytes: BIG });
  return Promise.resolve({ log, newTopicName, dispose: () => log.close() });
});

testRecordLog('memory, through a port', () => {
  const server = createMemoryLog({ maxBytes: BIG });
  const log = openMemoryLogClient(server.connect());
  const dispose = async (): Promise<void> => {
    await log.close();
    await server.log.close();
  };
  return Promise.resolve({ log, newTopicName, dispose });
});

testStatusChannel('memory', () => {
  const channel = createMemoryStatuses();
  return Promise.resolve({ channel, dispose: () => channel.close() });
});

const ROOM = 10_000;
/** A batch of about 1,000 bytes. */
const kilobyte = (label: string): ReturnType<typeof batchOf> => batchOf([label.padEnd(850, '.')]);

async function setup(): Promise<{ log: RecordLog; server: MemoryLogServer; producer: LogProducer }> {
  const server = createMemoryLog({ maxBytes: ROOM });
  const { log } = server;
  for (const name of ['a', 'b']) await log.createTopic({ name, partitions: 1, retentionMs: 1 });
  return { log, server, producer: await log.openProducer() };
}

const openReader = (log: RecordLog, topic: string, offset = 0): Promise<LogReader> =>
  log.openReader({ topic, from: [{ partition: 0, offset }], signal: new AbortController().signal });

/** Appends without waiting; `done` counts those that were let in. */
function flood(
  producer: LogProducer,
  topic: string,
  count: number,
): { done: number; readonly all: Promise<unknown> } {
  const admit = async (index: number): Promise<void> => {
    await producer.append(topic, 0, kilobyte(String(index)));
    state.done += 1;
  };
  const state = { done: 0, all: Promise.resolve<unknown>(null) };
  state.all = Promise.all(Array.from({ length: count }, (_, index) => admit(index)));
  return state;
}

/** Every promise callback that is due has run. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const rangeOf = async (log: RecordLog, topic: string): Promise<{ start: number; end: number } | undefined> =>
  (await log.readOffsets(topic)).partitions[0];

describe('bound of the memory log', () => {
  it('keeps a topic without readers until it is full, then blocks its producer', async () => {
    const { log, producer } = await setup();
    const state = flood(producer, 'a', 20);
    await settled();
    expect(state.done).toBeGreaterThanOrEqual(9);
    expect(state.done).toBeLessThanOrEqual(10);
    expect(await rangeOf(log, 'a')).toMatchObject({ start: 0, end: state.done });
    const reader = await openReader(log, 'a');
    expect(await readRecords(reader, 20)).toHaveLength(20);
    await state.all;
  });

  it('drops what all its readers have passed when the room is needed, and nothing else', async () => {
    const { log, producer } = await setup();
    const fast = await openReader(log, 'a');
    const slow = await openReader(log, 'a');
    const state = flood(producer, 'a', 30);
    const seen = await readRecords(fast, 9);
    await fast.poll(0);
    await settled();
    expect(state.done).toBeLessThanOrEqual(10);
    expect((await rangeOf(log, 'a'))?.start).toBe(0);
    const both = Promise.all([readRecords(slow, 30), readRecords(fast, 30 - seen.length)]);
    expect((await both)[0].map(({ offset }) => offset)).toEqual(Array.from({ length: 30 }, (_, i) => i));
    await state.all;
    expect((await rangeOf(log, 'a'))?.start).toBeGreaterThan(10);
  });

  it('says LOG_RETENTION for what was dropped', async () => {
    const { log, producer } = await setup();
    const reader = await openReader(log, 'a');
    const state = flood(producer, 'a', 30);
    await readRecords(reader, 30);
    await state.all;
    const late = await openReader(log, 'a', 0);
    await expect(late.poll(10)).rejects.toMatchObject({ code: 'LOG_RETENTION' });
  });

  it('gives a reader that starts again what it read before, while the room is not needed', async () => {
    const { log, producer } = await setup();
    await flood(producer, 'a', 5).all;
    const reader = await openReader(log, 'a');
    await readRecords(reader, 5);
    await reader.poll(0);
    await reader.close();
    expect(await readRecords(await openReader(log, 'a', 2), 3)).toHaveLength(3);
  });

  it('lets a topic that nobody uses any more give way to another', async () => {
    const { log, producer } = await setup();
    await flood(producer, 'a', 9).all;
    await openReader(log, 'b');
    await flood(producer, 'b', 9).all;
    expect((await rangeOf(log, 'a'))?.start).toBeGreaterThan(0);
    expect(await rangeOf(log, 'b')).toMatchObject({ start: 0, end: 9 });
  });

  it('does not let a blocked topic stop another', async () => {
    const { log, producer } = await setup();
    const blocked = flood(producer, 'a', 20);
    const reader = await openReader(log, 'b');
    const other = flood(producer, 'b', 20);
    expect(await readRecords(reader, 20)).toHaveLength(20);
    await other.all;
    expect(blocked.done).toBeLessThanOrEqual(10);
    await producer.close();
    await expect(blocked.all).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('takes a batch larger than all its room when the topic is empty', async () => {
    const { log, producer } = await setup();
    await producer.append('a', 0, batchOf(['x'.repeat(ROOM * 2)]));
    expect(await readRecords(await openReader(log, 'a'), 1)).toHaveLength(1);
  });

  it('uses memory again, but none that a poll gave until the next but one', async () => {
    const { log } = createMemoryLog({ maxBytes: 3_000_000 });
    await log.createTopic({ name: 'a', partitions: 1, retentionMs: 1 });
    const producer = await log.openProducer();
    const reader = await openReader(log, 'a');
    const memory = new Set<ArrayBufferLike>();
    let last: readonly FetchedBatches[] = [];
    for (let i = 0; i < 20; i += 1) {
      const value = String.fromCharCode(97 + i).repeat(900_000);
      await producer.append('a', 0, batchOf([value]));
      const before = recordsOf(last);
      const fetched = await reader.poll(1_000);
      expect(recordsOf(fetched).map((record) => record.value === value)).toEqual([true]);
      expect(JSON.stringify(recordsOf(last)) === JSON.stringify(before)).toBe(true);
      last = fetched;
      for (const { bytes } of fetched) memory.add(bytes.buffer);
    }
    expect(memory.size).toBeLessThanOrEqual(6);
  });

  it('leaves what an aborted reader got until it is closed', async () => {
    const { log } = createMemoryLog({ maxBytes: 3_000_000 });
    await log.createTopic({ name: 'a', partitions: 1, retentionMs: 1 });
    const producer = await log.openProducer();
    const stop = new AbortController();
    const reader = await log.openReader({ topic: 'a', from: fromStart(1), signal: stop.signal });
    await producer.append('a', 0, batchOf(['x'.repeat(900_000)]));
    const held = await reader.poll(1_000);
    stop.abort();
    const sent = Array.from({ length: 4 }, () => producer.append('a', 0, batchOf(['y'.repeat(900_000)])));
    await settled();
    expect(recordsOf(held)[0]?.value.startsWith('xxx')).toBe(true);
    expect(await rangeOf(log, 'a')).toMatchObject({ start: 0, end: 3 });
    await reader.close();
    await openReader(log, 'a', 1).then((next) => readRecords(next, 4));
    await Promise.all(sent);
  });

  describe('once the runs that held a topic are over', () => {
    const bytesOf = async (log: RecordLog): Promise<number> => {
      const ranges = await Promise.all(['a', 'b'].map((topic) => rangeOf(log, topic)));
      return ranges.reduce((sum, range) => sum + ((range?.end ?? 0) - (range?.start ?? 0)) * 1_000, 0);
    };

    it('holds none of its bytes, however many runs there were', async () => {
      const { log, producer } = await setup();
      let offset = 0;
      for (let run = 1; run <= 50; run += 1) {
        for (const topic of ['a', 'b']) log.holds?.hold(topic, 'job');
        for (const topic of ['a', 'b']) await flood(producer, topic, 3).all;
        expect(await bytesOf(log)).toBe(6_000);
        const reader = await openReader(log, 'a', offset);
        await readRecords(reader, 3);
        offset += 3;
        log.holds?.release('b', 'job');
        log.holds?.release('a', 'job');
        // A reader that is closed late may still be at what it got.
        expect(await bytesOf(log)).toBe(3_000);
        await reader.close();
        expect(await bytesOf(log)).toBe(0);
      }
    });

    it('keeps it while the run of another job goes, and what was written while none did', async () => {
      const { log, producer } = await setup();
      for (const job of ['one', 'two']) log.holds?.hold('a', job);
      await flood(producer, 'a', 3).all;
      log.holds?.release('a', 'one');
      expect(await bytesOf(log)).toBe(3_000);
      log.holds?.release('a', 'two');
      expect(await bytesOf(log)).toBe(0);
      await flood(producer, 'a', 2).all;
      log.holds?.hold('a', 'one');
      log.holds?.release('a', 'one');
      expect(await bytesOf(log)).toBe(2_000);
      expect(await readRecords(await openReader(log, 'a', 3), 2)).toHaveLength(2);
    });

    it('has its memory for the next run, of whatever topic, up to its bound', async () => {
      const { log } = createMemoryLog({ maxBytes: 40_000_000 });
      const producer = await log.openProducer();
      const memory = new Set<ArrayBufferLike>();
      for (let run = 1; run <= 5; run += 1) {
        const topic = `of run ${run}`;
        await log.createTopic({ name: topic, partitions: 1, retentionMs: 1 });
        log.holds?.hold(topic, 'job');
        const reader = await openReader(log, topic);
        for (let batch = 1; batch <= 30; batch += 1) {
          await producer.append(topic, 0, batchOf(['x'.repeat(900_000)]));
          for (const { bytes } of await reader.poll(1_000)) memory.add(bytes.buffer);
        }
        await reader.close();
        log.holds?.release(topic, 'job');
      }
      expect(memory.size).toBe(30);
    });
  });

  it('has an incarnation of its own in each log', async () => {
    const [one, other] = [await setup(), await setup()];
    expect((await one.log.readOffsets('a')).incarnation).not.toBe(
      (await other.log.readOffsets('a')).incarnation,
    );
  });
});

describe('memory log from a worker thread', () => {
  const workers: Worker[] = [];
  afterEach(async () => {
    for (const worker of workers.splice(0)) await worker.terminate();
  });

  function startLane(orders: LaneOrders): Worker {
    // tsx does not reach into worker threads on Node 20 by itself: a first line registers it there.
    const tsx = import.meta.resolve('tsx/esm/api');
    const lane = new URL('../support/memory-log-lane.ts', import.meta.url).href;
    const code = `import('${tsx}').then(({ register }) => { register(); return import('${lane}'); })`;
    const worker = new Worker(code, {
      eval: true,
      workerData: orders,
      transferList: [orders.port],
      execArgv: [],
    });
    workers.push(worker);
    return worker;
  }

  it('carries batches both ways between threads', async () => {
    const { log, server, producer } = await setup();
    const values = Array.from({ length: 12 }, (_, i) => `${i}`.padEnd(500, '-'));
    const lane = startLane({ port: server.connect(), writeTo: 'a', values, readFrom: 'b', expected: 2 });
    const reader = await openReader(log, 'a');
    expect((await readRecords(reader, 12)).map(({ value }) => value)).toEqual(values);
    await producer.append('b', 0, batchOf(['to', 'you']));
    expect(await once(lane, 'message')).toEqual([['to', 'you']]);
    lane.postMessage('go');
    await once(lane, 'exit');
  });

  it('forgets the readers of a thread that died', async () => {
    const { log, server, producer } = await setup();
    await producer.append('b', 0, batchOf(['one']));
    const lane = startLane({ port: server.connect(), writeTo: 'a', values: [], readFrom: 'b', expected: 1 });
    await once(lane, 'message');
    const reader = await openReader(log, 'b');
    const state = flood(producer, 'b', 30);
    const seen = await readRecords(reader, 5);
    await reader.poll(0);
    await settled();
    expect(state.done).toBeLessThan(15);
    await lane.terminate();
    await readRecords(reader, 31 - seen.length);
    await state.all;
  });

  it('reads from the start through a port what was written before', async () => {
    const { server, producer } = await setup();
    await producer.append('a', 0, batchOf(['x']));
    const log = openMemoryLogClient(server.connect());
    const reader = await log.openReader({
      topic: 'a',
      from: fromStart(1),
      signal: new AbortController().signal,
    });
    expect(await readRecords(reader, 1)).toMatchObject([{ offset: 0, value: 'x' }]);
    await log.close();
    await expect(reader.poll(1)).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});
