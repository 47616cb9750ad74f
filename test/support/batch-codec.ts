// A second, slow reading and writing of record batches, straight from the grammar, to hold builder and cursor against.
import { gzipSync } from 'node:zlib';

export interface PlainRecord {
  readonly offset: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: readonly (readonly [string, string | null])[];
}

export interface BatchShape {
  readonly records: readonly PlainRecord[];
  readonly baseOffset?: number;
  /** Where compaction left a gap at the end, the last offset is higher than the last record's. */
  readonly lastOffset?: number;
  /** 0 none, 1 gzip; 2-4 are only marked. */
  readonly codec?: number;
  readonly control?: boolean;
  readonly timestamp?: number;
  /** Of each record, to the batch's timestamp; default: a number that no reader may mistake for another. */
  readonly timeDeltas?: readonly number[];
  /** The broker's time stands for all records. */
  readonly appendTime?: number;
}

function varint(value: number): Buffer {
  let rest = value < 0 ? BigInt(value) * -2n - 1n : BigInt(value) * 2n;
  const bytes: number[] = [];
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return Buffer.from([...bytes, Number(rest)]);
}

const sized = (bytes: Buffer | null): Buffer =>
  bytes === null ? varint(-1) : Buffer.concat([varint(bytes.length), bytes]);

function encodeRecord(record: PlainRecord, base: number, timeDelta: number): Buffer {
  const headers = record.headers.map(([name, value]) =>
    Buffer.concat([sized(Buffer.from(name)), sized(value === null ? null : Buffer.from(value))]),
  );
  const body = Buffer.concat([
    Buffer.from([0]),
    varint(timeDelta),
    varint(record.offset - base),
    sized(record.key),
    sized(record.value),
    varint(record.headers.length),
    ...headers,
  ]);
  return sized(body);
}

/** One batch as any producer might write it; CRC 0. */
export function encodeBatch(shape: BatchShape): Buffer {
  const base = shape.baseOffset ?? shape.records[0]?.offset ?? 0;
  const last = shape.lastOffset ?? shape.records.at(-1)?.offset ?? base;
  const plain = Buffer.concat(
    shape.records.map((record, i) => encodeRecord(record, base, shape.timeDeltas?.[i] ?? 1234567)),
  );
  const records = shape.codec === 1 ? gzipSync(plain) : plain;
  const header = Buffer.alloc(61);
  header.writeBigInt64BE(BigInt(base), 0);
  header.writeInt32BE(61 - 12 + records.length, 8);
  header.writeInt32BE(-1, 12);
  header[16] = 2;
  header.writeInt16BE(
    (shape.codec ?? 0) | (shape.control === true ? 0x30 : 0) | (shape.appendTime === undefined ? 0 : 8),
    21,
  );
  header.writeInt32BE(last - base, 23);
  header.writeBigInt64BE(BigInt(shape.timestamp ?? 0), 27);
  header.writeBigInt64BE(BigInt(shape.appendTime ?? shape.timestamp ?? 0), 35);
  header.fill(0xff, 43, 57);
  header.writeInt32BE(shape.records.length, 57);
  return Buffer.concat([header, records]);
}

/** All records of uncompressed batches that lie back to back. */
export function decodeBatches(bytes: Buffer): PlainRecord[] {
  const found: PlainRecord[] = [];
  for (let at = 0; at < bytes.length;) {
    const base = Number(bytes.readBigInt64BE(at));
    const end = at + 12 + bytes.readInt32BE(at + 8);
    const count = bytes.readInt32BE(at + 57);
    const reader = new SlowReader(bytes.subarray(at + 61, end));
    for (let i = 0; i < count; i += 1) found.push(readRecord(reader, base));
    if (!reader.done()) throw new Error(`batch at ${at}: bytes left over after its ${count} records`);
    at = end;
  }
  return found;
}

function readRecord(reader: SlowReader, base: number): PlainRecord {
  const end = reader.varint() + reader.at;
  reader.at += 1;
  reader.varint();
  const offset = base + reader.varint();
  const key = reader.sized();
  const value = reader.sized();
  const headers: [string, string | null][] = [];
  for (let left = reader.varint(); left > 0; left -= 1) {
    const name = reader.sized()?.toString() ?? '';
    headers.push([name, reader.sized()?.toString() ?? null]);
  }
  if (reader.at !== end) throw new Error(`record at offset ${offset}: its length is wrong`);
  return { offset, key, value, headers };
}

class SlowReader {
  at = 0;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  done(): boolean {
    return this.at === this.#bytes.length;
  }

  varint(): number {
    let raw = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.#bytes.readUInt8(this.at);
      this.at += 1;
      raw |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    return Number((raw & 1n) === 0n ? raw >> 1n : -(raw >> 1n) - 1n);
  }

  sized(): Buffer | null {
    const length = this.varint();
    if (length < 0) return null;
    const bytes = this.#bytes.subarray(this.at, this.at + length);
    if (bytes.length !== length) throw new Error('length past the end');
    this.at += length;
    return Buffer.from(bytes);
  }
}
