// The plan of a read as the worker keeps it: what all splits have in common once, as JSON, and each split in three words, so that
// thousands of splits of a table with many columns stay small.
//
//   split = start SP stop SP way        keys in hex; '' as the stop = to the last row
import type { SourceColumn } from '../mapping/column-name.ts';
import { SyncError } from '../../../src/core/errors.ts';
import type { IncrementWay } from '../source/increments.ts';
import type { KeyRange } from '../client/key-range.ts';

export interface SharedPlan {
  readonly table: string;
  /** The mapping's `sourceFiled`, by field, and the columns they mean; null = the row key, or no column at all. */
  readonly sources: readonly string[];
  readonly columns: readonly (SourceColumn | null)[];
  /** The table's families: a bare name must not turn up in another one. */
  readonly families: readonly string[];
  /** The names were not looked up, because the table was empty: a row here is a contradiction. */
  readonly guessed: boolean;
  /** Names the columns to the server instead of reading whole rows. */
  readonly narrow: boolean;
  /** Some cells lie ahead of all clocks: an increment reads their rows, too, until they lie behind. */
  readonly ahead: boolean;
  /** Rows of the target may be gone since before an increment's window: it follows every marker, as a full read does. */
  readonly earlierDeletes: boolean;
  /** Rows that their limit condition does not let pass are told to the target as gone. */
  readonly removesRefused: boolean;
  /** Fields whose column no sampled row had, by index: a full read says which of them it met nowhere. */
  readonly unseen: readonly number[];
}

export interface HBaseSplit {
  readonly range: KeyRange;
  /** How an increment by cell timestamp is read here. */
  readonly way: IncrementWay;
}

export function writeShared(shared: SharedPlan): string {
  return JSON.stringify(shared);
}

/** @throws SyncError PLAN_LOST when it is not what writeShared wrote */
export function readShared(text: string): SharedPlan {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch (cause) {
    throw lost('what its splits have in common', cause);
  }
  if (typeof read === 'object' && read !== null && 'columns' in read && Array.isArray(read.columns))
    return read as SharedPlan;
  throw lost('what its splits have in common');
}

export function writeSplit({ range: { start, stop }, way }: HBaseSplit): string {
  return `${start.toString('hex')} ${stop.toString('hex')} ${way}`;
}

/** @throws SyncError PLAN_LOST when it is not what writeSplit wrote */
export function readSplit(text: string): HBaseSplit {
  const [, start, stop, way] = /^((?:[\da-f]{2})*) ((?:[\da-f]{2})*) (keys|all)$/.exec(text) ?? [];
  if (start === undefined || stop === undefined) throw lost(`its split '${text.slice(0, 100)}'`);
  const range = { start: Buffer.from(start, 'hex'), stop: Buffer.from(stop, 'hex') };
  return { range, way: way === 'all' ? 'all' : 'keys' };
}

function lost(what: string, cause?: unknown): SyncError {
  return new SyncError('PLAN_LOST', {
    message: `reading the plan: ${what} is none of an HBase source`,
    cause,
  });
}
