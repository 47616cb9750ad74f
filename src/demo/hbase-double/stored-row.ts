// A row as the double keeps it: its cells as one run of encoded KeyValues, in HBase's order (column, then newest first), so that
// reading a whole row is handing out its bytes.
import { CellBlockCursor, cellTypes } from '../../../connectors/hbase/client/wire/cell-block.ts';

export interface StoredRow {
  readonly key: Buffer;
  /** What a read sees. */
  readonly cells: Buffer;
  readonly cellCount: number;
  /** With delete markers and the cells they hide, as a raw scan sees it; absent: there are none. */
  readonly raw?: Buffer;
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

/** The row after a change; undefined when nothing is left of it. A put that is not newer than a marker over it stays hidden. */
export function changeRow({ row, key, cells, now, versionsOf }: RowChange): StoredRow | undefined {
  let held = row === undefined ? [] : looseCells(row.raw ?? row.cells, now);
  const block = Buffer.from(cells);
  resolveVersions(block, held);
  for (const cell of looseCells(block, now)) {
    held = held.filter((other) => !isSame(cell, other));
    held.push(cell);
  }
  return storedRow(key, held, versionsOf);
}

/** A flush drops what markers hide; markers stay. */
export function flushRow(row: StoredRow): StoredRow {
  if (row.raw === undefined) return row;
  const held = looseCells(row.raw, 0);
  const markers = held.filter(isMarker);
  const left = held.filter((cell) => isMarker(cell) || !markers.some((marker) => covers(marker, cell)));
  return { ...row, raw: Buffer.concat(left.map(({ bytes }) => bytes)) };
}

/** A major compaction drops markers too: what comes later, however old, is hidden by none of them. */
export function compactRow({ key, cells, cellCount }: StoredRow): StoredRow | undefined {
  return cellCount === 0 ? undefined : { key, cells, cellCount };
}

function storedRow(
  key: Buffer,
  held: LooseCell[],
  versionsOf: RowChange['versionsOf'],
): StoredRow | undefined {
  if (held.length === 0) return undefined;
  held.sort(inOrder);
  const markers = held.filter(isMarker);
  const isHidden = (cell: LooseCell): boolean => markers.some((marker) => covers(marker, cell));
  const shown = newestVersions(
    held.filter((cell) => !isMarker(cell) && !isHidden(cell)),
    versionsOf,
  );
  const cells = Buffer.concat(shown.map(({ bytes }) => bytes));
  const row = { key, cells, cellCount: shown.length };
  if (markers.length === 0) return row;
  const kept = held.filter((cell) => isMarker(cell) || isHidden(cell) || shown.includes(cell));
  return { ...row, raw: Buffer.concat(kept.map(({ bytes }) => bytes)) };
}

/** A delete of the newest version is written down as one of that version. */
function resolveVersions(block: Buffer, held: readonly LooseCell[]): void {
  const cursor = new CellBlockCursor();
  cursor.reset(block, 0, block.length);
  const markers = held.filter(isMarker);
  while (cursor.next()) {
    if (cursor.type !== cellTypes.deleteVersion || !isLatest(cursor)) continue;
    const column = columnAt(cursor, block);
    const newest = held.find(
      (cell) => cell.column === column && !isMarker(cell) && !markers.some((marker) => covers(marker, cell)),
    );
    if (newest !== undefined) block.writeBigInt64BE(BigInt(newest.timestamp), cursor.valueStart - 9);
  }
}

function isLatest({ timestampHigh, timestampLow }: CellBlockCursor): boolean {
  return timestampHigh === 0x7fffffff && timestampLow === 0xffffffff;
}

function isMarker({ type }: LooseCell): boolean {
  return type !== cellTypes.put;
}

function isSame(left: LooseCell, right: LooseCell): boolean {
  return left.column === right.column && left.timestamp === right.timestamp && left.type === right.type;
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
    const stamped = isLatest(cursor);
    if (stamped) block.writeBigInt64BE(BigInt(now), valueStart - 9);
    const timestamp = stamped ? now : cursor.timestampMs();
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

/** By column, then newest first; at one time markers stand before what they hide. */
function inOrder(left: LooseCell, right: LooseCell): number {
  if (left.column !== right.column) return left.column < right.column ? -1 : 1;
  return right.timestamp - left.timestamp || right.type - left.type;
}

function newestVersions(cells: readonly LooseCell[], versionsOf: RowChange['versionsOf']): LooseCell[] {
  let [column, seen] = ['', 0];
  return cells.filter((cell) => {
    seen = cell.column === column ? seen + 1 : 1;
    column = cell.column;
    return seen <= versionsOf(familyOf(column));
  });
}
