// What a database gives so that its tables can be read: one session at a time, its own words for names and values, and what it can tell
// of its tables, its clock and its transactions. Everything else (which rows, which ranges, what is promised) is decided in this folder.
import type { Refuse } from '../../../src/core/connector/config.ts';
import type { FieldType } from '../../../src/core/connector/field-type.ts';
import type { Text } from '../../../src/core/text.ts';
import type { RowWriter, ValueForm } from './row-writer.ts';

/** The values of the connection's keys, as the user wrote them. */
export interface ConnectionValues {
  readonly url: string;
  readonly user: string;
  readonly password: string;
  /** PEM; null: those that Node trusts. */
  readonly ca: string | null;
}

export interface SqlDialect {
  /** For messages: `MySQL or MariaDB`. */
  readonly name: string;
  /** Is such a URL one of its own? */
  reads(url: string): boolean;
  /** Without I/O; says what is wrong with `refuse`. null: it did. */
  locate(values: ConnectionValues, refuse: Refuse): SqlServer | null;
}

/** Where rows are read from. */
export interface SqlServer {
  readonly dialect: string;
  /** `host:port`, or the file: for messages, and what tells one server from another. */
  readonly address: string;
  /** That are dialled. */
  readonly hosts: readonly string[];
  /** The database of the connection; null: the URL names none. */
  readonly database: string | null;
  /** Where tables are looked for that are named without one; null: they must be named with it. */
  readonly namespace: string | null;
  /** Sessions that can read side by side. */
  readonly mostSessions: number;
  /** Options that were read over, each with the reason. */
  readonly notes: readonly Text[];
  readonly zeroDates: 'dirty' | 'null';
  /** Why a query is not given to it; null: it may be. Absent: the server's own rights decide. */
  readonly refuseQuery?: (sql: string) => string | null;
  /** Throws SOURCE_UNREACHABLE, SOURCE_DENIED. */
  open(signal: AbortSignal): Promise<SourceSession>;
}

export type ReadPlace =
  | { readonly kind: 'table'; readonly namespace: string; readonly table: string }
  | { readonly kind: 'query'; readonly sql: string };

/** How values of a column are ordered by the server, and written in its SQL. */
export type Order = 'number' | 'text' | 'bytes' | 'uuid' | 'time' | 'other';

export interface SourceColumn {
  readonly name: string;
  /** As the server writes it. */
  readonly declared: string;
  readonly nullable: boolean;
  readonly order: Order;
  /** string: why it can't be read. */
  readonly type: FieldType | string;
  readonly form: ValueForm;
  /** The expression that is selected, for a quoted name. */
  readonly read: (quoted: string) => string;
  /** The expression whose text bounds a range at a value, for a quoted name; it is NULL for a value that can bound none. */
  readonly bound: (quoted: string) => string;
  /** Of a time without zone: it is compared as local time. */
  readonly local: boolean;
  /** Different texts may be one key to the server. */
  readonly folds: boolean;
}

export interface FoundTable {
  readonly columns: readonly SourceColumn[];
  /** Columns of the primary key, or of a unique one without NULL; empty: there is none. */
  readonly key: readonly string[];
  /** `table`, `view`, …: as the server calls it. */
  readonly kind: string;
  /** null: the server has no idea. */
  readonly estimatedRows: number | null;
  /** Changes when the table is altered or replaced by another one of its name; null: the server does not tell. */
  readonly version: string | null;
  readonly notes: readonly Text[];
  readonly doubts: readonly Text[];
  /** Columns whose numbers are not given out in order, each with why: a smaller one may come after a greater one was read. */
  readonly disordered?: ReadonlyMap<string, Text>;
}

/** What is known of transactions that are open on the server. */
export type OpenTransactions =
  /** `oldest`: since when the oldest that may have changed something is open, by the server's clock, µs; null: there is none. */
  | { readonly kind: 'known'; readonly oldest: number | null }
  /** One is open of which the server does not tell since when: it may be older than all others. `which`: what it is, for people. */
  | { readonly kind: 'undated'; readonly which: Text }
  | { readonly kind: 'unknown'; readonly reason: Text };

/** A zone in which the server stamps times that have none. */
export interface ServerZone {
  readonly name: string;
  /** Now, seconds east of UTC. */
  readonly offset: number;
  /** Whose sessions have it; null: all that set none. */
  readonly of: string | null;
}

export interface SqlWords {
  quote(name: string): string;
  /** A value in SQL: `text` as this dialect reads such values back, bytes in hex. */
  literal(text: string, order: Order): string;
  /** What a column's `bound` gave, as a value again. */
  bound(text: string, order: Order): string;
  /** Bytes as hex text, to be read back. */
  hex(expression: string): string;
  /** The text's own bytes, to be ordered by. */
  binary(expression: string): string;
  /** What is compared of a column of that order: itself, where its values are written in one way only. */
  ordered(quoted: string, order: Order): string;
  /** An instant, µs since the epoch, for a column that has a zone. */
  instant(micros: number): string;
  from(place: ReadPlace): string;
}

export interface RowReading {
  readonly writer: RowWriter;
  /** Of the selected columns. */
  readonly forms: readonly ValueForm[];
  readonly drained: () => Promise<void>;
}

export interface SourceSession {
  readonly words: SqlWords;
  /** Few rows, as text. */
  read(sql: string): Promise<readonly (readonly (string | null)[])[]>;
  /** null: there is no such table, or it may not be seen. */
  describe(place: ReadPlace): Promise<FoundTable | null>;
  /** Rows that a condition will find, as the server guesses; null: it has no idea. */
  estimate(sql: string): Promise<number | null>;
  /** The server's own clock, µs since the epoch; of a replica, how far it has come. */
  now(): Promise<{ readonly micros: number; readonly notes: readonly Text[] }>;
  /** Of sessions that set none themselves; this one reads in UTC. Empty: it can't be told. */
  zones(): Promise<readonly ServerZone[]>;
  openTransactions(): Promise<OpenTransactions>;
  /**
   * Begins a transaction that only reads, of one view of the data. `of`: what another session's said of its view; undefined: a view of its
   * own. Gives back what others may join by; null: this server's views can't be shared, or this one is another one than `of`.
   */
  beginView(of?: string): Promise<string | null>;
  endView(): Promise<void>;
  /** Keeps the table's columns from being changed until the view ends, where the server can do that. */
  holdTable(place: ReadPlace): Promise<void>;
  /** Every row of the statement to the writer, in bounded memory: it waits for `drained` now and then. */
  stream(sql: string, reading: RowReading): Promise<void>;
  listNamespaces(): Promise<readonly string[]>;
  listTables(namespace: string): Promise<readonly string[]>;
  close(): void;
}
