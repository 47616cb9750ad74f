// Rows larger than the topic takes: dirty, with key and size, and all others arrive.
import { expect, it } from 'vitest';
import { runSinkTask } from '../../src/worker/sink/sink-task.ts';
import { runSourceTask } from '../../src/worker/source/source-task.ts';
import { dataTopic } from '../../src/core/record/data-topic.ts';
import type { SourcePlugin } from '../../src/core/connector/contract.ts';
import type { LogProducer, RecordLog } from '../../src/core/ports/record-log.ts';
import { createMemoryLog } from '../../src/log/memory/memory-log.ts';
import { createMemoryTarget } from '../fakes/memory-target.ts';
import { createMemorySink, createSplitSource, createTaskBed } from '../support/task-bed.ts';

/** A memory log whose topic takes batches up to `limit`, as Kafka's do. */
function makeLog(limit: number): { log: RecordLog; largest: () => number } {
  const { log } = createMemoryLog({ maxBytes: 500_000_000 });
  let largest = 0;
  const openProducer = async (): Promise<LogProducer> => {
    const producer = await log.openProducer();
    return {
      append: (topic, partition, batch) => {
        largest = Math.max(largest, batch.bytes.length);
        return batch.bytes.length > limit
          ? Promise.reject(new Error('MESSAGE_TOO_LARGE'))
          : producer.append(topic, partition, batch);
      },
      close: () => producer.close(),
    };
  };
  return {
    log: {
      ...log,
      openProducer,
      readBatchLimit: () => Promise.resolve({ bytes: limit, wayOut: `raise it from ${limit}` }),
    },
    largest: () => largest,
  };
}

/** One split with rows of these sizes. */
function sourceOf(sizes: readonly number[]): SourcePlugin {
  const source = createSplitSource({ splits: 1 });
  return {
    ...source,
    openTask: async (...of) => ({
      ...(await source.openTask(...of)),
      readSplit: ({ out }) => {
        for (const [id, size] of sizes.entries()) {
          const row = Buffer.from(`k${id}${id}\t${'x'.repeat(size)}`);
          out.row(row, 2, row.length);
        }
        return Promise.resolve();
      },
    }),
  };
}

it.each([
  ['row', 2_000_000, [10, 1_628_919, 1_990_000, 2_000_000, 20]],
  ['json', 2_000_000, [10, 1_628_919, 1_990_000, 2_000_000, 20]],
  ['row', 20_000, [10, 15_000, 15_000, 25_000, 20]],
] as const)(
  'a row too large is dirty, as %s into a topic that takes %i bytes',
  async (format, limit, sizes) => {
    const { log, largest } = makeLog(limit);
    const config = { 'pkuse.task.id': 'run', 'value.format': format };
    await runSourceTask(sourceOf(sizes), createTaskBed({ log, config }).context);
    const target = createMemoryTarget();
    const sink = createTaskBed({ log, config: { ...config, topics: 't', 'dirty.limit': '1' } });
    await runSinkTask(createMemorySink(target), sink.context);
    expect(
      [...target.state.rows.values()].map((row) => (row.split('\t')[1] ?? '').length).sort((a, b) => a - b),
    ).toEqual(sizes.filter((size) => size < limit).sort((a, b) => a - b));
    const [dirty] = target.state.dirty.map(({ entry }) => entry);
    expect(dirty?.key).toBe('k3');
    expect(dirty?.reason).toMatch(/^the row has \d+ bytes, more than topic t takes; raise it from \d+$/);
    expect(largest()).toBeLessThanOrEqual(limit);
  },
);

it.each([9_000_000, 20_000_000])(
  'a row of %i bytes goes through a smaller memory log, or is dirty with the way out; the run ends',
  async (size) => {
    const { log } = createMemoryLog({ maxBytes: 8_000_000 });
    const config = { 'pkuse.task.id': 'run', 'value.format': 'row' };
    await log.createTopic({ name: 't', ...dataTopic });
    const target = createMemoryTarget();
    const sink = createTaskBed({ log, config: { ...config, topics: 't', 'dirty.limit': '1' } });
    await Promise.all([
      runSourceTask(sourceOf([900_000, size, 10, 900_000]), createTaskBed({ log, config }).context),
      runSinkTask(createMemorySink(target), sink.context),
    ]);
    const dirty = target.state.dirty.map(({ entry }) => entry.reason);
    expect(target.state.rows.size + dirty.length).toBe(4);
    expect(dirty).toEqual(
      size > dataTopic.maxBatchBytes
        ? [
            expect.stringMatching(
              /^the row has 20000004 bytes, more than topic t takes; keep records in Kafka/,
            ),
          ]
        : [],
    );
  },
);
