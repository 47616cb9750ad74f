// What a target table looks like: columns with their base types, unique keys, and what decides how rows may be written to it.
import { SyncError } from '../../../src/core/errors.ts';
import { quoteStandard } from '../../../src/core/connector/sql-identifier.ts';
import type { SqlRow } from '../../sql/target/session.ts';
import type { OwnSqlConfig } from '../../sql/target/sql-target.ts';
import type { Column, TableShape, UniqueKey } from '../../sql/target/table-shape.ts';
import type { PostgresSession } from '../session/session.ts';
import { doubtsOf, hangsOn, refuseUnsafe } from './table-doubts.ts';

export interface PostgresColumn extends Column {
  /** The name of the base type in pg_catalog, or `citext`: of a domain, of what it stands for; '' for all others. */
  readonly base: string;
  readonly isEnum: boolean;
  /** In characters; null: any. */
  readonly length: number | null;
  /** Of numeric(p,s); null: any. */
  readonly precision: number | null;
  readonly scale: number | null;
  /** Of a second. */
  readonly fractionDigits: number;
}

export interface PostgresKey extends UniqueKey {
  /** Columns that it compares by something else than their bytes. */
  readonly folding: readonly string[];
  /** Columns that it keeps in the order of their bytes. */
  readonly ordered: readonly string[];
}

export type PostgresShape = TableShape<PostgresColumn, PostgresKey>;

/** Throws TARGET_SCHEMA: a table can't be made in a schema that is not there. */
export async function requireSchema(session: PostgresSession, schema: string): Promise<void> {
  const rows = await session.read('SELECT FROM pg_namespace WHERE nspname = $1', [schema]);
  if (rows.length > 0) return;
  throw new SyncError('TARGET_SCHEMA', {
    message: `the schema ${schema} does not exist; create it: CREATE SCHEMA ${quoteStandard(schema)};`,
  });
}

/** null: there is no such table. Throws TARGET_SCHEMA for what is no plain table, or where the schema is missing. */
export async function describeTable(
  session: PostgresSession,
  { schema, table }: Pick<OwnSqlConfig, 'schema' | 'table'>,
): Promise<PostgresShape | null> {
  const [found] = await session.read(
    `SELECT c.oid AS oid, c.relkind AS kind, c.relpersistence AS persistence, c.relhasrules AS has_rules,
       c.relispartition OR EXISTS (SELECT FROM pg_inherits i WHERE i.inhparent = c.oid OR i.inhrelid = c.oid) AS inherits,
       row_security_active(c.oid) AS row_security
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2`,
    [schema, table],
  );
  if (found === undefined) {
    await requireSchema(session, schema ?? '');
    return null;
  }
  refuseUnsafe(found, `${schema ?? ''}.${table}`);
  const oid = textOf(found, 'oid');
  const columns = await session.read(columnsSql, [oid]);
  const keyParts = await session.read(keysSql, [oid]);
  const keys = toKeys(keyParts);
  return {
    columns: columns.map(toColumn),
    primaryKey: keys.find(({ primary }) => primary)?.columns ?? [],
    uniqueKeys: keys,
    doubts: await doubtsOf(session, { oid, found }),
    hangsOn: await hangsOn(session, oid),
  };
}

/** Domains are followed down to what they stand for; a NOT NULL on the way is one of the column. */
const columnsSql = `
  WITH RECURSIVE base(attnum, typid, typmod, not_null, depth) AS (
    SELECT attnum, atttypid, atttypmod, attnotnull, 0 FROM pg_attribute
    WHERE attrelid = $1 AND attnum > 0 AND NOT attisdropped
    UNION ALL
    SELECT b.attnum, t.typbasetype, t.typtypmod, b.not_null OR t.typnotnull, b.depth + 1
    FROM base b JOIN pg_type t ON t.oid = b.typid WHERE t.typtype = 'd')
  SELECT DISTINCT ON (a.attnum) a.attname AS name, format_type(a.atttypid, a.atttypmod) AS declared,
    CASE WHEN n.nspname = 'pg_catalog' OR t.typname = 'citext' THEN t.typname ELSE '' END AS base,
    t.typtype AS kind, t.typcategory AS category, b.typmod AS typmod, b.not_null AS not_null,
    a.atthasdef OR domain.typdefault IS NOT NULL AS has_default, a.attidentity AS identity, a.attgenerated AS generated
  FROM base b JOIN pg_attribute a ON a.attrelid = $1 AND a.attnum = b.attnum
    JOIN pg_type t ON t.oid = b.typid JOIN pg_namespace n ON n.oid = t.typnamespace
    JOIN pg_type domain ON domain.oid = a.atttypid
  ORDER BY a.attnum, b.depth DESC`;

