// Decodes record batches in place (grammar: record-batch.ts): one object for all records, which next() moves on.
import { gunzipSync } from 'node:zlib';
import {
  APPEND_TIME_BIT,
  BATCH_HEADER_BYTES,
  CODEC_MASK,
  CONTROL_BIT,
  findBatchEnd,
  readAttributes,
  readBaseOffset,
  readFirstTimestamp,
  readLastOffset,
  readMagic,
  readMaxTimestamp,
  readRecordCount,
} from './batch-header.ts';
import { SyncError } from '../errors.ts';

const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];

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

/** One cursor may serve any number of buffers, one after the other. */
export function createRecordCursor(): RecordCursor {
  return new InPlaceRecordCursor();
}

class InPlaceRecordCursor implements RecordCursor {
  bytes: Buffer = Buffer.alloc(0);
  offset = -1;
  keyStart = 0;
  keyEnd = 0;
  valueStart = 0;
  valueEnd = 0;
  headersStart = 0;
  headersEnd = 0;
  /** What open() got: `bytes` is this, or a decompressed batch of it. */
  #batches: Buffer = this.bytes;
  #nextBatch = 0;
  #from = 0;
  #base = 0;
  /** Of the batch; its records add their own parts, unless the broker set one for all. */
  #time = 0;
  #hasOwnTimes = false;
  #timeDeltaAt = 0;
  #left = 0;
  #at = 0;
  #end = 0;
  readonly #names = new Map<string, Buffer>();

  open(bytes: Buffer, from: number): void {
    this.bytes = bytes;
    this.#batches = bytes;
    this.#nextBatch = 0;
    this.#from = from;
    this.#left = 0;
  }

  next(): boolean {
    for (;;) {
      while (this.#left === 0) if (!this.#openBatch()) return false;
      this.#left -= 1;
      this.#readRecord();
      if (this.offset >= this.#from) return true;
    }
  }

  timestamp(): number {
    return this.#hasOwnTimes ? this.#time + readVarlong(this.bytes, this.#timeDeltaAt) : this.#time;
  }

  header(name: string): string | null {
    const wanted = this.#encodeName(name);
    let found: string | null = null;
    this.#at = this.headersStart;
    for (let left = this.#readVarint(); left > 0; left -= 1) {
      const nameLength = this.#readVarint();
      const same = nameLength === wanted.length && this.#standsAt(wanted, this.#at);
      this.#at += nameLength;
      const valueLength = this.#readVarint();
      const end = this.#at + Math.max(valueLength, 0);
      if (same) found = valueLength < 0 ? null : this.bytes.toString('utf8', this.#at, end);
      this.#at = end;
    }
    this.#at = this.headersEnd;
    return found;
  }

  /** Enters the next batch; false at the end of the whole ones. Control, empty and wholly passed batches have no records. */
  #openBatch(): boolean {
    const at = this.#nextBatch;
    const end = findBatchEnd(this.#batches, at);
    if (end === -1) return false;
    this.#nextBatch = end;
    const magic = readMagic(this.#batches, at);
    if (magic !== 2 || end < at + BATCH_HEADER_BYTES)
      throw new SyncError('KAFKA_FAILED', {
        message: `reading a record batch: message format ${magic} is not supported (only format 2, Kafka 0.11 and later)`,
      });
    const attributes = readAttributes(this.#batches, at);
    const wanted = readLastOffset(this.#batches, at) >= this.#from && (attributes & CONTROL_BIT) === 0;
    if (!wanted) return true;
    this.#base = readBaseOffset(this.#batches, at);
    this.#left = readRecordCount(this.#batches, at);
    this.#hasOwnTimes = (attributes & APPEND_TIME_BIT) === 0;
    this.#time = (this.#hasOwnTimes ? readFirstTimestamp : readMaxTimestamp)(this.#batches, at);
    this.#enterRecords(at + BATCH_HEADER_BYTES, end, attributes & CODEC_MASK);
    return true;
  }

  #enterRecords(start: number, end: number, codec: number): void {
    const plain = codec === 0;
    this.bytes = plain ? this.#batches : decompress(this.#batches.subarray(start, end), codec);
    this.#at = plain ? start : 0;
    this.#end = plain ? end : this.bytes.length;
  }

  #readRecord(): void {
    const length = this.#readVarint();
    const end = this.#at + length;
    if (length < 0 || end > this.#end)
      throw new SyncError('KAFKA_FAILED', {
        message: `reading a record batch: a record after offset ${this.offset} ends outside its batch`,
      });
    this.#at += 1;
    this.#timeDeltaAt = this.#at;
    this.#skipVarint();
    this.offset = this.#base + this.#readVarint();
    const keyLength = this.#readVarint();
    this.keyStart = this.#at;
    this.keyEnd = this.#at + keyLength;
    if (keyLength > 0) this.#at += keyLength;
    const valueLength = this.#readVarint();
    this.valueStart = this.#at;
    this.valueEnd = this.#at + valueLength;
    if (valueLength > 0) this.#at += valueLength;
    this.headersStart = this.#at;
    this.headersEnd = end;
    this.#at = end;
  }

  #readVarint(): number {
    const bytes = this.bytes;
    let byte = bytes[this.#at++] ?? 0;
    let raw = byte & 0x7f;
    for (let shift = 7; byte > 0x7f && shift < 35; shift += 7) {
      byte = bytes[this.#at++] ?? 0;
      raw |= (byte & 0x7f) << shift;
    }
    return (raw >>> 1) ^ -(raw & 1);
  }

  #skipVarint(): void {
    while ((this.bytes[this.#at++] ?? 0) > 0x7f);
  }

  #standsAt(wanted: Buffer, at: number): boolean {
    for (let i = 0; i < wanted.length; i += 1) if (this.bytes[at + i] !== wanted[i]) return false;
    return true;
  }

  #encodeName(name: string): Buffer {
    let bytes = this.#names.get(name);
    if (bytes === undefined) {
      bytes = Buffer.from(name, 'utf8');
      this.#names.set(name, bytes);
    }
    return bytes;
  }
}

function decompress(bytes: Buffer, codec: number): Buffer {
  if (codec === 1) return gunzipSync(bytes);
  throw new SyncError('KAFKA_FAILED', {
    message: `reading a record batch: compression ${codecs[codec] ?? codec} is not supported; use none or gzip`,
  });
}

/** A signed number of up to 2^53, zigzag; in doubles, as it may pass 32 bits. */
function readVarlong(bytes: Buffer, start: number): number {
  let raw = 0;
  let factor = 1;
  for (let at = start; ; at += 1, factor *= 128) {
    const byte = bytes[at] ?? 0;
    raw += (byte & 0x7f) * factor;
    if (byte <= 0x7f) return raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2;
  }
}
