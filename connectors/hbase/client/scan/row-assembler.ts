// Puts rows together from the results of scan responses. A response may end inside a row (partial), and the rest comes first in the
// next one that has cells.
//   no row open ─partial result─► row open ─result of the same row, whole─► row complete
//                                     ├─result of another row, or region end─► row complete as it was
//                                     ├─response without results (heartbeat)─► still open
//                                     └─scanner lost─► dropped: the row is read again from its start
// Rows stay where they arrived. What is left of an open row is copied aside, and later in front of the next response's block.
import { unreadable } from '../hbase-error.ts';
import { rowKeyAt, skipCells } from '../wire/cell-block.ts';
import type { ResultLayout } from '../messages/scan-response.ts';

/** Complete rows as ranges of one buffer: row i is `buffer[rowStarts[i], rowStarts[i + 1])`, a run of cells. */
export interface RowBlock {
  readonly buffer: Buffer;
  readonly rowCount: number;
  /** rowCount + 1 offsets; longer arrays are slack. */
  readonly rowStarts: Uint32Array;
}

export interface CellBlock {
  readonly buffer: Buffer;
  readonly blockStart: number;
  readonly blockEnd: number;
}

/** `any`: hbase:meta has an order of its own. */
export type RowOrder = 'ascending' | 'descending' | 'any';

export class RowAssembler {
  /** Key of the last complete row; where a lost scan goes on. */
  lastRow: Buffer | undefined;
  readonly #order: RowOrder;
  #rowStarts = new Uint32Array(1024);
  #rowCount = 0;
  #held = Buffer.alloc(0);
  #heldBytes = 0;

  constructor(order: RowOrder = 'ascending') {
    this.#order = order;
  }

  /**
   * Complete rows of a response; undefined when it completes none. They are good until the next call. The bytes before the
   * block may be overwritten.
   */
  accept(block: CellBlock, layout: ResultLayout, regionDone: boolean): RowBlock | undefined {
    if (layout.count === 0) return regionDone ? this.#flush() : undefined;
    const continued = this.#heldBytes > 0;
    if (continued && !regionDone && this.#onlyContinuesHeldRow(block, layout)) {
      this.#hold(block.buffer, block.blockStart, block.blockEnd);
      return undefined;
    }
    const joined = continued ? this.#prependHeld(block) : block;
    const openRow = this.#findRows(joined, layout, continued ? joined.blockStart - this.#heldBytes : -1);
    this.#heldBytes = 0;
    if (openRow >= 0 && regionDone) {
      this.#addRow(openRow);
      this.#setEnd(joined.blockEnd);
    } else if (openRow >= 0) this.#hold(joined.buffer, openRow, joined.blockEnd);
    return this.#finish(joined.buffer);
  }

  /** The region ended without another result: the open row was complete. */
  #flush(): RowBlock | undefined {
    if (this.#heldBytes === 0) return undefined;
    this.#rowCount = 0;
    this.#addRow(0);
    this.#setEnd(this.#heldBytes);
    this.#heldBytes = 0;
    const rows = this.#finish(this.#held);
    this.#held = Buffer.alloc(0);
    return rows;
  }

  /** The scanner is lost: the open row will be read again. */
  dropHeld(): void {
    this.#heldBytes = 0;
  }

  /** Fills `rowStarts`; returns where the row starts that is still open at the block's end, or −1. */
  #findRows(block: CellBlock, layout: ResultLayout, openAt: number): number {
    const { buffer, blockEnd } = block;
    const { cellCounts, partials, count } = layout;
    this.#rowCount = 0;
    let open = openAt;
    let at = block.blockStart;
    for (let i = 0; i < count; i++) {
      const cells = cellCounts[i] ?? 0;
      if (cells === 0) continue;
      if (open < 0) open = at;
      else if (!sameRow(buffer, open, at)) {
        this.#addRow(open);
        open = at;
      }
      at = skipCells(buffer, at, cells, blockEnd);
      if (partials[i] === 0) {
        this.#addRow(open);
        open = -1;
      }
    }
    if (at !== blockEnd) {
      throw unreadable(`reading a scan response: ${blockEnd - at} bytes of cells belong to no row`);
    }
    this.#setEnd(open < 0 ? at : open);
    return open;
  }

  #addRow(start: number): void {
    if (this.#rowCount + 2 > this.#rowStarts.length) {
      const grown = new Uint32Array(this.#rowStarts.length * 2);
      grown.set(this.#rowStarts);
      this.#rowStarts = grown;
    }
    this.#rowStarts[this.#rowCount++] = start;
  }

  #setEnd(end: number): void {
    this.#rowStarts[this.#rowCount] = end;
  }

  #finish(buffer: Buffer): RowBlock | undefined {
    const rowCount = this.#rowCount;
    if (rowCount === 0) return undefined;
    const rowStarts = this.#rowStarts;
    const first = rowKeyAt(buffer, rowStarts[0] ?? 0);
    if (this.lastRow !== undefined && !follows(this.#order, this.lastRow, first)) {
      throw unreadable(
        `reading a scan response: row ${first.toString('hex')} came after row ${this.lastRow.toString('hex')}`,
      );
    }
    this.lastRow = Buffer.from(rowKeyAt(buffer, rowStarts[rowCount - 1] ?? 0));
    return { buffer, rowCount, rowStarts };
  }

  /** A row larger than a response: all of this block is one more piece of it. */
  #onlyContinuesHeldRow(block: CellBlock, layout: ResultLayout): boolean {
    if (layout.count !== 1 || layout.partials[0] === 0 || layout.cellCounts[0] === 0) return false;
    return rowKeyAt(this.#held, 0).equals(rowKeyAt(block.buffer, block.blockStart));
  }

  #prependHeld(block: CellBlock): CellBlock {
    const held = this.#heldBytes;
    if (held <= block.blockStart) {
      this.#held.copy(block.buffer, block.blockStart - held, 0, held);
      return block;
    }
    const joined = Buffer.allocUnsafe(held + block.blockEnd - block.blockStart);
    this.#held.copy(joined, 0, 0, held);
    block.buffer.copy(joined, held, block.blockStart, block.blockEnd);
    return { buffer: joined, blockStart: held, blockEnd: joined.length };
  }

  #hold(source: Buffer, start: number, end: number): void {
    const needed = this.#heldBytes + end - start;
    if (needed > this.#held.length) {
      const grown = Buffer.allocUnsafe(Math.max(needed, this.#held.length * 2));
      this.#held.copy(grown, 0, 0, this.#heldBytes);
      this.#held = grown;
    }
    source.copy(this.#held, this.#heldBytes, start, end);
    this.#heldBytes = needed;
  }
}

function follows(order: RowOrder, before: Buffer, after: Buffer): boolean {
  if (order === 'any') return true;
  return order === 'ascending' ? before.compare(after) < 0 : before.compare(after) > 0;
}

function sameRow(buffer: Buffer, first: number, second: number): boolean {
  return rowKeyAt(buffer, first).equals(rowKeyAt(buffer, second));
}
