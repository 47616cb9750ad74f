// A copy of what an installation keeps on disk, from which another can be started: `--data-dir <copy>`.
import { cpSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import { SyncError } from '../core/errors.ts';
import { makeFolders, whyNot } from './data-folder.ts';
import { backUpSqlite } from '../store/back-up.ts';
import { parseDatabaseUrl } from '../store/database-url.ts';

/** Beside the database: the key of its secrets, and what the worker keeps of its connectors. */
const kept = ['secret.key', 'connectors', 'notes'];

/** What was copied, a line each. Throws BAD_INPUT for a folder that is not empty or can't be made, DATABASE_UNREACHABLE, DATABASE_FAILED. */
export function backUp(config: Config, folder: string): readonly string[] {
  makeEmpty(folder);
  const found = kept.filter((name) => existsSync(join(config.dataDir, name)));
  for (const name of found) cpSync(join(config.dataDir, name), join(folder, name), { recursive: true });
  return [backUpDatabase(config, folder), ...found];
}

function makeEmpty(folder: string): void {
  const refuse = (why: string): SyncError =>
    new SyncError('BAD_INPUT', { message: `backing up to ${folder}: ${why}`, field: 'to' });
  let names: readonly string[];
  try {
    makeFolders(folder);
    names = readdirSync(folder);
  } catch (error) {
    throw refuse(whyNot(error as NodeJS.ErrnoException));
  }
  if (names.length > 0) throw refuse('it is not empty');
}

function backUpDatabase(config: Config, folder: string): string {
  const database = parseDatabaseUrl(config.database);
  if (database.kind !== 'sqlite')
    return `(not copied: the database on ${database.host}; use mariadb-dump or pg_dump)`;
  backUpSqlite(database.filename, join(folder, 'syncline.db'));
  return 'syncline.db';
}
