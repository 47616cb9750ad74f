// libsql under knex: the better-sqlite3 dialect with another driver, and transactions that take the write lock at once.
import { createRequire } from 'node:module';
import type { Knex } from 'knex';
import libsql from 'libsql';

interface SqliteTransaction {
  begin(connection: unknown): Promise<unknown>;
  query(connection: unknown, sql: string): Promise<unknown>;
}

interface SqliteClient {
  transaction(...args: readonly unknown[]): SqliteTransaction;
}

// knex has no typed entry for its dialects.
const BetterSqlite = createRequire(import.meta.url)('knex/lib/dialects/better-sqlite3/index.js') as new (
  config: Knex.Config,
) => SqliteClient;

class LibsqlDialect extends BetterSqlite {
  /** Called by knex for the driver's module. */
  _driver(): typeof libsql {
    return libsql;
  }

  /** A deferred transaction that reads first and then writes fails at once when another process wrote in between. */
  override transaction(...args: readonly unknown[]): SqliteTransaction {
    const transaction = super.transaction(...args);
    transaction.begin = (connection) => transaction.query(connection, 'BEGIN IMMEDIATE;');
    return transaction;
  }
}

export const LibsqlClient = LibsqlDialect as unknown as typeof Knex.Client;
