// Where a row's cells hold the bytes of its pseudo fields. Each is a range of the cell block, as a value is, so that the decoder
// writes all fields alike: a timestamp is the 8 bytes that end one byte before the cell's value, a family is a run of cells.
import { bytesOfName } from './column-name.ts';
import { readInt32 } from '../encodings/bytes/bytes-integer.ts';
import type { Pseudo } from './pseudo-field.ts';

/** Ranges in the block, by slot; start -1: there is none. */
interface Ranges {
  readonly start: Int32Array;
  readonly end: Int32Array;
}

export interface PseudoSlot {
  readonly pseudo: Pseudo;
  /** Where the range goes. */
  readonly slot: number;
  /** The slot of the cell whose timestamp is wanted. */
  readonly cell: number;
}

/** Finds the ranges of the row in `block[start, end)`; values have been found, all pseudo slots are -1. */
export type FindPseudo = (block: Uint8Array, start: number, end: number) => void;

/** null: there are no fields that need it, as row keys and constants don't. */
export function compilePseudoRanges(slots: readonly PseudoSlot[], ranges: Ranges): FindPseudo | null {
  const finders = slots.flatMap((slot) => finderOf(slot, ranges) ?? []);
  if (finders.length === 0) return null;
  return (block, start, end) => {
    for (const find of finders) find(block, start, end);
  };
}

function finderOf({ pseudo, slot, cell }: PseudoSlot, ranges: Ranges): FindPseudo | null {
  const set = (start: number, end: number): void => {
    ranges.start[slot] = start;
    ranges.end[slot] = end;
  };
  switch (pseudo.kind) {
    case 'row-key':
    case 'constant':
      return null;
    case 'cell-time':
      return () => {
        const value = ranges.start[cell] ?? -1;
        if (value >= 0) set(value - 9, value - 1);
      };
    case 'row-time':
      return (block, start, end) => {
        const at = newestTime(block, start, end);
        set(at, at + 8);
      };
    case 'family': {
      const family = bytesOfName(pseudo.family);
      return (block, start, end) => {
        findFamily(block, { start, end, family }, set);
      };
    }
  }
}

/** Where the greatest of the cells' timestamps stands. */
function newestTime(block: Uint8Array, start: number, end: number): number {
  let newest = -1;
  let [newestHigh, newestLow] = [0, 0];
  for (let at = start; at < end; at += 4 + readInt32(block, at)) {
    const timeAt = at + 3 + readInt32(block, at + 4);
    const high = readInt32(block, timeAt);
    const low = readInt32(block, timeAt + 4) >>> 0;
    if (newest >= 0 && (high < newestHigh || (high === newestHigh && low <= newestLow))) continue;
    [newest, newestHigh, newestLow] = [timeAt, high, low];
  }
  return newest;
}

/** A family's cells stand together. */
function findFamily(
  block: Uint8Array,
  { start, end, family }: { readonly start: number; readonly end: number; readonly family: Buffer },
  found: (start: number, end: number) => void,
): void {
  let first = -1;
  let last = -1;
  for (let at = start; at < end; at += 4 + readInt32(block, at)) {
    const familyAt = at + 14 + (((block[at + 12] ?? 0) << 8) | (block[at + 13] ?? 0));
    if (!isFamily(block, familyAt, family)) {
      if (first >= 0) break;
      continue;
    }
    if (first < 0) first = at;
    last = at + 4 + readInt32(block, at);
  }
  if (first >= 0) found(first, last);
}

function isFamily(block: Uint8Array, at: number, family: Buffer): boolean {
  if (block[at] !== family.length) return false;
  for (let i = 0; i < family.length; i += 1) if (block[at + 1 + i] !== family[i]) return false;
  return true;
}
