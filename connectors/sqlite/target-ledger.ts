// The ledger in an SQLite file, beside the target table: the executor's side of it.
import { createTargetLedger } from '../../src/core/ledger/sql-access.ts';
import type { TargetLedger } from '../../src/core/ledger/ledger.ts';
import type { SqliteDatabase } from './database.ts';
import { createLedgerTables, ledgerSession } from './ledger-tables.ts';

export function openTargetLedger(database: SqliteDatabase, table: string): TargetLedger {
  let created = false;
  return createTargetLedger({
    run: (work) =>
      database.transaction(async () => {
        if (!created) createLedgerTables(database);
        // SQLite does not tell upper from lower case in names.
        const result = await work(ledgerSession(database), table.toLowerCase());
        created = true;
        return result;
      }),
    close: () => database.close(),
  });
}
