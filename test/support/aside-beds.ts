// Beds for the suite of tables loaded beside their target: their sinks' sessions can be made to break.
import { readMysqlSinkConfig } from '../../connectors/mysql/config.ts';
import { openSession as openMysqlSession } from '../../connectors/mysql/session/session.ts';
import { mysqlTarget } from '../../connectors/mysql/target.ts';
import { postgresSinkConfig } from '../../connectors/postgresql/config.ts';
import { openSession as openPostgresSession } from '../../connectors/postgresql/session/session.ts';
import { postgresTarget } from '../../connectors/postgresql/target.ts';
import { SessionHolder } from '../../connectors/sql/target/session-holder.ts';
import { openSqlStore } from '../../connectors/sql/target/store.ts';
import { joined, readOrThrow } from '../../src/core/connector/config.ts';
import { everySink } from '../../src/core/connector/every-sink.ts';
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
      openStore: (flat, signal) => {
        const connect = () =>
          new SessionHolder(async () =>
            dying(await openMysqlSession(readMysqlSinkConfig(flat), { localFiles: true, signal }), deaths),
          );
        return Promise.resolve(openSqlStore({ ...mysqlTarget, connect }, readMysqlSinkConfig(flat), signal));
      },
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
      openStore: (flat, signal) => {
        const config = readOrThrow(joined(postgresSinkConfig, everySink()), flat);
        const connect = () =>
          new SessionHolder(async () => dying(await openPostgresSession(config.target, signal), deaths));
        return Promise.resolve(openSqlStore({ ...postgresTarget, connect }, config, signal));
      },
    }),
  };
}
