// A row as the double keeps it: its cells as one run of encoded KeyValues, in HBase's order (column, then newest first), so that
// reading a whole row is handing out its bytes.
import { CellBlockCursor, cellTypes } from '../../../connectors/hbase/rpc/cell-block.ts';

export interface StoredRow {
  readonly key: Buffer;
  readonly cells: Buffer;
  readonly cellCount: number;
}

interface LooseCell {
  /** Family and qualifier with a zero between: their order as text is HBase's order as bytes. */
  readonly column: string;
  readonly timestamp: number;
  readonly type: number;
  readonly bytes: Buffer;
}

export interface RowChange {
  readonly row: StoredRow | undefined;
  readonly key: Buffer;
  /** Encoded cells of the change. */
  readonly cells: Buffer;
  /** What LATEST stands for. */
  readonly now: number;
  readonly versionsOf: (family: string) => number;
}

/** The row after a change; undefined when no cell is left. */
export function changeRow({ row, key, cells, now, versionsOf }: RowChange): StoredRow | undefined {
  let held = row === undefined ? [] : looseCells(row.cells, now);
  for (const cell of looseCells(Buffer.from(cells), now)) {
    if (cell.type === cellTypes.put) {
      held = held.filter((other) => other.column !== cell.column || other.timestamp !== cell.timestamp);
      held.push(cell);
    } else held = held.filter((other) => !covers(cell, other));
  }
  held.sort(byColumnThenNewest);
  const kept = newestVersions(held, versionsOf);
  if (kept.length === 0) return undefined;
  return { key, cells: Buffer.concat(kept.map((cell) => cell.bytes)), cellCount: kept.length };
}

export function familyOf(column: string): string {
  return column.slice(0, column.indexOf('\0'));
}

/** Cells with LATEST replaced; `block` is changed in place and kept. */
function looseCells(block: Buffer, now: number): LooseCell[] {
  const cursor = new CellBlockCursor();
  cursor.reset(block, 0, block.length);
  const cells: LooseCell[] = [];
  while (cursor.next()) {
    const { cellStart, offset, valueStart, type } = cursor;
    const isLatest = cursor.timestampHigh === 0x7fffffff && cursor.timestampLow === 0xffffffff;
    if (isLatest) block.writeBigInt64BE(BigInt(now), valueStart - 9);
    const timestamp = isLatest ? now : cursor.timestampMs();
    cells.push({
      column: columnAt(cursor, block),
      timestamp,
      type,
      bytes: block.subarray(cellStart, offset),
    });
  }
  return cells;
}

export function columnAt(cursor: CellBlockCursor, block: Buffer): string {
  const { familyStart, familyLength, qualifierStart, qualifierLength } = cursor;
  const family = block.toString('latin1', familyStart, familyStart + familyLength);
  return `${family}\0${block.toString('latin1', qualifierStart, qualifierStart + qualifierLength)}`;
}

/** Does a delete take this cell away? */
function covers(marker: LooseCell, cell: LooseCell): boolean {
  const sameFamily = familyOf(marker.column) === familyOf(cell.column);
  switch (marker.type) {
    case cellTypes.deleteVersion:
      return marker.column === cell.column && marker.timestamp === cell.timestamp;
    case cellTypes.deleteColumn:
      return marker.column === cell.column && cell.timestamp <= marker.timestamp;
    case cellTypes.deleteFamilyVersion:
      return sameFamily && marker.timestamp === cell.timestamp;
    case cellTypes.deleteFamily:
      return sameFamily && cell.timestamp <= marker.timestamp;
    default:
      return false;
  }
}

function byColumnThenNewest(left: LooseCell, right: LooseCell): number {
  if (left.column !== right.column) return left.column < right.column ? -1 : 1;
  return right.timestamp - left.timestamp;
}

function newestVersions(cells: readonly LooseCell[], versionsOf: RowChange['versionsOf']): LooseCell[] {
  let [column, seen] = ['', 0];
  return cells.filter((cell) => {
    seen = cell.column === column ? seen + 1 : 1;
    column = cell.column;
    return seen <= versionsOf(familyOf(column));
  });
}
