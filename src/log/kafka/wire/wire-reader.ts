// Reads Kafka's primitive types from one answer. A read past its end throws RangeError.
import { readInt64 } from '../../../core/record/batch-header.ts';

export class WireReader {
  /** The whole answer; views that `bytes` returns lie in it. */
  readonly frame: Buffer;
  #at: number;

  constructor(frame: Buffer, at = 0) {
    this.frame = frame;
    this.#at = at;
  }

  boolean(): boolean {
    return this.int8() !== 0;
  }

  int8(): number {
    return this.frame.readInt8(this.#skip(1));
  }

  int16(): number {
    return this.frame.readInt16BE(this.#skip(2));
  }

  int32(): number {
    return this.frame.readInt32BE(this.#skip(4));
  }

  /** Exact to 2^53. */
  int64(): number {
    return readInt64(this.frame, this.#skip(8));
  }

  string(): string | null {
    return this.#text(this.int16());
  }

  compactString(): string | null {
    return this.#text(this.unsignedVarint() - 1);
  }

  /** 16 bytes as 32 hex digits. */
  uuid(): string {
    const at = this.#skip(16);
    return this.frame.toString('hex', at, at + 16);
  }

  /** Length int32 (-1: null), then bytes: a view, not a copy. */
  bytes(): Buffer | null {
    const length = this.int32();
    if (length < 0) return null;
    const at = this.#skip(length);
    return this.frame.subarray(at, at + length);
  }

  /** A null array reads as empty. */
  array<T>(read: () => T): T[] {
    return this.#items(this.int32(), read);
  }

  compactArray<T>(read: () => T): T[] {
    return this.#items(this.unsignedVarint() - 1, read);
  }

  skipTags(): void {
    for (let left = this.unsignedVarint(); left > 0; left -= 1) {
      this.unsignedVarint();
      this.#skip(this.unsignedVarint());
    }
  }

  unsignedVarint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.frame.readUInt8(this.#skip(1));
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
    throw new RangeError('a number of more than five bytes');
  }

  #text(length: number): string | null {
    if (length < 0) return null;
    const at = this.#skip(length);
    return this.frame.toString('utf8', at, at + length);
  }

  #items<T>(count: number, read: () => T): T[] {
    const items: T[] = [];
    for (let i = 0; i < count; i += 1) items.push(read());
    return items;
  }

  #skip(length: number): number {
    const at = this.#at;
    if (at + length > this.frame.length) throw new RangeError('the answer ends before its last field');
    this.#at = at + length;
    return at;
  }
}
