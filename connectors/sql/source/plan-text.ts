// The plan of a read as the worker keeps it: what all splits have in common as JSON, and each split as one of an array of bounds.
//
//   split = JSON of [ from, until ]     each null, or the values of the key's columns at the bound: text, of bytes in hex
import { SyncError } from '../../../src/core/errors.ts';

export interface SharedPlan {
  /** What the table was when it was planned (FoundTable.version, and the columns that are read). */
  readonly version: string;
  /** Columns by which ranges are bounded. */
  readonly bounds: readonly string[];
  /** Columns of the rows' key. */
  readonly key: readonly string[];
  /** A full read ends at the window's end, too: rows without a key would else come again with the next increment. */
  readonly bounded: boolean;
  /** Reading begins when all that was open then (µs, the server's clock) has ended, or `lagMs` later; null: at once. */
  readonly settledFrom: number | null;
  readonly lagMs: number;
}

export type Bound = readonly string[] | null;

export interface KeyRange {
  /** Inclusive. */
  readonly from: Bound;
  /** Exclusive. */
  readonly until: Bound;
}

export const wholeTable: KeyRange = { from: null, until: null };

export function writeShared(shared: SharedPlan): string {
  return JSON.stringify(shared);
}

/** @throws SyncError PLAN_LOST when it is not what writeShared wrote */
export function readShared(text: string): SharedPlan {
  const read = parse(text);
  if (typeof read === 'object' && read !== null && 'bounds' in read && 'version' in read)
    return read as SharedPlan;
  throw lost();
}

export function writeSplit({ from, until }: KeyRange): string {
  return JSON.stringify([from, until]);
}

/** @throws SyncError PLAN_LOST when it is not what writeSplit wrote */
export function readSplit(text: string): KeyRange {
  const read = parse(text);
  if (!Array.isArray(read) || read.length !== 2) throw lost();
  const [from, until] = read as [Bound, Bound];
  return { from, until };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function lost(): SyncError {
  return new SyncError('PLAN_LOST', { message: 'reading the plan: it is none of an SQL source' });
}
