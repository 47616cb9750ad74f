// Who may read and write a table of PostgreSQL goes by the table's number: for one that takes another's place it is granted anew.
import { quoteStandard } from '../../../src/core/connector/sql-identifier.ts';
import type { SqlRow } from '../../sql/target/session.ts';
import type { PostgresSession } from '../session/session.ts';

/** Names are quoted and qualified. What the schema's defaults gave to the new table, and the other one does not give, is taken away. */
export async function copyRights(
  session: PostgresSession,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<void> {
  for (const grantee of await granteesOf(session, to))
    await session.command(`REVOKE ALL ON ${to} FROM ${grantee}`);
  const rights = await session.read(
    `SELECT ${grantee} AS grantee, r.privilege_type AS privilege, r.is_grantable AS goes_on, NULL AS column_name
     FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) r
     WHERE c.oid = $1::regclass AND r.grantee <> c.relowner
     UNION ALL
     SELECT ${grantee}, r.privilege_type, r.is_grantable, a.attname
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped CROSS JOIN LATERAL aclexplode(a.attacl) r
     WHERE c.oid = $1::regclass AND r.grantee <> c.relowner`,
    [from],
  );
  for (const right of rights) await session.command(grantSql(right, to));
}

const grantee = `CASE r.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(r.grantee)) END`;

async function granteesOf(session: PostgresSession, table: string): Promise<readonly string[]> {
  const rows = await session.read(
    `SELECT DISTINCT ${grantee} AS grantee FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) r
     WHERE c.oid = $1::regclass AND r.grantee <> c.relowner`,
    [table],
  );
  return rows.map((row) => String(row['grantee']));
}

function grantSql(right: SqlRow, table: string): string {
  const name = right['column_name'];
  const column = typeof name === 'string' ? ` (${quoteStandard(name)})` : '';
  const goesOn = right['goes_on'] === 't' ? ' WITH GRANT OPTION' : '';
  return `GRANT ${String(right['privilege'])}${column} ON ${table} TO ${String(right['grantee'])}${goesOn}`;
}
