// The words of MySQL and MariaDB, and their ledger tables.
import { quoteIdentifier } from '../../src/core/connector/sql-identifier.ts';
import type { SqlDialect } from '../sql/target/dialect.ts';
import type { LedgerTables } from '../sql/target/sql-target.ts';
import type { MysqlSession } from './session/session.ts';

export const dialect: SqlDialect = {
  quote: quoteIdentifier,
  parameter: () => '?',
  // The protocol counts them in 16 bits.
  maxParameters: 65_535,
  sharedLock: ' LOCK IN SHARE MODE',
  exclusiveLock: ' FOR UPDATE',
  same: '<=>',
  keepExisting: 'ON DUPLICATE KEY UPDATE job = job',
};

export const ledgerTables: LedgerTables<MysqlSession> = {
  present: async (session, { schema }) => {
    const rows = await session.read(
      'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = ?',
      [schema],
    );
    return rows.map((row) => String(row['name']));
  },
  columns: async (session) => ({
    key: `VARCHAR(255) CHARACTER SET utf8mb4 COLLATE ${await exactCollation(session)}`,
    text: 'LONGTEXT CHARACTER SET utf8mb4',
    integer: 'BIGINT',
    createdAt: 'DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP',
  }),
  attributes: 'ENGINE=InnoDB',
};

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
