// Kafka's record batch, format v2: the unit that moves between source, log and sink, in Kafka and in the memory log alike.
//
//   batch  = base offset 8 · length 4 · leader epoch 4 · magic 1 (2) · crc32c 4 · attributes 2 · last offset delta 4 · first
//            timestamp 8 · max timestamp 8 · producer id 8 · producer epoch 2 · base sequence 4 · record count 4 · record*
//   record = length varint · attributes 1 · timestamp delta varlong · offset delta varint · key length varint · key · value
//            length varint · value · header count varint · ( name length varint · name · value length varint · value )*
// All integers big-endian; varints are zigzag. A log fills in base offset, producer fields and CRC.
import { newBatchBuilder } from './batch-builder.ts';
import type { BufferPool } from './buffer-pool.ts';
import { newRecordCursor } from './record-cursor.ts';

/** Kafka's default limit of a batch is 1,048,588 bytes (topic `max.message.bytes`); this keeps well below it. */
export const MAX_BATCH_BYTES = 1_000_000;

/** One whole batch. */
export interface EncodedBatch {
  readonly bytes: Buffer;
  readonly records: number;
}

export interface BatchBuilderOptions {
  /** Where a batch is cut; MAX_BATCH_BYTES unless a test wants less. A single larger row makes a batch of its own. */
  readonly maxBytes: number;
  /** On every row, in this order, before `currentIndex`. */
  readonly constantHeaders: readonly (readonly [name: string, value: string])[];
  /** Memory of the batches. Builders may share it; its smallest buffer should hold maxBytes. */
  readonly pool: BufferPool;
  /** Milliseconds since the epoch: the time stamp of a batch's records is when its first one came. */
  readonly now: () => number;
}

/** One builder per split attempt: its constant headers don't change. Throws nothing. */
export function createBatchBuilder(options: BatchBuilderOptions): BatchBuilder {
  return newBatchBuilder(options);
}

/** One cursor may serve any number of buffers, one after the other. */
export function createRecordCursor(): RecordCursor {
  return newRecordCursor();
}

export interface BatchBuilder {
  readonly records: number;
  /** Bytes used so far, header included. */
  readonly length: number;
  /**
   * Hot path: one row; `bytes[0, keyEnd)` is the key, `bytes[keyEnd, end)` the value; headers = the constant ones, then
   * `currentIndex`. false: it does not fit behind what is there, `take` first (an empty builder takes a row of any size).
   */
  appendRow(bytes: Uint8Array, keyEnd: number, end: number, currentIndex: number): boolean;
  /** Slow path: a control or dirty record with its own headers in the given order. */
  append(record: {
    key: Uint8Array;
    /** null: a tombstone. */
    value: Uint8Array | null;
    headers: readonly (readonly [string, string])[];
  }): boolean;
  /** Finishes the batch and starts a new one; null when empty. */
  take(): EncodedBatch | null;
  /** Gives the memory of an acknowledged batch back for reuse, once. */
  release(batch: EncodedBatch): void;
}

/**
 * Walks the records of batches that lie back to back; no object per record. Starts and ends are indexes into `bytes`.
 * Control batches of transactions are passed over. Throws KAFKA_FAILED for a codec other than gzip and for broken records.
 */
export interface RecordCursor {
  /** What open() got; while in a compressed batch its decompressed records instead: read it anew after each next(). */
  readonly bytes: Buffer;
  readonly offset: number;
  readonly keyStart: number;
  /** keyStart - 1 when the key is null; the value likewise. */
  readonly keyEnd: number;
  readonly valueStart: number;
  readonly valueEnd: number;
  /** At the header count; up to `currentIndex`'s value the headers of one builder's rows are equal bytes. */
  readonly headersStart: number;
  readonly headersEnd: number;
  /** Starts over on another buffer; records before offset `from` are passed over. A cut-off batch at the end is left out. */
  open(bytes: Buffer, from: number): void;
  next(): boolean;
  /** Of the current record, in ms since the epoch: when its producer made it, or the broker got it, as the topic has it. */
  timestamp(): number;
  /** utf-8 value of a header of the current record, the last of that name; null when absent or null. */
  header(name: string): string | null;
}
