// Writing and reading a log in tests: values as text, one batch at a time.
import type { FetchedBatches, LogReader, PartitionOffset } from '../../src/core/ports/record-log.ts';
import { createBufferPool } from '../../src/core/record/buffer-pool.ts';
import { MAX_BATCH_BYTES } from '../../src/core/record/record-batch.ts';
import { createBatchBuilder } from '../../src/core/record/batch-builder.ts';
import { createRecordCursor } from '../../src/core/record/record-cursor.ts';
import type { EncodedBatch } from '../../src/core/record/record-batch.ts';
import type { BatchBuilder } from '../../src/core/record/batch-builder.ts';

export interface ReadRecord {
  readonly partition: number;
  readonly offset: number;
  readonly key: string;
  readonly value: string;
}

const DEADLINE_MS = 20_000;

export function newBuilder(maxBytes = MAX_BATCH_BYTES): BatchBuilder {
  const constantHeaders = [
    ['taskId', 'task-1'],
    ['predictedTotal', '10'],
    ['isEnd', 'false'],
  ] as const;
  return createBatchBuilder({
    maxBytes,
    constantHeaders,
    pool: createBufferPool({ minSize: maxBytes, keep: 8 }),
    now: Date.now,
  });
}

/** One batch of rows with key `k` and these values; currentIndex counts from `firstIndex`. */
export function batchOf(values: readonly string[], firstIndex = 1): EncodedBatch {
  const builder = newBuilder();
  values.forEach((value, index) => {
    const bytes = Buffer.from(`k${value}`);
    builder.appendRow(bytes, 1, bytes.length, firstIndex + index);
  });
  const batch = builder.take();
  if (batch === null) throw new Error('a batch needs a row');
  return batch;
}

export function recordsOf(fetched: readonly FetchedBatches[]): ReadRecord[] {
  const cursor = createRecordCursor();
  const found: ReadRecord[] = [];
  for (const { partition, bytes, from } of fetched) {
    cursor.open(bytes, from);
    while (cursor.next())
      found.push({
        partition,
        offset: cursor.offset,
        key: cursor.bytes.toString('utf8', cursor.keyStart, cursor.keyEnd),
        value: cursor.bytes.toString('utf8', cursor.valueStart, cursor.valueEnd),
      });
  }
  return found;
}

/** Polls until at least so many records came; throws when they don't. */
export async function readRecords(reader: LogReader, count: number): Promise<ReadRecord[]> {
  const found: ReadRecord[] = [];
  const until = Date.now() + DEADLINE_MS;
  while (found.length < count) {
    if (Date.now() > until) throw new Error(`only ${found.length} of ${count} records came`);
    found.push(...recordsOf(await reader.poll(200)));
  }
  return found;
}

export const fromStart = (partitions: number): PartitionOffset[] =>
  Array.from({ length: partitions }, (_, partition) => ({ partition, offset: 0 }));
