// What an SQL target is: as its author writes it (SqlTargetDefinition), and with all that was left out, for the parts that all of them
// share: a store, a ledger, a connection test (SqlTarget).
import type { Finding } from '../../../src/core/connector/check-steps.ts';
import type { Config } from '../../../src/core/connector/config.ts';
import type { SinkDefinition } from '../../../src/core/connector/define.ts';
import type { EverySink } from '../../../src/core/connector/every-sink.ts';
import type { Field } from '../../../src/core/connector/field-type.ts';
import type { RefusedRow, RowBatch } from '../../../src/core/connector/sink-store.ts';
import type { TableSinkConfig } from '../../../src/core/connector/table-sink-config.ts';
import type { Text } from '../../../src/core/text.ts';
import type { LedgerColumns } from '../../../src/core/ledger/sql-session.ts';
import type { TableAside } from './aside/aside-ways.ts';
import type { NewTable } from './create-table.ts';
import type { SqlDialect } from './dialect.ts';
import type { SqlSession } from './session.ts';
import type { SessionKeeper } from '../connection/session-keeper.ts';
import type { SessionHolder } from './session-holder.ts';
import type { PreparedTable } from './prepare-table.ts';
import type { TableAccess } from './table-access.ts';
import type { Column, Fit, TableShape, WritePlan } from './table-shape.ts';

/** What `readTableSink` makes of the table's keys, and where the table stands. */
export interface OwnSqlConfig extends Omit<TableSinkConfig, 'database'> {
  /** Where the target table stands, and the ledger beside it: a schema, or a database of MySQL; null: the target has none. */
  readonly schema: string | null;
}

export type SqlSinkConfig = OwnSqlConfig & EverySink;

/** How rows go into a table that was looked at. Everything runs in the open transaction of the session. */
export interface TableWriter<S extends SqlSession> {
  readonly plan: WritePlan;
  /** For the report: how rows are written. */
  readonly notes: readonly Text[];
  /** The rows that are not among the refused are written; other failures are thrown. */
  writeRows(session: S, batch: RowBatch): Promise<readonly RefusedRow[]>;
  /** Removes rows by their keys. A key that the table can't hold is not there. Throws TARGET_SCHEMA when rows have no key. */
  deleteRows(session: S, batch: RowBatch): Promise<void>;
}

/** How the tables of the ledger are found and made. */
export interface LedgerTables<S extends SqlSession> {
  /** Names of the tables that stand beside the target's. */
  present(session: S, config: SqlSinkConfig): Promise<readonly string[]>;
  columns(session: S): Promise<LedgerColumns> | LedgerColumns;
  /** Behind the columns of a CREATE TABLE. */
  readonly attributes: string;
}

/** What a target tells of itself; what is absent is not asked. */
export interface TargetChecks<C extends SqlSinkConfig, S extends SqlSession> {
  /** What else the configuration means. */
  notes?(config: C): readonly Text[];
  /** Looked up before anything dials it. */
  hostOf?(config: C): string;
  /** Connects and logs in; says who to, as whom and over what. Absent: a session is opened. */
  readonly logIn?: (config: C, signal: AbortSignal) => Promise<Finding<S>>;
  /** SELECT … AS now_ms: the server's clock in ms. */
  readonly clockSql?: string;
  /** Throws TARGET_DENIED, with the GRANT, when the user may not make tables in the schema, TARGET_SCHEMA when it is missing. `what`: those that would be made. */
  requireCreate?(session: S, config: C, what: string): Promise<void>;
  /** Throws TARGET_DENIED. Absent: the statements of a run are tried by EXPLAIN, which runs none of them. */
  readonly rights?: (session: S, config: C) => Promise<Finding<null>>;
  /** As whom the session acts. */
  accountOf?(session: S): string;
}

type Own = Pick<
  SinkDefinition<never>,
  'className' | 'aliases' | 'version' | 'hosts' | 'answerWithinMs' | 'batchRows'
>;

/** A table of the target: its own, or one of the ledger's. */
export type TablePlace = Pick<OwnSqlConfig, 'schema' | 'table' | 'insertMode'>;

/** The configuration, as its author reads it, with what the worker needs of every sink. */
type Whole<O extends OwnSqlConfig> = O & EverySink;

/** What is needed, and below it what may be said besides. */
export interface SqlTargetDefinition<
  O extends OwnSqlConfig,
  S extends SqlSession,
  T extends TableShape<Column>,
