// What a broker's MESSAGE_TOO_LARGE means: which row, how large it is, how large it may be. A source keeps to the limit that it read when
// it began; so this is a topic whose limit was lowered since, or one that this client may not ask for its limit.
import { SyncError } from '../../core/errors.ts';
import type { BatchLimit } from '../../core/ports/record-log.ts';
import { HEADER } from '../../core/record/headers.ts';
import { createRecordCursor } from '../../core/record/record-cursor.ts';
import { printBytes } from '../../core/record/refused-row.ts';
import { LIMIT_CONFIG } from './batch-limit.ts';

interface LargestRecord {
  readonly words: string;
  /** Key and value. */
  readonly bytes: number;
}

/** `context` in gerund; `limit` null: it can't be read now. */
export function tooLarge(context: string, batch: Buffer, limit: BatchLimit | null): SyncError {
  const { words, bytes } = findLargest(batch);
  const wayOut = limit?.wayOut ?? `raise ${LIMIT_CONFIG} of the topic`;
  const size = `${words} has ${bytes} bytes`;
  // With its headers and the batch around it, a row that is half as large surely goes through.
  if (limit !== null && batch.length > limit.bytes && bytes * 2 < limit.bytes)
    return new SyncError('KAFKA_FAILED', {
      message: `${context}: a batch has ${batch.length} bytes, more than the topic takes any more (MESSAGE_TOO_LARGE): run it again, which makes smaller ones, or ${wayOut}; ${size}`,
      retriable: true,
    });
  return new SyncError('KAFKA_FAILED', {
    message: `${context}: ${size}, more than the topic takes (MESSAGE_TOO_LARGE); ${wayOut}`,
  });
}

function findLargest(batch: Buffer): LargestRecord {
  const cursor = createRecordCursor();
  let largest: LargestRecord = { words: 'the batch', bytes: 0 };
  cursor.open(batch, Number.MIN_SAFE_INTEGER);
  while (cursor.next()) {
    const { keyStart, keyEnd, valueStart, valueEnd } = cursor;
    const bytes = Math.max(0, keyEnd - keyStart) + Math.max(0, valueEnd - valueStart);
    if (bytes <= largest.bytes) continue;
    const control = cursor.header(HEADER.control);
    const key = printBytes(cursor.bytes.subarray(keyStart, Math.max(keyStart, keyEnd)));
    largest = { words: control === null ? `the row with key ${key}` : `the record ${control}`, bytes };
  }
  return largest;
}
