// PostgreSQL's words, and its ledger tables.
import { quoteStandard } from '../../src/core/connector/sql-identifier.ts';
import type { SqlDialect } from '../sql/target/dialect.ts';
import type { LedgerTables } from '../sql/target/sql-target.ts';
import type { PostgresSession } from './session/session.ts';

/** Their queue is fair, that of row locks is not: who shares one overtakes who waits for it alone. */
const turnAt = 'hashtextextended($1, 0)';

export const dialect: SqlDialect = {
  quote: quoteStandard,
  parameter: (place) => `$${place}`,
  sharedLock: ' FOR SHARE',
  exclusiveLock: ' FOR UPDATE',
  beforeLock: {
    shared: `SELECT pg_advisory_xact_lock_shared(${turnAt})`,
    exclusive: `SELECT pg_advisory_xact_lock(${turnAt})`,
  },
  same: 'IS NOT DISTINCT FROM',
  keepExisting: 'ON CONFLICT DO NOTHING',
};

export const ledgerTables: LedgerTables<PostgresSession> = {
  present: async (session, { schema }) => {
    const rows = await session.read(
      `SELECT c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE n.nspname = $1 AND c.relkind IN ('r', 'p')`,
      [schema],
    );
    return rows.map((row) => String(row['name']));
  },
  columns: () =>
    Promise.resolve({
      key: 'varchar(255) COLLATE "C"',
      text: 'text',
      integer: 'bigint',
      createdAt: 'timestamptz NOT NULL DEFAULT now()',
    }),
  attributes: '',
};