> extends Own {
  /** With `...tableSinkKeys`, of which `readTableSink` makes what is needed here. */
  readonly config: Config<O>;
  /** What tells the target table from all others, e.g. host, port, database, table; no secrets. A change demands a full run. */
  place(config: Whole<O>): readonly (string | number | null)[];
  readonly dialect: SqlDialect;
  /** Types of the ledger's columns, and what stands behind them in a CREATE TABLE. */
  readonly ledgerTables: Pick<LedgerTables<S>, 'columns' | 'attributes'> & Partial<LedgerTables<S>>;
  /** Opens a session and logs in. `signal`: of the sink's task; absent: for the executor. Throws TARGET_UNREACHABLE, TARGET_LOGIN. */
  connect(config: Whole<O>, signal?: AbortSignal): Promise<S>;
  /** Sessions are kept between runs, for those with the same key; null: not for this configuration. Absent: for none. */
  readonly kept?: {
    readonly keeper: SessionKeeper<S>;
    keyOf(config: Whole<O>, signal: AbortSignal | undefined): string | null;
  };
  /** null: there is no such table. Throws TARGET_SCHEMA for what is no plain table. */
  describeTable(session: S, place: TablePlace): Promise<T | null>;
  /** The type that a column is given for the field; `inKey`: different values must stay different in it. */
  typeOf(field: Field, inKey: boolean): string;
  /** Are keys compared in a column of a key that has this type? Absent: they are. */
  comparesMade?(field: Field): boolean;
  /** The closed table of which column keeps which field's values; null: this one does not. */
  readonly fits: (field: Field, column: T['columns'][number]) => Fit | null;

  /** A session that makes and changes nothing. Absent: one of `connect`. */
  openToLook?(config: Whole<O>, signal?: AbortSignal): Promise<S>;
  /** A faster way to write and to remove rows; absent: statements of many rows, by `dialect.upsert` and `dialect.refusal`. */
  chooseWriter?(
    session: S,
    config: Whole<O>,
    prepared: PreparedTable<T>,
  ): Promise<Partial<TableWriter<S>>> | Partial<TableWriter<S>>;
  /** Absent: a column that `compares` 'bytes' or 'values', by its text. */
  keyColumn?(
    config: Whole<O>,
    ...key: Parameters<TableAccess<T>['keyColumn']>
  ): ReturnType<TableAccess<T>['keyColumn']>;
  /** The whole CREATE TABLE; absent: from `typeOf` and `tableAttributes`. */
  createTable?(session: S, config: Whole<O>, table: NewTable): Promise<string>;
  /** Behind the columns of a CREATE TABLE. */
  readonly tableAttributes?: string;
  readonly maxNameBytes?: number;
  /** `writeRows` refuses NULL in a key's column that may be NULL. Absent: such columns are refused. */
  readonly refusesNullKeys?: boolean;
  /** Absent: as it is configured. */
  nameInLedger?(session: S, config: Whole<O>): string;
  /** As SinkTransaction has it; absent: a table that was made anew is not told from the one before. */
  markTable?(session: S, config: Whole<O>): Promise<string>;
  /** How a table that is loaded beside the target takes its place (write.mode=0); absent: that is refused. */
  readonly aside?: TableAside<S>;
  readonly checks?: TargetChecks<Whole<O>, S>;
}

export interface SqlTarget<C extends SqlSinkConfig, S extends SqlSession, T extends TableShape<Column>> {
  readonly dialect: SqlDialect;
  readonly ledgerTables: LedgerTables<S>;
  /** The sessions of one ledger or store. `signal`: of the sink's task; without it, for the executor. */
  connect(config: C, signal?: AbortSignal): SessionHolder<S>;
  /** A session that only looks: nothing is made or changed. Absent: one of `connect`. */
  openToLook?(config: C, signal?: AbortSignal): Promise<S>;
  /** The one name that the target table has in the ledger. */
  nameInLedger(session: S, config: C): string;
  tableAccess(session: S, config: C): TableAccess<T>;
  /** The fastest way that stores every value unchanged. */
  chooseWriter(session: S, config: C, prepared: PreparedTable<T>): Promise<TableWriter<S>>;
  readonly aside: TableAside<S>;
  /** As SinkTransaction has it. */
  markTable?(session: S, config: C): Promise<string>;
}
