// Columns as bytes, in the order in which HBase gives a row's cells: family first, then qualifier, byte by byte, unsigned.
import { bytesOfName } from './column-name.ts';
import type { SourceColumn } from './column-name.ts';

/** A column as it stands in a cell's key: length of the family, family, qualifier. */
export function encodeColumn({ family, qualifier }: SourceColumn): Buffer {
  const name = bytesOfName(family);
  return Buffer.concat([Buffer.from([name.length]), name, bytesOfName(qualifier)]);
}

/** The distinct columns in HBase's order. */
export function sortColumns(columns: readonly SourceColumn[]): readonly Uint8Array[] {
  const distinct: Buffer[] = [];
  for (const column of columns) {
    const encoded = encodeColumn(column);
    if (!distinct.some((known) => known.equals(encoded))) distinct.push(encoded);
  }
  return distinct.sort((left, right) => compareColumn(left, 0, left.length, right));
}

/** Each column as big-endian words, filled up with zeros, one behind the other; `starts`: where each begins. */
export function toWords(columns: readonly Uint8Array[]): { words: Int32Array; starts: Int32Array } {
  const padded = columns.map((column) => {
    const bytes = Buffer.alloc(Math.ceil(column.length / 4) * 4);
    bytes.set(column);
    return Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readInt32BE(i * 4));
  });
  let at = 0;
  const starts = Int32Array.from(padded, ({ length }) => (at += length) - length);
  return { words: Int32Array.from(padded.flat()), starts };
}

/** Order of the column at `start` to `other`: family first, then qualifier, byte by byte, unsigned. */
export function compareColumn(block: Uint8Array, start: number, length: number, other: Uint8Array): number {
  const familyLength = block[start] ?? 0;
  const otherFamily = other[0] ?? 0;
  if (familyLength !== otherFamily) return compareFamilies(block, start, other);
  const shorter = length < other.length ? length : other.length;
  for (let i = 1; i < shorter; i += 1) {
    const difference = (block[start + i] ?? 0) - (other[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return length - other.length;
}

/** Families of different length: as prefixes of one another the shorter is the smaller. */
function compareFamilies(block: Uint8Array, start: number, other: Uint8Array): number {
  const [length, otherLength] = [block[start] ?? 0, other[0] ?? 0];
  const shorter = Math.min(length, otherLength);
  for (let i = 1; i <= shorter; i += 1) {
    const difference = (block[start + i] ?? 0) - (other[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return length - otherLength;
}
