// Writes Kafka's primitive types, big-endian. `compact…` and `tags` belong to flexible versions of a message.

export class WireWriter {
  #bytes = Buffer.allocUnsafe(256);
  #length = 0;

  int8(value: number): this {
    this.#bytes.writeInt8(value, this.#grow(1));
    return this;
  }

  boolean(value: boolean): this {
    return this.int8(value ? 1 : 0);
  }

  int16(value: number): this {
    this.#bytes.writeInt16BE(value, this.#grow(2));
    return this;
  }

  int32(value: number): this {
    this.#bytes.writeInt32BE(value, this.#grow(4));
    return this;
  }

  int64(value: number): this {
    this.#bytes.writeBigInt64BE(BigInt(value), this.#grow(8));
    return this;
  }

  /** Length int16 (-1: null), then utf-8. */
  string(value: string | null): this {
    if (value === null) return this.int16(-1);
    const text = Buffer.from(value, 'utf8');
    return this.int16(text.length).raw(text);
  }

  /** Length + 1 as an unsigned varint, then utf-8. */
  compactString(value: string): this {
    const text = Buffer.from(value, 'utf8');
    return this.unsignedVarint(text.length + 1).raw(text);
  }

  array<T>(items: readonly T[], write: (item: T) => void): this {
    this.int32(items.length);
    items.forEach(write);
    return this;
  }

  compactArray<T>(items: readonly T[], write: (item: T) => void): this {
    this.unsignedVarint(items.length + 1);
    items.forEach(write);
    return this;
  }

  /** Tagged fields: none. */
  tags(): this {
    return this.unsignedVarint(0);
  }

  unsignedVarint(value: number): this {
    let rest = value;
    for (; rest > 0x7f; rest >>>= 7) this.#bytes[this.#grow(1)] = (rest & 0x7f) | 0x80;
    this.#bytes[this.#grow(1)] = rest;
    return this;
  }

  raw(bytes: Uint8Array): this {
    this.#bytes.set(bytes, this.#grow(bytes.length));
    return this;
  }

  finish(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Makes room behind what is there and returns where it begins. */
  #grow(more: number): number {
    const at = this.#length;
    if (at + more > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(at + more, this.#bytes.length * 2));
      this.#bytes.copy(larger, 0, 0, at);
      this.#bytes = larger;
    }
    this.#length = at + more;
    return at;
  }
}
