// One process per role and data folder. The lock is SQLite's own on a small file: the system lets go of it however the process
// ends, and it holds between containers that share the folder, where process ids say nothing.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import libsql from 'libsql';
import { SyncError } from '../core/errors.ts';

/** Returns what lets go of them. Throws DATA_DIR_IN_USE naming the role and the process that has it. */
export function lockRoles(dataDir: string, roles: readonly string[]): () => void {
  const held: libsql.Database[] = [];
  const release = (): void => {
    for (const lock of held.splice(0)) lock.close();
  };
  try {
    for (const role of roles) held.push(lockRole(dataDir, role));
  } catch (error) {
    release();
    throw error;
  }
  return release;
}

function lockRole(dataDir: string, role: string): libsql.Database {
  const path = join(dataDir, `${role}.lock`);
  const lock = new libsql(path);
  try {
    lock.exec('PRAGMA busy_timeout = 0');
    lock.exec('PRAGMA locking_mode = EXCLUSIVE');
    lock.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    lock.close();
    if (!(cause as { code?: string }).code?.startsWith('SQLITE_BUSY')) throw cause;
    throw new SyncError('DATA_DIR_IN_USE', {
      message: `starting the role ${role}: ${holderOf(path)} has it in the data folder ${dataDir}`,
      field: 'dataDir',
      cause,
    });
  }
  writeFileSync(`${path}.pid`, String(process.pid));
  return lock;
}

function holderOf(path: string): string {
  try {
    return `process ${readFileSync(`${path}.pid`, 'utf8')}`;
  } catch {
    return 'another process';
  }
}
