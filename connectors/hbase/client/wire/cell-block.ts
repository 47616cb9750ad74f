// The cell block of KeyValueCodec: cells back to back, big-endian.
//   int32 total (= bytes that follow) | int32 keyLength | int32 valueLength | key | value | [uint16 tagsLength tags]
//   key: int16 rowLength | row | int8 familyLength | family | qualifier | int64 timestamp | int8 type
// The qualifier takes what keyLength leaves. Tags come from KeyValueCodecWithTags only; stepping by `total` passes them.
import { unreadable, type HBaseError } from '../hbase-error.ts';

/** Types of a cell as they stand in the key. */
export const cellTypes = {
  put: 4,
  /** Marker: one version of a column. */
  deleteVersion: 8,
  /** Marker: all columns of a family at one timestamp. */
  deleteFamilyVersion: 10,
  /** Marker: a column up to its timestamp. */
  deleteColumn: 12,
  /** Marker: a family up to its timestamp. */
  deleteFamily: 14,
} as const;
export type CellType = keyof typeof cellTypes;

/** Timestamp that asks the server for its own clock. */
export const latestTimestamp = 0x7fffffffffffffffn;

const fixedKeyBytes = 2 + 1 + 8 + 1;

/**
 * Walks a cell block in place: all fields are offsets into `buffer`, nothing is allocated per cell. Plain public
 * fields, because this is the innermost loop of a scan.
 */
export class CellBlockCursor {
  buffer: Uint8Array = new Uint8Array(0);
  /** Offset of the next cell. */
  offset = 0;
  end = 0;
  cellStart = 0;
  rowStart = 0;
  rowLength = 0;
  familyStart = 0;
  familyLength = 0;
  qualifierStart = 0;
  qualifierLength = 0;
  /** Timestamp in ms = timestampHigh · 2^32 + timestampLow, both unsigned. */
  timestampHigh = 0;
  timestampLow = 0;
  type = 0;
  valueStart = 0;
  valueLength = 0;

  reset(buffer: Uint8Array, start: number, end: number): void {
    this.buffer = buffer;
    this.offset = start;
    this.end = end;
  }

  /** Moves to the next cell; false at the end. Throws HBASE_FAILED when a cell does not fit its block. */
  next(): boolean {
    const at = this.offset;
    const { buffer, end } = this;
    if (at >= end) return false;
    if (at + 14 > end) throw damaged(at);
    const total = readInt32(buffer, at);
    const keyLength = readInt32(buffer, at + 4);
    const valueLength = readInt32(buffer, at + 8);
    const rowLength = ((buffer[at + 12] ?? 0) << 8) | (buffer[at + 13] ?? 0);
    const familyAt = at + 14 + rowLength;
    const timestampAt = at + keyLength + 3;
    if (
      (keyLength | valueLength) < 0 ||
      total < 8 + keyLength + valueLength ||
      at + 4 + total > end ||
      familyAt >= timestampAt
    ) {
      throw damaged(at);
    }
    const familyLength = buffer[familyAt] ?? 0;
    const qualifierLength = keyLength - fixedKeyBytes - rowLength - familyLength;
    if (qualifierLength < 0) throw damaged(at);
    this.cellStart = at;
    this.rowStart = at + 14;
    this.rowLength = rowLength;
    this.familyStart = familyAt + 1;
    this.familyLength = familyLength;
    this.qualifierStart = familyAt + 1 + familyLength;
    this.qualifierLength = qualifierLength;
    this.timestampHigh = readInt32(buffer, timestampAt) >>> 0;
    this.timestampLow = readInt32(buffer, timestampAt + 4) >>> 0;
    this.type = buffer[timestampAt + 8] ?? 0;
    this.valueStart = timestampAt + 9;
    this.valueLength = valueLength;
    this.offset = at + 4 + total;
    return true;
  }

  /** Exact for all times a clock can show; LATEST comes out as 2^63. */
  timestampMs(): number {
    return this.timestampHigh * 0x1_0000_0000 + this.timestampLow;
  }
}

