// Brings the schema up to date: each migration once, one process at a time.
import { migrations } from '../../migrations/migrations.ts';
import { SyncError } from '../core/errors.ts';
import type { Database } from './database.ts';

const table = 'control_migration';

/**
 * Called at open. On MySQL a DDL statement commits by itself, so a migration that was cut off is run again: every step asks
 * first whether it was done.
 */
export async function migrate(database: Database): Promise<void> {
  const { dialect } = database;
  await database.transact('migrating the schema', async (trx) => {
    await dialect.lockMigrations(trx);
    try {
      if (!(await trx.schema.hasTable(table))) {
        await trx.schema.createTable(table, (columns) => {
          columns.string('name', 128).primary();
          columns.bigInteger('at').notNullable();
        });
      }
      const done = new Set<string>(await trx(table).pluck<string[]>('name'));
      refuseNewer(database, done);
      for (const migration of migrations.filter(({ name }) => !done.has(name))) {
        await migration.up(trx);
        await trx(table).insert({ name: migration.name, at: database.clock.now() });
      }
    } finally {
      await dialect.unlockMigrations(trx);
    }
  });
}

/** What a newer version made of the tables, this one would misread. */
function refuseNewer({ dialect }: Database, done: ReadonlySet<string>): void {
  const known = new Set(migrations.map(({ name }) => name));
  const unknown = [...done].filter((name) => !known.has(name));
  if (unknown.length === 0) return;
  const message = `opening the store: database ${dialect.place} was changed by a newer version of Syncline (${unknown.join(', ')}); start that version, or restore the backup made before it`;
  throw new SyncError('DATABASE_FAILED', { message, retriable: false });
}
