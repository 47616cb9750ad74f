// Row keys of mutations, to find one that comes again: a table of their places, without an object per key.
import type { MutationBlock } from '../client/mutate/mutation-block.ts';

export class RowKeySet {
  readonly #block: MutationBlock;
  /** Mutation + 1; 0 = free. Twice as many as keys, so that a search ends soon. */
  readonly #places: Int32Array;
  readonly #mask: number;

  /** `most`: keys that are ever in it at a time. */
  constructor(block: MutationBlock, most: number) {
    const size = 2 ** Math.ceil(Math.log2(Math.max(most, 1) * 2));
    this.#block = block;
    this.#places = new Int32Array(size);
    this.#mask = size - 1;
  }

  /** Adds the key of a mutation; false: it is there already. */
  add(mutation: number): boolean {
    const { bytes } = this.#block.out;
    const [start, end] = [this.#block.rowStart(mutation), this.#block.rowEnd(mutation)];
    for (let place = hash(bytes, start, end) & this.#mask; ; place = (place + 1) & this.#mask) {
      const other = (this.#places[place] ?? 0) - 1;
      if (other < 0) {
        this.#places[place] = mutation + 1;
        return true;
      }
      const [otherStart, otherEnd] = [this.#block.rowStart(other), this.#block.rowEnd(other)];
      if (bytes.compare(bytes, start, end, otherStart, otherEnd) === 0) return false;
    }
  }

  clear(): void {
    this.#places.fill(0);
  }
}

/** FNV-1a, mixed once more: keys often differ in their last bytes only. */
function hash(bytes: Uint8Array, start: number, end: number): number {
  let value = 0x811c9dc5;
  for (let at = start; at < end; at += 1) value = Math.imul(value ^ (bytes[at] ?? 0), 0x01000193);
  return Math.imul(value ^ (value >>> 15), 0x85ebca6b) >>> 0;
}
