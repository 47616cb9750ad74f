// A copy of an SQLite database as of one moment, made while others write to it.
import { existsSync } from 'node:fs';
import libsql from 'libsql';
import { SyncError } from '../core/errors.ts';

/** Throws BAD_INPUT when the copy exists already, DATABASE_UNREACHABLE when there is no such database, DATABASE_FAILED. */
export function backUpSqlite(filename: string, copy: string): void {
  if (existsSync(copy))
    throw new SyncError('BAD_INPUT', { message: `backing up ${filename}: ${copy} exists` });
  if (!existsSync(filename))
    throw new SyncError('DATABASE_UNREACHABLE', { message: `backing up ${filename}: there is no such file` });
  const database = new libsql(filename);
  try {
    database.pragma('busy_timeout = 10000');
    database.prepare('VACUUM INTO ?').run(copy);
  } catch (cause) {
    const message = `backing up ${filename} to ${copy}: ${cause instanceof Error ? cause.message : String(cause)}`;
    throw new SyncError('DATABASE_FAILED', { message, cause });
  } finally {
    database.close();
  }
}
