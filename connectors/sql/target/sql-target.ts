// What an SQL target is, for the parts that all of them share: a store, a ledger, a connection test.
import type { EverySink } from '../../../src/core/connector/every-sink.ts';
import type { RowSchema } from '../../../src/core/connector/field-type.ts';
import type { ReadyTable, RejectedRow, RowBatch } from '../../../src/core/connector/sink-store.ts';
import type { TableSinkConfig } from '../../../src/core/connector/table-sink-config.ts';
import type { LedgerColumns } from '../../../src/core/ledger/sql-session.ts';
import type { SqlDialect } from './dialect.ts';
import type { SqlSession } from './session.ts';
import type { WritePlan } from './table-shape.ts';

export interface SqlSinkConfig extends Omit<TableSinkConfig, 'database'>, EverySink {
  /** Where the target table stands, and the ledger beside it: a schema, or a database of MySQL; null: the target has none. */
  readonly schema: string | null;
}

/** The connections of one ledger or store. */
export interface SqlConnections<S extends SqlSession> {
  /** COMMIT when `work` resolves, ROLLBACK or a dropped connection when it throws. */
  transaction<T>(work: (session: S) => Promise<T>): Promise<T>;
  close(): void;
}

/** A table that was looked at, and how this target writes to it. Everything runs in the open transaction of the session. */
export interface TableWriter<S extends SqlSession> {
  readonly ready: ReadyTable;
  readonly plan: WritePlan;
  /** Different keys of the source may be one in the table. */
  readonly mergesKeys: boolean;
  /** The rows that are not among the refused are written; other failures are thrown. */
  writeRows(session: S, batch: RowBatch): Promise<readonly RejectedRow[]>;
  /** Removes rows by their keys. A key that the table can't hold is not there. Throws TARGET_SCHEMA when rows have no key. */
  deleteRows(session: S, batch: RowBatch): Promise<void>;
  /** Removes rows by the bytes of their one key column. */
  deleteKeys(session: S, keys: readonly Buffer[]): Promise<void>;
}

/** How the tables of the ledger are found and made. */
export interface LedgerTables<S extends SqlSession> {
  /** Names of the tables that stand in the schema. */
  present(session: S, schema: string | null): Promise<readonly string[]>;
  columns(session: S): Promise<LedgerColumns>;
  /** Behind the columns of a CREATE TABLE. */
  readonly attributes: string;
}

export interface SqlTarget<C extends SqlSinkConfig, S extends SqlSession> {
  readonly dialect: SqlDialect;
  readonly ledgerTables: LedgerTables<S>;
  /** `signal`: of the sink's task; without it, for the executor. */
  connect(config: C, signal?: AbortSignal): SqlConnections<S>;
  /** The one name that the target table has in the ledger. */
  nameInLedger(session: S, config: C): string;
  /** Makes the table fit for the rows, or says why it is not. Throws TARGET_SCHEMA, TARGET_DENIED, KEYS_MAY_MERGE. */
  prepareTable(session: S, config: C, schema: RowSchema): Promise<TableWriter<S>>;
  /** As ReadyTable has it. */
  markTable(session: S, config: C): Promise<string>;
}