/** Only those that hold for all rows and at once: ON CONFLICT takes no others. */
const keysSql = `
  SELECT i.indexrelid AS id, c.relname AS name, i.indisprimary AS is_primary, a.attname AS column_name,
    i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL AND i.indimmediate AS whole,
    part.coll <> 0 AND NOT l.collisdeterministic OR t.typname = 'citext' AS folding,
    part.coll = 0 OR l.collname IN ('C', 'POSIX', 'ucs_basic', 'pg_c_utf8')
      OR l.collprovider = 'c' AND l.collcollate IN ('C', 'POSIX')
      OR l.collprovider = 'd' AND (
        SELECT CASE coalesce(to_jsonb(d) ->> 'datlocprovider', 'c') WHEN 'c' THEN d.datcollate IN ('C', 'POSIX')
          WHEN 'b' THEN true ELSE false END
        FROM pg_database d WHERE d.datname = current_database())
      AS ordered
  FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    CROSS JOIN LATERAL unnest(i.indkey::int2[], i.indcollation::oid[]) WITH ORDINALITY AS part(attnum, coll, place)
    LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = part.attnum
    LEFT JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_collation l ON l.oid = part.coll
  WHERE i.indrelid = $1 AND i.indisunique AND part.place <= i.indnkeyatts
  ORDER BY i.indisprimary DESC, c.relname, part.place`;

function toColumn(row: SqlRow): PostgresColumn {
  const [kind, category] = [textOf(row, 'kind'), textOf(row, 'category')];
  const known = kind === 'b' && category !== 'A';
  const base = known ? textOf(row, 'base') : '';
  const typmod = Number(row['typmod']);
  const generated = textOf(row, 'generated') !== '';
  const nullable = row['not_null'] === 'f';
  const identity = textOf(row, 'identity');
  return {
    name: textOf(row, 'name'),
    declared: textOf(row, 'declared'),
    nullable,
    optional: nullable || generated || row['has_default'] === 't' || identity !== '',
    generated: generated || identity === 'a',
    base,
    isEnum: kind === 'e',
    ...attributesOf(base, typmod),
  };
}

const headOfTypmod = 4;
const maxFractionDigits = 6;

/** How a type's attributes lie in its typmod; -1: it has none. */
function attributesOf(
  base: string,
  typmod: number,
): Pick<PostgresColumn, 'length' | 'precision' | 'scale' | 'fractionDigits'> {
  const none = { length: null, precision: null, scale: null, fractionDigits: maxFractionDigits };
  if (typmod < 0) return none;
  if (base === 'varchar' || base === 'bpchar') return { ...none, length: typmod - headOfTypmod };
  if (base === 'numeric') {
    const both = typmod - headOfTypmod;
    return { ...none, precision: (both >> 16) & 0xffff, scale: ((both & 0x7ff) ^ 1024) - 1024 };
  }
  return { ...none, fractionDigits: typmod };
}

interface FoundKey extends PostgresKey {
  readonly primary: boolean;
}

function toKeys(parts: readonly SqlRow[]): readonly FoundKey[] {
  const byId = new Map<string, SqlRow[]>();
  for (const part of parts) byId.set(textOf(part, 'id'), [...(byId.get(textOf(part, 'id')) ?? []), part]);
  return [...byId.values()].map((of) => {
    const namesWhere = (column: string): string[] =>
      of.filter((part) => part[column] === 't').map((part) => textOf(part, 'column_name'));
    return {
      name: textOf(of[0] ?? {}, 'name'),
      primary: of[0]?.['is_primary'] === 't',
      columns: namesWhere('whole'),
      folding: namesWhere('folding'),
      ordered: namesWhere('ordered'),
    };
  });
}

function textOf(row: SqlRow, column: string): string {
  const value = row[column];
  return typeof value === 'string' ? value : '';
}
