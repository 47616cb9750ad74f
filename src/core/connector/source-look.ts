// Looking into a source before a job exists: what the wizard shows. Bounded in time and rows; nothing is written.
import type { ConnectorConfig } from './config-def.ts';
import type { Text } from '../text.ts';

/** All methods throw the source's own errors: not there (…_UNREACHABLE, within seconds), refused, NOT_FOUND for an unknown table. */
export interface SourceLook {
  listNamespaces(): Promise<readonly string[]>;
  /** Names without the namespace; null: of the source's own (TablePlace). */
  listTables(namespace: string | null): Promise<readonly string[]>;
  listParts(table: TablePlace): Promise<PartsLook>;
  /** Columns of the sampled rows, with what their values seem to be. */
  sampleColumns(table: TablePlace, rows: number): Promise<ColumnsLook>;
  sampleRows(table: TablePlace, rows: number): Promise<readonly RowLook[]>;
  /** Converts sampled rows by the configuration's mapping, and explains each value that does not fit. */
  testMapping(config: ConnectorConfig, rows: number): Promise<MappingLook>;
  close(): Promise<void>;
}

export interface TablePlace {
  /**
   * What tables of a source stand in: a schema, a database. null: where the source looks for a table that is named without one;
   * one that has no such place throws BAD_INPUT.
   */
  readonly namespace: string | null;
  readonly table: string;
}

/** The ranges of keys that the source itself keeps a table in; a table that it keeps as a whole is one. */
export interface PartsLook {
  readonly total: number;
  /** The first of them, in key order. */
  readonly parts: readonly PartLook[];
}

export interface PartLook {
  /** Printable; '' = from the first row, to the last. */
  readonly startKey: string;
  readonly endKey: string;
  /** host:port; null: it is on no server right now. */
  readonly server: string | null;
  /** Files and memory in whole MB as the server tells; null: it tells nothing. */
  readonly sizeMegabytes: number | null;
}

export interface ColumnsLook {
  readonly sampledRows: number;
  /** The sample is the whole table. */
  readonly whole: boolean;
  readonly key: ValueGuess;
  readonly columns: readonly ColumnLook[];
}

export interface ColumnLook {
  /** As a mapping names it, printable. */
  readonly column: string;
  /** Share of sampled rows that have it, 0 to 1. */
  readonly coverage: number;
  readonly guess: ValueGuess;
}

/** Never more than a guess from a sample: eight digits are eight bytes, too. */
export interface ValueGuess {
  readonly guessed: true;
  readonly sure: 'likely' | 'open';
  readonly encoding: string;
  /** Absent: UTF-8, or no text. */
  readonly charset?: string;
  readonly fieldType: string;
  readonly reason: Text;
  readonly example: string;
  /** Other ways to read all sampled values, the likelier first. */
  readonly alternatives: readonly Reading[];
}

export interface Reading {
  readonly encoding: string;
  /** Absent: UTF-8, or no text. */
  readonly charset?: string;
  readonly fieldType: string;
  /** How the first sampled value reads that way. */
  readonly example: string;
}

export interface RowLook {
  /** Printable. */
  readonly key: string;
  readonly cells: readonly CellLook[];
}

export interface CellLook {
  readonly column: string;
  /** When it was written, ms; null: the source does not say. */
  readonly timestamp: number | null;
  /** Printable, cut. */
  readonly value: string;
  readonly bytes: number;
}

export interface MappingLook {
  /** What is wrong with the mapping itself; then there are no rows. */
  readonly problems: readonly string[];
  readonly notes: readonly Text[];
  readonly rows: readonly MappedRowLook[];
}

export interface MappedRowLook {
  readonly key: string;
  /** `dirty`: it would be refused; `filtered`: rightly not sent. */
  readonly outcome: 'row' | 'dirty' | 'filtered';
  /** By target field; null = NULL, or the value did not fit. */
  readonly values: Readonly<Record<string, string | null>>;
  readonly errors: readonly MappingError[];
}

export interface MappingError {
  readonly field: string;
  readonly column: string;
  readonly bytesHex: string;
  readonly expected: string;
  readonly reason: string;
  readonly hint: Text;
}
