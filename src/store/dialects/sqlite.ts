// SQLite by libsql: one file, one connection per process, WAL.
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type Libsql from 'libsql';
import { SyncError } from '../../core/errors.ts';
import type { Dialect, DriverError, Fault } from './dialect.ts';
import { LibsqlClient } from './libsql-client.ts';

/** SQLite's own waiting would block the event loop; the store tries again by itself (database.ts). */
const busyTimeoutMs = 0;

export function sqliteDialect(filename: string): Dialect {
  return {
    kind: 'sqlite',
    place: filename,
    config: {
      client: LibsqlClient,
      connection: { filename },
      useNullAsDefault: true,
      pool: { min: 1, max: 1, afterCreate },
    },
    now: (db, clock) => db.raw('?', [clock.now()]),
    lockRows: (query) => query,
    prepare: () => makeFolderOf(filename),
    lockMigrations: () => Promise.resolve(),
    unlockMigrations: () => Promise.resolve(),
    classify,
  };
}

async function makeFolderOf(filename: string): Promise<void> {
  if (filename === ':memory:') return;
  try {
    await mkdir(dirname(filename), { recursive: true });
  } catch (cause) {
    const message = `making the folder of ${filename}: ${cause instanceof Error ? cause.message : String(cause)}`;
    throw new SyncError('DATABASE_UNREACHABLE', { message, cause });
  }
}

function afterCreate(connection: Libsql.Database, done: (error?: unknown) => void): void {
  try {
    connection.pragma(`busy_timeout = ${busyTimeoutMs}`);
    connection.pragma('journal_mode = WAL');
    connection.pragma('synchronous = FULL');
    connection.pragma('foreign_keys = ON');
    done();
  } catch (error) {
    connection.close();
    done(error);
  }
}

function classify(error: DriverError): Fault {
  const code = error.code ?? '';
  // libsql gives no code for a file it can't open.
  if (error.message.startsWith('ConnectionFailed')) return 'unreachable';
  if (code === 'SQLITE_CONSTRAINT_UNIQUE' || code === 'SQLITE_CONSTRAINT_PRIMARYKEY') return 'duplicate';
  if (code === 'SQLITE_CONSTRAINT_FOREIGNKEY') return 'missing-parent';
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) return 'busy';
  const broken = ['SQLITE_CANTOPEN', 'SQLITE_NOTADB', 'SQLITE_CORRUPT', 'SQLITE_IOERR', 'SQLITE_READONLY'];
  return broken.some((start) => code.startsWith(start)) ? 'unreachable' : 'other';
}
