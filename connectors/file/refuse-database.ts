// An SQLite database that this process may have open is no file of lines: to close it here would take SQLite's locks on it away.
import { existsSync } from 'node:fs';
import { SyncError } from '../../src/core/errors.ts';

/** By the log that stands beside it while somebody has it open. Throws BAD_INPUT. */
export function refuseDatabase(path: string): void {
  if (!existsSync(`${path}-wal`)) return;
  throw new SyncError('BAD_INPUT', {
    message:
      'opening the file: it is an SQLite database, whose log stands beside it; name it as jdbc:sqlite:<file> in connection.url',
    field: 'file',
  });
}
