// What an SQL target is, for the parts that all of them share: a store, a ledger, a connection test.
import type { EverySink } from '../../../src/core/connector/every-sink.ts';
import type { RejectedRow, RowBatch } from '../../../src/core/connector/sink-store.ts';
import type { TableSinkConfig } from '../../../src/core/connector/table-sink-config.ts';
import type { Text } from '../../../src/core/text.ts';
import type { LedgerColumns } from '../../../src/core/ledger/sql-session.ts';
import type { TableAside } from './aside/aside-ways.ts';
import type { SqlDialect } from './dialect.ts';
import type { SqlSession } from './session.ts';
import type { PreparedTable } from './prepare-table.ts';
import type { TableAccess } from './table-access.ts';
import type { Column, TableShape, WritePlan } from './table-shape.ts';

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

/** How rows go into a table that was looked at. Everything runs in the open transaction of the session. */
export interface TableWriter<S extends SqlSession> {
  readonly plan: WritePlan;
  /** For the report: how rows are written. */
  readonly notes: readonly Text[];
  /** The rows that are not among the refused are written; other failures are thrown. */
  writeRows(session: S, batch: RowBatch): Promise<readonly RejectedRow[]>;
  /** Removes rows by their keys. A key that the table can't hold is not there. Throws TARGET_SCHEMA when rows have no key. */
  deleteRows(session: S, batch: RowBatch): Promise<void>;
}

/** How the tables of the ledger are found and made. */
export interface LedgerTables<S extends SqlSession> {
  /** Names of the tables that stand in the schema. */
  present(session: S, schema: string | null): Promise<readonly string[]>;
  columns(session: S): Promise<LedgerColumns>;
  /** Behind the columns of a CREATE TABLE. */
  readonly attributes: string;
}

export interface SqlTarget<C extends SqlSinkConfig, S extends SqlSession, T extends TableShape<Column>> {
  readonly dialect: SqlDialect;
  readonly ledgerTables: LedgerTables<S>;
  /** `signal`: of the sink's task; without it, for the executor. */
  connect(config: C, signal?: AbortSignal): SqlConnections<S>;
  /** The one name that the target table has in the ledger. */
  nameInLedger(session: S, config: C): string;
  tableAccess(session: S, config: C): TableAccess<T>;
  /** The fastest way that stores every value unchanged. */
  chooseWriter(session: S, config: C, prepared: PreparedTable<T>): Promise<TableWriter<S>>;
  readonly aside: TableAside<S>;
  /** As SinkTransaction has it. */
  markTable(session: S, config: C): Promise<string>;
}
