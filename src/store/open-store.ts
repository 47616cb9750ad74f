// Opens Syncline's own database: connects, migrates, checks the secret key.
import { randomUUID } from 'node:crypto';
import type { Clock } from '../core/clock.ts';
import type { HostsOf } from '../core/planning/limit.ts';
import type { CalendarStore } from '../core/ports/calendars.ts';
import type { ExecutorStore } from '../core/ports/executors.ts';
import type { JobStore } from '../core/ports/jobs.ts';
import type { LimitStore } from '../core/ports/limits.ts';
import type { RunStore } from '../core/ports/runs.ts';
import { wrongKey } from '../core/secrets/seal.ts';
import { createCalendarStore } from './calendars/calendar-store.ts';
import { parseDatabaseUrl, type DatabaseUrl } from './database-url.ts';
import { connectDatabase, type Database } from './database.ts';
import type { Dialect } from './dialects/dialect.ts';
import { mysqlDialect } from './dialects/mysql.ts';
import { postgresqlDialect } from './dialects/postgresql.ts';
import { sqliteDialect } from './dialects/sqlite.ts';
import { jobTable } from './jobs/job-row.ts';
import { createJobStore } from './jobs/job-store.ts';
import { migrate } from './migrate.ts';
import { createExecutorStore } from './executors.ts';
import { createIdSource } from './new-id.ts';
import { createLimitStore } from './limits/limit-store.ts';
import { createRunStore } from './runs/run-store.ts';
import { createSpecSealer, type SpecSealer } from './jobs/seal-spec.ts';
import { settleSetting } from './settings.ts';

export interface Store {
  readonly kind: 'sqlite' | 'mysql' | 'postgresql';
  /** File or `host:port`. */
  readonly place: string;
  readonly jobs: JobStore;
  readonly runs: RunStore;
  readonly limits: LimitStore;
  readonly calendars: CalendarStore;
  readonly executors: ExecutorStore;
  /** Of the database, whoever opens it: what belongs to one installation elsewhere (keys in Redis) is named by it. */
  readonly installation: string;
  close(): Promise<void>;
}

export interface StoreOptions {
  /** `sqlite:<path>`, a path, mysql://, mariadb:// or postgresql:// */
  readonly url: string;
  /** 32 bytes. */
  readonly secretKey: Uint8Array;
  readonly clock: Clock;
  /** Where connectors dial. Absent: nowhere, as far as is known. */
  readonly hostsOf?: HostsOf;
}

/**
 * Called once per process, at its start. Throws BAD_INPUT for a key of another length, DATABASE_UNREACHABLE, DATABASE_FAILED,
 * and SECRET_KEY_WRONG when the database was written with another key.
 */
export async function openStore({ url, secretKey, clock, hostsOf = () => [] }: StoreOptions): Promise<Store> {
  const sealer = createSpecSealer(secretKey);
  const database = connectDatabase(dialectOf(parseDatabaseUrl(url)), clock);
  let installation: string;
  try {
    await prepare(database, sealer);
    installation = await settleSetting(database, 'installation.id', randomUUID());
  } catch (error) {
    await database.close();
    throw error;
  }
  const parts = { database, sealer, newId: createIdSource(), hostsOf };
  return {
    kind: database.dialect.kind,
    place: database.dialect.place,
    jobs: createJobStore(parts),
    runs: createRunStore(parts),
    limits: createLimitStore(database),
    calendars: createCalendarStore(parts),
    executors: createExecutorStore(database),
    installation,
    close: () => database.close(),
  };
}

/** The driver that a URL names. */
export function dialectOf(url: DatabaseUrl): Dialect {
  switch (url.kind) {
    case 'sqlite':
      return sqliteDialect(url.filename);
    case 'mysql':
      return mysqlDialect(url);
    case 'postgresql':
      return postgresqlDialect(url);
  }
}

/** What could not be opened before may be mended by now: the next claim tries again. */
async function forgetUnreadable(database: Database): Promise<void> {
  await database.run('looking at all jobs again', (db) =>
    db(jobTable).whereNotNull('unreadable').update({ unreadable: null }),
  );
}

async function prepare(database: Database, sealer: SpecSealer): Promise<void> {
  await database.run('opening the store', (db) => database.dialect.prepare(db));
  await migrate(database);
  await forgetUnreadable(database);
  const keyId = await settleSetting(database, 'secret.key.id', sealer.keyId);
  if (keyId !== sealer.keyId)
    throw wrongKey(`database ${database.dialect.place} belongs to key ${keyId}, this one is ${sealer.keyId}`);
}
