// Beds for the suite of tables loaded beside their target: their sinks' sessions can be made to break.
import { openSession as openMysqlSession } from '../../connectors/mysql/session/session.ts';
import { mysqlTarget } from '../../connectors/mysql/sink-connector.ts';
import { openSession as openPostgresSession } from '../../connectors/postgresql/session/session.ts';
import { postgresTarget } from '../../connectors/postgresql/sink-connector.ts';
import { defineSqlTarget } from '../../connectors/sql/target/define-sql-target.ts';
import type { MariadbEndpoint, PostgresqlEndpoint } from '../../src/stack/stack-endpoints.ts';
import type { AsideBed } from '../conformance/sink-aside.ts';
import { dying } from './dying-session.ts';
import { openMysqlBed } from './mysql-bed.ts';
import { openPostgresBed } from './postgresql-bed.ts';

export async function openMysqlAsideBed(endpoint: MariadbEndpoint): Promise<AsideBed> {
  const bed = await openMysqlBed(endpoint);
  return {
    ...bed,
    own: () => Promise.resolve(),
    tables: async () => {
      const [rows] = await bed.root.query(
        'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = ?',
        [bed.database],
      );
      return (rows as { name: string }[]).map(({ name }) => name);
    },
    dyingPlugin: (deaths) => ({
      ...bed.plugin,
      openStore: (flat, stop) =>
        defineSqlTarget({
          ...mysqlTarget,
          connect: async (config, signal) =>
            dying(
              await openMysqlSession(
                config,
                signal === undefined ? { localFiles: false } : { localFiles: true, signal },
              ),
              deaths,
            ),
        }).openStore(flat, stop),
    }),
  };
}

export async function openPostgresAsideBed(endpoint: PostgresqlEndpoint): Promise<AsideBed> {
  const bed = await openPostgresBed(endpoint);
  return {
    ...bed,
    own: (table) => bed.execute(`ALTER TABLE ${table} OWNER TO ${bed.user}`),
    tables: async () =>
      (await bed.readRows('pg_tables', ['tablename', 'schemaname']))
        .filter(([, schema]) => schema === 'public')
        .map(([name]) => name ?? ''),
    dyingPlugin: (deaths) => ({
      ...bed.plugin,
      openStore: (flat, stop) =>
        defineSqlTarget({
          ...postgresTarget,
          connect: async ({ target }, signal) => dying(await openPostgresSession(target, signal), deaths),
        }).openStore(flat, stop),
    }),
  };
}
