// libsql under knex: the better-sqlite3 dialect with another driver, and with transactions that survive a locked file.
import { createRequire } from 'node:module';
import type { Knex } from 'knex';
import libsql from 'libsql';

interface SqliteQuery {
  readonly sql: string;
}

interface SqliteTransaction {
  begin(connection: libsql.Database): Promise<unknown>;
  readonly trxClient: { query(connection: libsql.Database, sql: string): Promise<unknown> };
}

interface SqliteClient {
  transaction(...args: readonly unknown[]): SqliteTransaction;
  _query(connection: libsql.Database, query: SqliteQuery): Promise<unknown>;
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

  /**
   * A deferred transaction that reads first and then writes fails at once when another process wrote in between. And where
   * BEGIN fails (the file is locked), knex's own `begin` resolves all the same and the work would run without a transaction.
   */
  override transaction(...args: readonly unknown[]): SqliteTransaction {
    const transaction = super.transaction(...args);
    transaction.begin = (connection) => transaction.trxClient.query(connection, 'BEGIN IMMEDIATE;');
    return transaction;
  }

  /**
   * A prepared statement that meets a locked file stays half executed until it is garbage collected, and no COMMIT on its
   * connection succeeds until then. So locks are only ever taken by `exec`, which leaves nothing behind; a single write gets a
   * transaction of its own.
   */
  override async _query(connection: libsql.Database, query: SqliteQuery): Promise<unknown> {
    if (/^(BEGIN|COMMIT|ROLLBACK)\b/.test(query.sql)) {
      if (query.sql === 'ROLLBACK') rollBack(connection);
      else connection.exec(query.sql);
      return { ...query, response: [] };
    }
    if (connection.inTransaction || /^\s*select\b/i.test(query.sql)) return super._query(connection, query);
    connection.exec('BEGIN IMMEDIATE');
    try {
      const done = await super._query(connection, query);
      connection.exec('COMMIT');
      return done;
    } catch (error) {
      rollBack(connection);
      throw error;
    }
  }

  /** Called as the store closes: what stands in the write-ahead log goes into the file, so that a copy of it is whole. */
  destroyRawConnection(connection: libsql.Database): Promise<void> {
    try {
      if (connection.open && !connection.readonly) connection.pragma('wal_checkpoint(TRUNCATE)');
    } catch {
      // A full disk, or another process at work: the log stays, and the next one that opens the file reads it.
    }
    connection.close();
    return Promise.resolve();
  }

  /** Called before each use: a connection whose COMMIT failed (disk full) is not handed on with its transaction open. */
  validateConnection(connection: libsql.Database): boolean {
    return connection.open && !connection.inTransaction;
  }
}

/** Some errors (disk full) have rolled back already; a second time would hide the first error. */
function rollBack(connection: libsql.Database): void {
  if (connection.inTransaction) connection.exec('ROLLBACK');
}

export const LibsqlClient = LibsqlDialect as unknown as typeof Knex.Client;
