// What hangs on a PostgreSQL table and would not go over to another one put in its place: nearly everything there goes by the table's
// number, not by its name.
import type { SqlRow } from '../../sql/target/session.ts';
import type { TablePlace } from '../../sql/target/aside/aside-ways.ts';
import type { PostgresSession } from '../session/session.ts';

/** What is made anew for the other table is no obstacle: its indexes, defaults, checks and foreign keys, sequences of its own. */
const dependents = `
  SELECT DISTINCT CASE WHEN d.classid = 'pg_rewrite'::regclass
      THEN (SELECT CASE v.relkind WHEN 'v' THEN 'view ' WHEN 'm' THEN 'materialized view ' ELSE 'rule of ' END || v.oid::regclass
        FROM pg_rewrite w JOIN pg_class v ON v.oid = w.ev_class WHERE w.oid = d.objid)
      ELSE pg_describe_object(d.classid, d.objid, 0) END AS what
  FROM pg_class c JOIN pg_type t ON t.oid = c.reltype
    JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid
      OR d.refclassid = 'pg_type'::regclass AND d.refobjid IN (t.oid, t.typarray)
  WHERE c.oid = $1 AND d.deptype IN ('n', 'a') AND d.classid NOT IN ('pg_attrdef'::regclass, 'pg_statistic_ext'::regclass)
    AND NOT (d.classid = 'pg_class'::regclass
      AND EXISTS (SELECT FROM pg_class o WHERE o.oid = d.objid AND o.relkind IN ('i', 'S', 't')))
    AND NOT (d.classid = 'pg_constraint'::regclass
      AND EXISTS (SELECT FROM pg_constraint k WHERE k.oid = d.objid AND k.conrelid = c.oid AND k.confrelid <> c.oid))
  ORDER BY 1`;

export async function obstacles(
  session: PostgresSession,
  { schema, table }: TablePlace,
): Promise<readonly string[]> {
  const [found] = await session.read(
    `SELECT c.oid AS oid, c.relkind AS kind, c.relreplident AS identity, c.reloftype <> 0 AS typed, c.relrowsecurity AS row_security
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2`,
    [schema, table],
  );
  if (found === undefined) return [];
  const hanging = await session.read(dependents, [String(found['oid'])]);
  return [...kindObstacles(found), ...hanging.map(({ what }) => `${String(what)} hangs on it`)];
}

function kindObstacles(found: SqlRow): readonly string[] {
  return [
    ...(found['kind'] === 'p' ? ['it is partitioned'] : []),
    ...(found['typed'] === 't' ? ['it is made of a type (CREATE TABLE … OF)'] : []),
    ...(found['row_security'] === 't' ? ['it has row level security'] : []),
    ...(found['identity'] === 'd' ? [] : ['it has a REPLICA IDENTITY of its own']),
  ];
}
