// Protobuf (proto2) reader over a range of a buffer; see proto-writer.ts for the grammar.
// Use: while (reader.next()) switch (reader.field) { case 1: … ; default: reader.skip(); }
import { unreadable, type HBaseError } from '../hbase-error.ts';

export class ProtoReader {
  /** Number of the field that `next` found. */
  field = 0;
  /** Offset of the next unread byte. */
  offset: number;
  readonly buffer: Uint8Array;
  readonly end: number;
  #wireType = 0;

  constructor(buffer: Uint8Array, start = 0, end = buffer.length) {
    this.buffer = buffer;
    this.offset = start;
    this.end = end;
  }

  /** Moves to the next field; false at the end of the message. */
  next(): boolean {
    if (this.offset >= this.end) return false;
    const tag = this.#varint();
    this.field = tag >>> 3;
    this.#wireType = tag & 7;
    return true;
  }

  uint32(): number {
    this.#expect(0);
    return this.#varint();
  }

  int32(): number {
    return this.uint32() | 0;
  }

  bool(): boolean {
    return this.uint32() !== 0;
  }

  uint64(): bigint {
    this.#expect(0);
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw malformed('a varint longer than ten bytes');
  }

  int64(): bigint {
    return BigInt.asIntN(64, this.uint64());
  }

  float(): number {
    this.#expect(5);
    const start = this.offset;
    this.#advance(4);
    return new DataView(this.buffer.buffer, this.buffer.byteOffset + start, 4).getFloat32(0, true);
  }

  /** A view into the buffer; copy it when it must outlive the frame. */
  bytes(): Buffer {
    this.#expect(2);
    const length = this.#varint();
    const start = this.offset;
    this.#advance(length);
    return Buffer.from(this.buffer.buffer, this.buffer.byteOffset + start, length);
  }

  string(): string {
    return this.bytes().toString('utf8');
  }

  skip(): void {
    if (this.#wireType === 0) this.#varint();
    else if (this.#wireType === 1) this.#advance(8);
    else if (this.#wireType === 2) this.#advance(this.#varint());
    else if (this.#wireType === 5) this.#advance(4);
    else throw malformed(`wire type ${this.#wireType}`);
  }

  #expect(wireType: number): void {
    if (this.#wireType !== wireType) {
      throw malformed(`field ${this.field} with wire type ${this.#wireType} instead of ${wireType}`);
    }
  }

  #advance(bytes: number): void {
    if (this.offset + bytes > this.end) throw malformed(`a field of ${bytes} bytes that passes the end`);
    this.offset += bytes;
  }

  #byte(): number {
    if (this.offset >= this.end) throw malformed('an unfinished varint');
    return this.buffer[this.offset++] ?? 0;
  }

  /** The low 32 bits of a varint, unsigned; higher bits (sign extension) are read and dropped. */
  #varint(): number {
    let byte = this.#byte();
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    for (let shift = 7; shift < 70; shift += 7) {
      byte = this.#byte();
      if (shift < 32) value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
    throw malformed('a varint longer than ten bytes');
  }
}

/** Length-prefixed messages (headers and parameters of a frame): the message's range. */
export function readDelimited(buffer: Uint8Array, offset: number, end: number): ProtoReader {
  let length = 0;
  let at = offset;
  for (let shift = 0; shift < 35; shift += 7) {
    if (at >= end) throw malformed('an unfinished length');
    const byte = buffer[at++] ?? 0;
    length += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) {
      if (at + length > end) throw malformed(`a message of ${length} bytes that passes the end of its frame`);
      return new ProtoReader(buffer, at, at + length);
    }
  }
  throw malformed('a length of more than five bytes');
}

function malformed(what: string): HBaseError {
  return unreadable(`reading a protobuf message: found ${what}`);
}
