// Mutations as bytes, for writers of many rows: their cells lie back to back as a request carries them, and three numbers per mutation
// say where. Nothing else is made per row or cell. A mutation's row key is that of its first cell; all its cells have the same.
import { ByteWriter } from '../../../../src/core/record/row-format.ts';
import { cellTypes } from '../wire/cell-block.ts';
import type { CellType } from '../wire/cell-block.ts';

export type MutationKind = 'put' | 'delete';

/** In front of a cell's row: int32 total | int32 keyLength | int32 valueLength | int16 rowLength */
const headBytes = 14;
/** Behind a cell's qualifier: int64 timestamp | int8 type */
const tailBytes = 9;
const fixedKeyBytes = 2 + 1 + tailBytes;

export class MutationBlock {
  /** Values are written straight into it, between `openCell` and `closeCell`. */
  readonly out = new ByteWriter(64 * 1024);
  readonly #starts: number[] = [];
  readonly #cells: number[] = [];
  readonly #kinds: MutationKind[] = [];

  get size(): number {
    return this.#starts.length;
  }

  /** Its cells follow; one at least. */
  open(kind: MutationKind): void {
    this.#starts.push(this.out.length);
    this.#cells.push(0);
    this.#kinds.push(kind);
  }

  /** Begins a cell of the open mutation, with time 0; returns where it begins. The value follows, then `closeCell`. */
  openCell(
    row: ByteWriter,
    column: { readonly family: Buffer; readonly qualifier: Buffer },
    type: CellType,
  ): number {
    const { out } = this;
    const { family, qualifier } = column;
    const at = out.length;
    out.ensure(headBytes + 1 + row.length + family.length + qualifier.length + tailBytes);
    const { bytes } = out;
    bytes.writeInt32BE(fixedKeyBytes + row.length + family.length + qualifier.length, at + 4);
    bytes.writeUInt16BE(row.length, at + 12);
    row.bytes.copy(bytes, at + headBytes, 0, row.length);
    let to = at + headBytes + row.length;
    bytes[to] = family.length;
    to += 1 + family.copy(bytes, to + 1);
    to += qualifier.copy(bytes, to);
    bytes.fill(0, to, to + tailBytes - 1);
    bytes[to + tailBytes - 1] = cellTypes[type];
    out.length = to + tailBytes;
    this.#cells[this.size - 1] = (this.#cells[this.size - 1] ?? 0) + 1;
    return at;
  }

  /** Returns the cell's size in bytes. */
  closeCell(at: number): number {
    const { bytes, length } = this.out;
    bytes.writeInt32BE(length - at - 4, at);
    bytes.writeInt32BE(length - at - 12 - bytes.readInt32BE(at + 4), at + 8);
    return length - at;
  }

  /** Takes back all mutations from the `size`-th on. */
  cutBack(size: number): void {
    const start = this.#starts[size];
    if (start === undefined) return;
    this.out.length = start;
    this.#starts.length = size;
    this.#cells.length = size;
    this.#kinds.length = size;
  }

  /** Gives all cells of the mutations [from, to) one timestamp, ms. */
  setTime(from: number, to: number, ms: bigint): void {
    const { bytes } = this.out;
    const [high, low] = [Number(ms >> 32n), Number(ms & 0xffffffffn)];
    const end = this.startOf(to);
    for (let at = this.startOf(from); at < end; at += 4 + bytes.readInt32BE(at)) {
      const timeAt = at + 12 + bytes.readInt32BE(at + 4) - tailBytes;
      bytes.writeInt32BE(high, timeAt);
      bytes.writeUInt32BE(low, timeAt + 4);
    }
  }

  /** Of a mutation's cells; `size` gives the end of the last one's. */
  startOf(index: number): number {
    return this.#starts[index] ?? this.out.length;
  }

  cellsOf(index: number): number {
    return this.#cells[index] ?? 0;
  }

  kindOf(index: number): MutationKind {
    return this.#kinds[index] ?? 'put';
  }

  rowStart(index: number): number {
    return this.startOf(index) + headBytes;
  }

  rowEnd(index: number): number {
    return this.rowStart(index) + this.out.bytes.readUInt16BE(this.startOf(index) + 12);
  }
}
