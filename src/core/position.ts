// A place in a source's changes, as the source itself writes it: a time, a number, both, a place in a log. Everybody else keeps the text
// and compares it for equality; only the source knows which of two positions comes first.
import { SyncError } from './errors.ts';

/** Printable, of at most 255 characters, without blanks at its ends. */
export type Position = string;

/** Does the first position come before the second? */
export type IsBefore = (a: Position, b: Position) => boolean;

/** Stands before every position: of rows that came from a source without positions. No source writes it. */
export const BEGINNING: Position = '(beginning)';

/** What a source says of its positions; its configuration decides what they are. */
export interface Positions {
  /**
   * The position that a user wrote, as the source writes it. `now`: ms since 1970. Throws BAD_INPUT with what is to be written, also for a
   * position that the source can't have reached: runs would read nothing and call it proved. The caller names the field.
   */
  read(text: string, now: number): Position;
  /** `pkuse.lastincrementvalue`, the value that was read last, as the position to begin at. Absent: it is written as a position. */
  readLastValue?(text: string): Position;
  /** Below 0: the first comes before the second; 0: they are one. */
  compare(a: Position, b: Position): number;
}

/** What `read` gives; its complaint names `field`. */
export function readPositionOf(field: string, read: () => Position): Position {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof SyncError) || error.code !== 'BAD_INPUT') throw error;
    throw new SyncError('BAD_INPUT', { message: `reading ${field}: ${error.message}`, field, cause: error });
  }
}

const longest = 255;

/** Any other text the ledger could not give back as it was. */
export function isPosition(value: unknown): value is Position {
  if (typeof value !== 'string' || value.length === 0 || value.length > longest) return false;
  return value === value.trim() && !/\p{Cc}/u.test(value);
}

/** Throws PLUGIN_FAULT naming the connector that gave it. */
export function requirePosition(position: Position, of: string): void {
  if (isPosition(position)) return;
  throw new SyncError('PLUGIN_FAULT', {
    message: `reading a position of ${of}: ${JSON.stringify(position)} is none; a position is printable text of 1 to ${longest} characters, without blanks at its ends`,
  });
}
