// What a target tells of a table, and does to it, while it is made fit for a run's rows.
import type { Field, RowSchema } from '../../../src/core/connector/field-type.ts';
import type { Column, Fit, KeyColumn, TableShape } from './table-shape.ts';

type ColumnOf<T extends TableShape<Column>> = T['columns'][number];
type KeyOf<T extends TableShape<Column>> = T['uniqueKeys'][number];

/** The table of one configuration, on one session. */
export interface TableAccess<T extends TableShape<Column>> {
  /** `schema.table`, for messages. */
  readonly name: string;
  /** Quoted and qualified. */
  readonly table: string;
  readonly maxNameBytes: number;
  /** null: there is no such table. Throws TARGET_SCHEMA for what is no plain table. */
  describe(): Promise<T | null>;
  /** The statement that makes it, where another one may make it at the same time. Throws TARGET_SCHEMA. */
  createSql(rows: { readonly schema: RowSchema; readonly key: readonly string[] }): Promise<string>;
  /** Runs DDL. */
  run(sql: string): Promise<void>;
  /** null: the column does not keep such values. */
  readonly fits: (field: Field, column: ColumnOf<T>) => Fit | null;
  /** The type that would, as it is declared. */
  readonly typeOf: (field: Field) => string;
  /** `ADD UNIQUE …` of those columns, for messages. */
  readonly addUnique: (columns: readonly string[]) => string;
  /** Are keys compared in a column that `createSql` makes for the field? Absent: they are. */
  readonly comparesMade?: (field: Field) => boolean;
  /** Columns of a key may be declared so that they can be NULL: rows with NULL in the key are refused when they are written. */
  readonly refusesNullKeys?: boolean;
  /** `keys`: those of the table that are of just the key's columns. Throws TARGET_SCHEMA where rows are not found again by the column. */
  readonly keyColumn: (
    field: Field,
    column: ColumnOf<T>,
    table: { readonly shape: T; readonly keys: readonly KeyOf<T>[] },
  ) => KeyColumn;
}
