// The ledger in an SQLite file: its tables, and the dialect of the statements in src/core/ledger/sql-rows.ts.
import { declareLedgerTables, ledgerTables, type LedgerSession } from '../../src/core/ledger/sql-session.ts';
import { quoteIdentifier } from '../../src/core/connector/sql-identifier.ts';
import type { SqlDialect } from '../sql/target/dialect.ts';
import type { SqliteDatabase } from './database.ts';

/** A transaction has the whole file's write lock from its beginning: rows need no locks of their own. */
export const dialect: SqlDialect = {
  quote: quoteIdentifier,
  parameter: () => '?',
  sharedLock: '',
  exclusiveLock: '',
  same: 'IS',
  keepExisting: 'ON CONFLICT DO NOTHING',
};

export function ledgerSession(database: SqliteDatabase): LedgerSession {
  const bind = (values: readonly (string | number | null)[]): (string | bigint | null)[] =>
    values.map((value) => (typeof value === 'number' ? BigInt(value) : value));
  return {
    dialect,
    table: quoteIdentifier,
    read: (sql, values) => Promise.resolve(database.all(sql, bind(values))),
    write: (sql, values) => Promise.resolve(database.run(sql, bind(values))),
  };
}

export function hasLedger(database: SqliteDatabase): boolean {
  const sql = "SELECT 1 AS found FROM sqlite_schema WHERE type = 'table' AND name = 'syncline_job'";
  return database.all(sql).length > 0;
}

export function createLedgerTables(database: SqliteDatabase): void {
  const declared = declareLedgerTables({
    key: 'TEXT',
    text: 'TEXT',
    integer: 'INTEGER',
    createdAt: 'TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP',
  });
  for (const table of ledgerTables)
    database.run(`CREATE TABLE IF NOT EXISTS ${quoteIdentifier(table)} (${declared[table]}) STRICT`);
}
