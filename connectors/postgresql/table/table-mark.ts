// What tells a table from one that is altered, or put in its place, between two runs: its number, that of its file, which every rewriting
// of its rows changes (ALTER … TYPE, TRUNCATE; VACUUM FULL too), what it declares, and its triggers.
import { createHash } from 'node:crypto';
import type { PostgresSession } from '../session/session.ts';
import type { OwnSqlConfig } from '../../sql/target/sql-target.ts';

export async function readTableMark(
  session: PostgresSession,
  { schema, table }: Pick<OwnSqlConfig, 'schema' | 'table'>,
): Promise<string> {
  const of =
    'SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2';
  const made = await session.read(
    `SELECT oid, relfilenode FROM pg_class
     WHERE oid IN (WITH of AS (${of}) SELECT oid FROM of UNION SELECT relid FROM of, pg_partition_tree(oid)) ORDER BY oid`,
    [schema, table],
  );
  const columns = await session.read(
    `SELECT a.attnum, a.attname, format_type(a.atttypid, a.atttypmod) AS declared, a.attnotnull, a.attidentity, a.attgenerated,
       a.attcollation, pg_get_expr(d.adbin, d.adrelid) AS standard
     FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
     WHERE a.attrelid = (${of}) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`,
    [schema, table],
  );
  const keys = await session.read(
    `SELECT pg_get_indexdef(indexrelid) AS key FROM pg_index WHERE indrelid = (${of}) AND indisunique ORDER BY 1`,
    [schema, table],
  );
  const triggers = await session.read(
    `SELECT pg_get_triggerdef(oid) AS does, tgenabled FROM pg_trigger WHERE tgrelid = (${of}) AND NOT tgisinternal ORDER BY tgname`,
    [schema, table],
  );
  return createHash('sha256')
    .update(JSON.stringify([made, columns, keys, triggers]))
    .digest('hex');
}
