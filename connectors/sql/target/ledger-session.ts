// The ledger's statements, in the words of an SQL target, on one of its sessions.
import type { LedgerSession } from '../../../src/core/ledger/sql-session.ts';
import { qualified, type SqlDialect } from './dialect.ts';
import type { SqlSession } from './session.ts';

/** Runs the ledger's statements on a session; in them `?` stands for a value. */
export function ledgerSession(
  session: SqlSession,
  dialect: SqlDialect,
  schema: string | null,
): LedgerSession {
  const words = (sql: string): string => {
    let place = 0;
    return sql.replaceAll('?', () => dialect.parameter((place += 1)));
  };
  return {
    dialect,
    table: (name) => qualified(dialect, schema, name),
    read: (sql, values) => session.read(words(sql), values),
    write: (sql, values) => session.change(words(sql), values),
  };
}
