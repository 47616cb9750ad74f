// The headers of a data record: the contract's four, and Syncline's own. All values are utf-8 text.
import type { Followed } from '../deletes.ts';
import type { RowSchema } from '../connector/field-type.ts';
import type { Position } from '../position.ts';
import type { Text } from '../text.ts';

export const HEADER = {
  taskId: 'taskId',
  predictedTotal: 'predictedTotal',
  /** Index of the record in the run, from 1. Encoded last, so that all before it is one constant copy. */
  currentIndex: 'currentIndex',
  /** `true` on the record that ends the run, `false` on all others. */
  isEnd: 'isEnd',
  /** `n.attempt`: which split, and which reading of it. */
  split: 'split',
  /** `begin`, `end` or `keys` on control records; absent on rows. */
  control: 'syncline.control',
  /** Present on a row that could not be converted; its value is the reason. The record's value is JSON, see DirtyRow. */
  dirty: 'syncline.dirty',
  /**
   * Present on a tombstone (key, null value): the row is gone in the source. Its value is that row in the row format, base64, with
   * the key's fields only, all others NULL.
   */
  deleted: 'syncline.deleted',
} as const;

/** Key of every control record: of its own, so that compaction and keyed readers keep them apart from rows. */
export const CONTROL_KEY = 'syncline.control';

/** Value of a BEGIN record (JSON): opens one attempt at one split. */
export interface BeginControl {
  readonly plan: string;
  readonly from: Position | null;
  readonly to: Position | null;
  /** How many splits the plan has. */
  readonly splits: number;
  readonly partitions: number;
  readonly split: number;
  readonly attempt: string;
  readonly format: ValueFormat;
  readonly schema: RowSchema;
  readonly predictedTotal: string;
  /** The plan's; null: deletes are not followed. */
  readonly follows: Followed | null;
  /** The plan's; null: it can't be told. */
  readonly sourceMark: string | null;
  /** The plan's, SourcePlan.doubts. */
  readonly doubts: readonly Text[];
}

/**
 * Value of an END record (JSON): closes the attempt; read = filtered + emitted, emitted = rows + dirty rows + tombstones sent. `nulled`
 * counts cells, not rows.
 */
export interface EndControl {
  readonly plan: string;
  readonly split: number;
  readonly attempt: string;
  readonly read: number;
  readonly filtered: number;
  readonly emitted: number;
  readonly nulled: number;
  /** Found while the split was read. */
  readonly doubts: readonly Text[];
}

/**
 * First line of a KEYS record's value (JSON); the keys follow, in the row format, each with LF. They are all keys that the source
 * has in [from, until), ascending by their bytes: any other key of the target in there is to go.
 */
export interface KeysControl {
  readonly split: number;
  readonly attempt: string;
  /** A key as row-key.ts writes it; null: no bound. */
  readonly from: string | null;
  readonly until: string | null;
  readonly keys: number;
}

/** How a row's value is written in the log: `row` = row-format.ts, `json` = Connect's JSON envelope, `json-plain` = without schema. */
export type ValueFormat = 'row' | 'json' | 'json-plain';

/** A row the source could not convert: value of a record with the `dirty` header (JSON). */
export interface DirtyRow {
  /** Row key, printable (`\xHH` for bytes outside ASCII). */
  readonly key: string;
  readonly field: string;
  readonly reason: string;
  /** The offending bytes in hex, cut to 256 bytes. */
  readonly bytesHex: string;
}
