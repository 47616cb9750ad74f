// The zones of sessions that set none: the server's as this user gets it, and those set for the database, for roles, or for roles in it.
import type { ServerZone } from '../../sql/source/dialect.ts';
import type { PostgresQueries } from './queries.ts';

export async function readServerZones(server: PostgresQueries): Promise<readonly ServerZone[]> {
  const rows = await server.read(
    `WITH zones(name, role) AS (
       SELECT reset_val, NULL::name FROM pg_catalog.pg_settings WHERE name = 'TimeZone'
       UNION SELECT substr(setting, 10), r.rolname
       FROM pg_catalog.pg_db_role_setting s CROSS JOIN LATERAL unnest(s.setconfig) AS setting
       LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.setrole
       WHERE setting ILIKE 'timezone=%' AND (s.setrole = 0 OR r.rolcanlogin)
         AND s.setdatabase IN (0, (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())))
     SELECT name, role, extract(epoch FROM (now() AT TIME ZONE name) - (now() AT TIME ZONE 'UTC'))::int FROM zones ORDER BY 2 NULLS FIRST, 1`,
  );
  return rows.map(([name, role, offset]) => ({ name: name ?? '', offset: Number(offset), of: role ?? null }));
}