/** Offset after `cells` cells that start at `offset`; every one is checked to lie within the block. */
export function skipCells(buffer: Uint8Array, offset: number, cells: number, end: number): number {
  let at = offset;
  for (let left = cells; left > 0; left--) {
    if (at + 14 > end) throw damaged(at);
    const next = at + 4 + readInt32(buffer, at);
    if (next < at + 14 || next > end) throw damaged(at);
    at = next;
  }
  return at;
}

const typeNames = new Map<number, CellType>(
  Object.entries(cellTypes).map(([name, code]) => [code, name as CellType]),
);

/** The cells of `buffer[start, end)` as objects of their own: convenient, and dear; scans of many rows walk with the cursor. */
export function decodeCells(buffer: Uint8Array, start: number, end: number): Cell[] {
  const cursor = new CellBlockCursor();
  cursor.reset(buffer, start, end);
  const cells: Cell[] = [];
  const copy = (from: number, length: number): Buffer => Buffer.from(buffer.subarray(from, from + length));
  while (cursor.next()) {
    const type = typeNames.get(cursor.type);
    if (type === undefined) throw damaged(cursor.cellStart);
    cells.push({
      row: copy(cursor.rowStart, cursor.rowLength),
      family: copy(cursor.familyStart, cursor.familyLength),
      qualifier: copy(cursor.qualifierStart, cursor.qualifierLength),
      timestamp: (BigInt(cursor.timestampHigh) << 32n) | BigInt(cursor.timestampLow),
      type,
      value: copy(cursor.valueStart, cursor.valueLength),
    });
  }
  return cells;
}

/** A row's key as a range of the block: where the cell at `offset` has it. */
export function rowKeyAt(buffer: Uint8Array, cellOffset: number): Buffer {
  const length = ((buffer[cellOffset + 12] ?? 0) << 8) | (buffer[cellOffset + 13] ?? 0);
  if (cellOffset + 14 + length > buffer.length) throw damaged(cellOffset);
  return Buffer.from(buffer.buffer, buffer.byteOffset + cellOffset + 14, length);
}

/** Timestamp in ms of the cell at `cellOffset`, as `timestampMs`. */
export function timestampAt(buffer: Uint8Array, cellOffset: number): number {
  const at = cellOffset + 3 + readInt32(buffer, cellOffset + 4);
  return (readInt32(buffer, at) >>> 0) * 0x1_0000_0000 + (readInt32(buffer, at + 4) >>> 0);
}

function readInt32(buffer: Uint8Array, at: number): number {
  return (
    ((buffer[at] ?? 0) << 24) |
    ((buffer[at + 1] ?? 0) << 16) |
    ((buffer[at + 2] ?? 0) << 8) |
    (buffer[at + 3] ?? 0)
  );
}

export interface Cell {
  readonly row: Uint8Array;
  readonly family: Uint8Array;
  readonly qualifier: Uint8Array;
  readonly timestamp: bigint;
  readonly type: CellType;
  readonly value: Uint8Array;
}

export function encodedCellSize(cell: Cell): number {
  return (
    12 + fixedKeyBytes + cell.row.length + cell.family.length + cell.qualifier.length + cell.value.length
  );
}

export function encodeCells(cells: readonly Cell[]): Buffer {
  let size = 0;
  for (const cell of cells) size += encodedCellSize(cell);
  const block = Buffer.allocUnsafe(size);
  let at = 0;
  for (const cell of cells) at = writeCell(block, at, cell);
  return block;
}

function writeCell(block: Buffer, offset: number, cell: Cell): number {
  const keyLength = fixedKeyBytes + cell.row.length + cell.family.length + cell.qualifier.length;
  let at = block.writeInt32BE(8 + keyLength + cell.value.length, offset);
  at = block.writeInt32BE(keyLength, at);
  at = block.writeInt32BE(cell.value.length, at);
  at = block.writeInt16BE(cell.row.length, at);
  block.set(cell.row, at);
  at = block.writeUInt8(cell.family.length, at + cell.row.length);
  block.set(cell.family, at);
  at += cell.family.length;
  block.set(cell.qualifier, at);
  at = block.writeBigInt64BE(cell.timestamp, at + cell.qualifier.length);
  at = block.writeUInt8(cellTypes[cell.type], at);
  block.set(cell.value, at);
  return at + cell.value.length;
}

function damaged(at: number): HBaseError {
  return unreadable(`reading a cell block: the cell at offset ${at} does not fit`);
}
