// Encodes rows into record batches (grammar: record-batch.ts) without an object, string or buffer per row.
// Key and value lengths are known before a record is written, so its length goes in front of it at once, as short as can be.
import { BATCH_HEADER_BYTES, writeBatchHeader } from './batch-header.ts';
import type { BufferPool } from './buffer-pool.ts';
import type { EncodedBatch } from './record-batch.ts';
import { HEADER } from './headers.ts';
import { putVarint, varintSize } from './varint.ts';

/** Below this a byte loop beats making a view for `set`. */
const LOOP_BYTES = 40;
/** Attributes and timestamp delta of every record: two zero bytes. */
const RECORD_PREFIX = 2;
const DIGIT_ZERO = 0x30;

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

/** One builder per split attempt: its constant headers don't change. Throws nothing. */
export function createBatchBuilder(options: BatchBuilderOptions): BatchBuilder {
  return new PooledBatchBuilder(options);
}

class PooledBatchBuilder implements BatchBuilder {
  records = 0;
  length = BATCH_HEADER_BYTES;
  readonly #options: BatchBuilderOptions;
  /** Header count, the constant headers, and `currentIndex` up to its value's length. */
  readonly #headers: Buffer;
  #bytes: Buffer = Buffer.alloc(0);
  #startedAt = 0;

  constructor(options: BatchBuilderOptions) {
    this.#options = options;
    const withIndex = encodeHeaders([...options.constantHeaders, [HEADER.currentIndex, '']]);
    this.#headers = withIndex.subarray(0, withIndex.length - 1);
  }

  appendRow(bytes: Uint8Array, keyEnd: number, end: number, currentIndex: number): boolean {
    const digits = countDigits(currentIndex);
    const headers = this.#headers;
    const body = this.#sizeBody(keyEnd, end - keyEnd, headers.length + 1 + digits);
    let at = this.#startRecord(body);
    if (at === -1) return false;
    const out = this.#bytes;
    at = putVarint(out, at, keyEnd);
    at = putKeyAndValue(out, at, { bytes, keyEnd, end });
    out.set(headers, at);
    at = putVarint(out, at + headers.length, digits);
    this.#endRecord(putDigits(out, at, currentIndex, digits));
    return true;
  }

  append(record: Parameters<BatchBuilder['append']>[0]): boolean {
    const { key, value } = record;
    const headers = encodeHeaders(record.headers);
    const size = value?.length ?? 0;
    let at = this.#startRecord(this.#sizeBody(key.length, size, headers.length));
    if (at === -1) return false;
    const out = this.#bytes;
    at = putVarint(out, at, key.length);
    out.set(key, at);
    at = value === null ? putNullLength(out, at + key.length) : putVarint(out, at + key.length, size);
    if (value !== null) out.set(value, at);
    out.set(headers, at + size);
    this.#endRecord(at + size + headers.length);
    return true;
  }

  take(): EncodedBatch | null {
    if (this.records === 0) return null;
    const batch = { bytes: this.#bytes.subarray(0, this.length), records: this.records };
    writeBatchHeader(batch.bytes, batch.records, this.#startedAt);
    this.records = 0;
    this.length = BATCH_HEADER_BYTES;
    return batch;
  }

  release(batch: EncodedBatch): void {
    this.#options.pool.give(batch.bytes);
  }

  #sizeBody(key: number, value: number, headers: number): number {
    return (
      RECORD_PREFIX + varintSize(this.records) + varintSize(key) + key + varintSize(value) + value + headers
    );
  }

  /** Makes room and writes what precedes the key; -1 when the record does not fit behind what is there. */
  #startRecord(body: number): number {
    const end = this.length + varintSize(body) + body;
    if (this.records === 0) {
      this.#bytes = this.#options.pool.take(Math.max(end, this.#options.maxBytes));
      this.#startedAt = this.#options.now();
    } else if (end > this.#options.maxBytes) return -1;
    const out = this.#bytes;
    const at = putVarint(out, this.length, body);
    out[at] = 0;
    out[at + 1] = 0;
    return putVarint(out, at + RECORD_PREFIX, this.records);
  }

  #endRecord(end: number): void {
    this.length = end;
    this.records += 1;
  }
}

/** Length -1: one byte, like 0. */
function putNullLength(out: Uint8Array, at: number): number {
  out[at] = 1;
  return at + 1;
}

/** Header count and headers; off the fast path. */
function encodeHeaders(headers: readonly (readonly [string, string])[]): Buffer {
  const parts: Buffer[] = [encodeVarint(headers.length)];
  for (const [name, value] of headers)
    for (const text of [Buffer.from(name, 'utf8'), Buffer.from(value, 'utf8')])
      parts.push(encodeVarint(text.length), text);
  return Buffer.concat(parts);
}

function encodeVarint(value: number): Buffer {
  const bytes = Buffer.alloc(varintSize(value));
  putVarint(bytes, 0, value);
  return bytes;
}

/** key · value length · value: copied in one go to where the value belongs, the key then moved back over the length's place. */
function putKeyAndValue(
  out: Buffer,
  at: number,
  { bytes, keyEnd, end }: { bytes: Uint8Array; keyEnd: number; end: number },
): number {
  const size = varintSize(end - keyEnd);
  if (end > LOOP_BYTES) out.set(new Uint8Array(bytes.buffer, bytes.byteOffset, end), at + size);
  else for (let i = 0; i < end; i += 1) out[at + size + i] = bytes[i] ?? 0;
  out.copyWithin(at, at + size, at + size + keyEnd);
  putVarint(out, at + keyEnd, end - keyEnd);
  return at + size + end;
}

function countDigits(value: number): number {
  let digits = 1;
  for (let limit = 10; value >= limit; limit *= 10) digits += 1;
  return digits;
}

/** Writes `value` in decimal and returns the index after it. */
function putDigits(out: Buffer, at: number, value: number, digits: number): number {
  let rest = value;
  for (let to = at + digits - 1; to >= at; to -= 1) {
    const tens = Math.floor(rest / 10);
    out[to] = rest - tens * 10 + DIGIT_ZERO;
    rest = tens;
  }
  return at + digits;
}
