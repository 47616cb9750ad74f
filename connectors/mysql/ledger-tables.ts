// The ledger in MySQL and MariaDB: its tables, and the dialect of the statements in src/core/ledger/sql-rows.ts.
import {
  declareLedgerTables,
  ledgerTables,
  type LedgerTable,
  type LedgerSession,
} from '../../src/core/ledger/sql-session.ts';
import { quoteIdentifier } from '../../src/core/connector/sql-identifier.ts';
import type { SqlDialect } from '../sql/target/dialect.ts';
import type { MysqlSession } from './session/session.ts';

export const dialect: SqlDialect = {
  quote: quoteIdentifier,
  parameter: () => '?',
  sharedLock: ' LOCK IN SHARE MODE',
  exclusiveLock: ' FOR UPDATE',
  same: '<=>',
  keepExisting: 'ON DUPLICATE KEY UPDATE job = job',
};

/** Numbers are bound as text: as numbers they would go as DOUBLE. */
export function ledgerSession(session: MysqlSession, database: string): LedgerSession {
  const bind = (values: readonly (string | number | null)[]): (string | null)[] =>
    values.map((value) => (typeof value === 'number' ? String(value) : value));
  return {
    dialect,
    table: (name) => `${quoteIdentifier(database)}.${quoteIdentifier(name)}`,
    read: (sql, values) => session.read(sql, bind(values)),
    write: async (sql, values) => (await session.write(sql, bind(values))).affected,
  };
}

export async function missingLedgerTables(
  session: MysqlSession,
  database: string,
): Promise<readonly LedgerTable[]> {
  const rows = await session.read(
    'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = ?',
    [database],
  );
  const present = new Set(rows.map((row) => String(row['name'])));
  return ledgerTables.filter((table) => !present.has(table));
}

/** Creates what is missing; looks first, because CREATE … IF NOT EXISTS needs the right even when nothing is missing. */
export async function createLedgerTables(session: MysqlSession, database: string): Promise<void> {
  const missing = await missingLedgerTables(session, database);
  if (missing.length === 0) return;
  const collation = await exactCollation(session);
  const declared = declareLedgerTables({
    key: `VARCHAR(255) CHARACTER SET utf8mb4 COLLATE ${collation}`,
    text: 'LONGTEXT CHARACTER SET utf8mb4',
    integer: 'BIGINT',
    createdAt: 'DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP',
  });
  for (const table of missing)
    await session.command(
      `CREATE TABLE IF NOT EXISTS ${quoteIdentifier(database)}.${quoteIdentifier(table)} (${declared[table]}) ENGINE=InnoDB`,
    );
}

const exactCollations = ['utf8mb4_nopad_bin', 'utf8mb4_0900_bin', 'utf8mb4_bin'];

/** The server's best collation under which different texts are different keys: MariaDB's, MySQL 8's, else one that pads. */
export async function exactCollation(session: MysqlSession): Promise<string> {
  const rows = await session.read(
    `SELECT collation_name AS name FROM information_schema.collations WHERE collation_name IN (?, ?, ?)`,
    exactCollations,
  );
  const present = new Set(rows.map((row) => String(row['name'])));
  return exactCollations.find((name) => present.has(name)) ?? 'utf8mb4_bin';
}
