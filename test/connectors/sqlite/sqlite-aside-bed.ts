// An SQLite file for the suite of tables loaded beside their target: its sink's sessions can be made to break.
import { SqliteSession } from '../../../connectors/sqlite/session.ts';
import { openSqlite, sqliteTarget } from '../../../connectors/sqlite/sink-connector.ts';
import { defineSqlTarget } from '../../../connectors/sql/target/define-sql-target.ts';
import type { AsideBed } from '../../conformance/sink-aside.ts';
import { dying } from '../../support/dying-session.ts';
import { openSqliteBed } from './sqlite-bed.ts';

export async function openSqliteAsideBed(): Promise<AsideBed> {
  const bed = await openSqliteBed();
  const { root } = bed;
  return {
    ...bed,
    /** By turns with the sink's own sessions: waiting for the file's lock would block the loop of who holds it. */
    execute: async (sql) => {
      const session = new SqliteSession(await openSqlite(root, 'target.db'));
      try {
        await session.begin();
        await session.command(sql);
        await session.commit();
      } finally {
        session.destroy();
      }
    },
    own: () => Promise.resolve(),
    tables: async () => (await bed.readRows('sqlite_schema', ['name', 'type'])).map(([name]) => name ?? ''),
    dyingPlugin: (deaths) => ({
      ...bed.plugin,
      openStore: (flat, stop) =>
        defineSqlTarget({
          ...sqliteTarget(root),
          connect: async ({ file }, signal) =>
            dying(new SqliteSession(await openSqlite(root, file, signal), signal), deaths),
        }).openStore(flat, stop),
    }),
  };
}
