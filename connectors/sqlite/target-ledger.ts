// The ledger in an SQLite file, beside the target table: the executor's side of it.
import type { TargetLedger } from '../../src/core/ledger/ledger.ts';
import { createTargetLedger } from '../../src/core/ledger/sql-access.ts';
import type { SqliteDatabase } from './database.ts';
import { createLedgerTables, hasLedger, ledgerSession } from './ledger-tables.ts';

export interface LedgerFile {
  /** null: there is no such file. */
  readonly openToRead: () => Promise<SqliteDatabase | null>;
  /** Makes the file where it is missing. */
  readonly openToWrite: () => Promise<SqliteDatabase>;
}

/** `table`: the target's. */
export function openTargetLedger({ openToRead, openToWrite }: LedgerFile, table: string): TargetLedger {
  // SQLite does not tell upper from lower case in names.
  const target = table.toLowerCase();
  let writer: SqliteDatabase | null = null;
  return createTargetLedger({
    look: async (work) => {
      const database = await openToRead();
      if (database === null) return null;
      try {
        return hasLedger(database) ? await work(ledgerSession(database), target) : null;
      } finally {
        database.close();
      }
    },
    change: async (work) => {
      const database = (writer ??= await openToWrite());
      return database.transaction(() => {
        createLedgerTables(database);
        return work(ledgerSession(database), target);
      });
    },
    close: () => Promise.resolve(writer?.close()),
  });
}
