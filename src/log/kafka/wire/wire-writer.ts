// Writes Kafka's primitive types, big-endian. `compact…` and `tags` belong to flexible versions of a message.

export class WireWriter {
  #bytes = Buffer.allocUnsafe(256);
  #length = 0;

  int8(value: number): this {
    const at = this.#grow(1);
    this.#bytes.writeInt8(value, at);
    return this;
  }

  boolean(value: boolean): this {
    return this.int8(value ? 1 : 0);
  }

  int16(value: number): this {
    const at = this.#grow(2);
    this.#bytes.writeInt16BE(value, at);
    return this;
  }

  int32(value: number): this {
    const at = this.#grow(4);
    this.#bytes.writeInt32BE(value, at);
    return this;
  }

  int64(value: number): this {
    const at = this.#grow(8);
    this.#bytes.writeBigInt64BE(BigInt(value), at);
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
    for (; rest > 0x7f; rest >>>= 7) this.#byte((rest & 0x7f) | 0x80);
    return this.#byte(rest);
  }

  raw(bytes: Uint8Array): this {
    const at = this.#grow(bytes.length);
    this.#bytes.set(bytes, at);
    return this;
  }

  finish(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  #byte(value: number): this {
    const at = this.#grow(1);
    this.#bytes[at] = value;
    return this;
  }

  /** Makes room behind what is there and returns where it begins. It may replace `#bytes`. */
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
