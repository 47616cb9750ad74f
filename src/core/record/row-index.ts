// Where each row of a batch lies in its bytes.
import { SyncError } from '../errors.ts';
import type { RowBatch } from '../connector/sink-store.ts';

const LF = 0x0a;

export class RowIndex {
  readonly count: number;
  readonly #bytes: Buffer;
  /** Start of each row, and the end of the last. */
  readonly #starts: Uint32Array;

  constructor(batch: RowBatch) {
    this.count = batch.rows;
    this.#bytes = batch.bytes;
    this.#starts = batch.starts ?? findStarts(batch);
  }

  /** The row's bytes without its line end. */
  at(row: number): Buffer {
    return this.#bytes.subarray(this.#starts[row] ?? 0, (this.#starts[row + 1] ?? 0) - 1);
  }

  /** Where the row begins; of one behind the last: where that one ends, with its line end. */
  start(row: number): number {
    return this.#starts[row] ?? 0;
  }

  size(row: number): number {
    return (this.#starts[row + 1] ?? 0) - (this.#starts[row] ?? 0);
  }

  largest(): number {
    let largest = 0;
    for (let row = 0; row < this.count; row += 1) largest = Math.max(largest, this.size(row));
    return largest;
  }
}

function findStarts({ bytes, rows }: RowBatch): Uint32Array {
  const starts = new Uint32Array(rows + 1);
  let at = 0;
  for (let row = 0; row < rows; row += 1) {
    const end = bytes.indexOf(LF, at);
    if (end < 0)
      throw new SyncError('INTERNAL', { message: `a batch holds ${row} rows, ${rows} were announced` });
    at = end + 1;
    starts[row + 1] = at;
  }
  return starts;
}
