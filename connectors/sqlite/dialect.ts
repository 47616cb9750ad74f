// SQLite's words, and its ledger tables.
import { quoteIdentifier } from '../../src/core/connector/sql-identifier.ts';
import type { SqlDialect } from '../sql/target/dialect.ts';
import type { LedgerTables } from '../sql/target/sql-target.ts';
import type { SqliteSession } from './session.ts';

/** A transaction has the whole file's write lock from its beginning: rows need no locks of their own. */
export const dialect: SqlDialect = {
  quote: quoteIdentifier,
  parameter: () => '?',
  sharedLock: '',
  exclusiveLock: '',
  same: 'IS',
  keepExisting: 'ON CONFLICT DO NOTHING',
  addsOneByOne: true,
  // The driver ends a text at its first NUL, and rounds long numbers.
  readWhole: (quoted) => `typeof(${quoted}) || hex(${quoted})`,
};

export const ledgerTables: LedgerTables<SqliteSession> = {
  present: async (session) => {
    const rows = await session.read("SELECT name FROM sqlite_schema WHERE type = 'table'");
    return rows.map((row) => String(row['name']));
  },
  columns: () =>
    Promise.resolve({
      key: 'TEXT',
      text: 'TEXT',
      integer: 'INTEGER',
      createdAt: 'TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP',
    }),
  attributes: 'STRICT',
};
