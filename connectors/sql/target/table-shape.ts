// What a target table looks like, as far as every SQL target tells it; each adds to the columns what its own table of fits asks.
import type { Field } from '../../../src/core/connector/field-type.ts';
import type { KeyOrder } from '../../../src/core/record/key-order.ts';
import type { Text } from '../../../src/core/text.ts';
import type { SqlValue } from './session.ts';
import type { ComparedColumn } from './unclaimed-keys.ts';
import type { FieldCheck, ValueCheck } from './value-checks.ts';

export interface Column {
  readonly name: string;
  /** As declared: `varchar(64)`. */
  readonly declared: string;
  readonly nullable: boolean;
  /** An INSERT may leave it out. */
  readonly optional: boolean;
  /** Computed by the server: it can't be written. */
  readonly generated: boolean;
  /**
   * As a key: `bytes`: compared, and kept in order, by the bytes of its text; `values`: different values are different, whatever their
   * order; absent: different values may be one. Not asked where the target says itself what a key column is.
   */
  readonly compares?: 'bytes' | 'values';
}

export interface UniqueKey {
  readonly name: string;
  /** Empty when the key is over an expression or a prefix, or does not hold for all rows. */
  readonly columns: readonly string[];
}

export interface TableShape<C extends Column, K extends UniqueKey = UniqueKey> {
  readonly columns: readonly C[];
  readonly primaryKey: readonly string[];
  /** With the primary key. */
  readonly uniqueKeys: readonly K[];
  /** What it does with rows besides storing them: then nobody can say that it holds what was written. */
  readonly doubts: readonly Text[];
  /** Other tables, triggers or histories lose or gain by it when a row is removed and written anew. */
  readonly hangsOn: boolean;
}

/** How a column keeps the values of a field. */
export interface Fit {
  /** What each value must pass before it is written. */
  readonly checks: readonly ValueCheck[];
  /** Why values may be stored changed all the same. */
  readonly doubts: readonly Text[];
}

/** A column of the key, as rows are found again by it. */
export interface KeyColumn {
  /** As it is compared. */
  readonly term: string;
  /** SQL of a value that it is compared with: `parameter` stands for the value, bound as text or as `bind` says. */
  readonly value: (parameter: string) => string;
  /** What is bound for a value; absent: its text, or its bytes. A number may be any double. */
  readonly bind?: (value: string | Buffer) => SqlValue;
  /** May a value be in the column? What is no number or time would be an error, or compared as one all the same. */
  readonly mayHold: (value: string | Buffer) => boolean;
  /** How keys of source and target are compared in it; null: it keeps the field's values in another order. */
  readonly compared: ComparedColumn | null;
  /** Why different keys may be one in it; null: they can't. */
  readonly merging: Text | null;
}

/** How a run's rows are written to a table. */
export interface WritePlan {
  /** `schema.table`, for messages. */
  readonly name: string;
  /** Quoted and qualified. */
  readonly table: string;
  readonly fields: readonly Field[];
  /** The table's columns in the order of the rows' fields. */
  readonly columns: readonly string[];
  /** Indexes of the key among the fields; empty: rows have no key. */
  readonly key: readonly number[];
  /** Their columns, in that order. */
  readonly keyColumns: readonly KeyColumn[];
  /** Of the rows' key; null: it can't be compared. */
  readonly keyOrder: KeyOrder | null;
  /** What values must pass before they are written. */
  readonly checks: readonly FieldCheck[];
  readonly insertMode: 'insert' | 'upsert' | 'update';
}
