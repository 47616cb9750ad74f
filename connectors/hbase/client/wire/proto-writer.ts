// Protobuf (proto2) writer. Grammar of a message: { varint(field << 3 | wireType) value }
//   wireType 0 varint · 1 fixed64 little-endian · 2 varint length + bytes · 5 fixed32 little-endian
// 64-bit numbers are BigInt: ids of HBase use all 64 bits.

const initialSize = 256;

export class ProtoWriter {
  #buffer = Buffer.allocUnsafe(initialSize);
  #length = 0;

  /** The bytes written so far; a view that stays valid because a writer is used once. */
  finish(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  uint32(field: number, value: number | undefined): this {
    if (value === undefined) return this;
    this.#tag(field, 0);
    this.#varint(value);
    return this;
  }

  /** int32 and enum: a negative number takes ten bytes, as the format demands. */
  int32(field: number, value: number | undefined): this {
    if (value === undefined) return this;
    return value >= 0 ? this.uint32(field, value) : this.uint64(field, BigInt(value));
  }

  /** uint64 and int64: the low 64 bits of `value`. */
  uint64(field: number, value: bigint | undefined): this {
    if (value === undefined) return this;
    this.#tag(field, 0);
    let rest = BigInt.asUintN(64, value);
    this.#reserve(10);
    while (rest > 0x7fn) {
      this.#buffer[this.#length++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.#buffer[this.#length++] = Number(rest);
    return this;
  }

  bool(field: number, value: boolean | undefined): this {
    return value === undefined ? this : this.uint32(field, value ? 1 : 0);
  }

  float(field: number, value: number): this {
    this.#tag(field, 5);
    this.#reserve(4);
    this.#length = this.#buffer.writeFloatLE(value, this.#length);
    return this;
  }

  bytes(field: number, value: Uint8Array | undefined): this {
    if (value === undefined) return this;
    this.#tag(field, 2);
    this.#varint(value.length);
    this.#reserve(value.length);
    this.#buffer.set(value, this.#length);
    this.#length += value.length;
    return this;
  }

  string(field: number, value: string | undefined): this {
    return value === undefined ? this : this.bytes(field, Buffer.from(value, 'utf8'));
  }

  /** A nested message: its length is known only after it is written, so one byte is reserved and widened if need be. */
  message(field: number, write: ((nested: this) => void) | undefined): this {
    if (write === undefined) return this;
    this.#tag(field, 2);
    this.#reserve(1);
    const lengthAt = this.#length++;
    write(this);
    this.#setLength(lengthAt, this.#length - lengthAt - 1);
    return this;
  }

  #setLength(lengthAt: number, length: number): void {
    const extraBytes = varintSize(length) - 1;
    if (extraBytes > 0) {
      this.#reserve(extraBytes);
      this.#buffer.copyWithin(lengthAt + 1 + extraBytes, lengthAt + 1, this.#length);
    }
    this.#length = lengthAt;
    this.#varint(length);
    this.#length += length;
  }

  #tag(field: number, wireType: number): void {
    this.#varint((field << 3) | wireType);
  }

  #varint(value: number): void {
    this.#reserve(5);
    this.#length = writeVarint(this.#buffer, this.#length, value);
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2));
    this.#buffer.copy(grown, 0, 0, this.#length);
    this.#buffer = grown;
  }
}

/** Writes an unsigned 32-bit varint and returns the offset after it. */
export function writeVarint(buffer: Uint8Array, offset: number, value: number): number {
  let rest = value >>> 0;
  let at = offset;
  while (rest > 0x7f) {
    buffer[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  buffer[at++] = rest;
  return at;
}

export function varintSize(value: number): number {
  let size = 1;
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) size++;
  return size;
}

/** One message as bytes. */
export function encodeMessage(write: (writer: ProtoWriter) => void): Buffer {
  const writer = new ProtoWriter();
  write(writer);
  return writer.finish();
}
