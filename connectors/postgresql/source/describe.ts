// What is read: a table, view or other relation as the catalog knows it, or a query by the columns of its answer.
import type { Text } from '../../../src/core/text.ts';
import { chooseKey, type IndexPart } from '../../sql/source/choose-key.ts';
import type { FoundTable, ReadPlace } from '../../sql/source/dialect.ts';
import { toSourceColumn } from './column-type.ts';
import type { DeclaredColumn } from './column-type.ts';
import type { PostgresQueries, TextRow } from './queries.ts';

type TablePlace = Extract<ReadPlace, { kind: 'table' }>;

const kinds: Readonly<Record<string, string>> = {
  r: 'table',
  p: 'partitioned table',
  v: 'view',
  m: 'materialized view',
  f: 'foreign table',
};

/** A domain's own type, however deep it lies: `base`, and the modifier that counts. */
const typeSql = (type: string, modifier: string): string => `
  LATERAL (
    WITH RECURSIVE beneath(oid, modifier) AS (
      SELECT ${type}::oid, ${modifier}::int
      UNION ALL
      SELECT t.typbasetype, CASE WHEN beneath.modifier < 0 THEN t.typtypmod ELSE beneath.modifier END
      FROM beneath JOIN pg_catalog.pg_type t ON t.oid = beneath.oid WHERE t.typtype = 'd')
    SELECT t.typname AS base, t.typtype AS kind, t.typcategory AS category, beneath.modifier
    FROM beneath JOIN pg_catalog.pg_type t ON t.oid = beneath.oid WHERE t.typtype <> 'd') AS ty`;

export async function describeTable(
  server: PostgresQueries,
  { namespace, table }: TablePlace,
): Promise<FoundTable | null> {
  const [schema, name] = [namespace, table].map((text) => server.words.literal(text, 'text'));
  const [found] = await server.read(
    `SELECT c.oid, c.relkind, c.reltuples, c.relhassubclass AND c.relkind = 'r' FROM pg_catalog.pg_class c
     JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = ${schema ?? ''} AND c.relname = ${name ?? ''} AND c.relkind IN ('r', 'p', 'v', 'm', 'f')`,
  );
  if (found === undefined) return null;
  const [oid, kind, tuples] = found;
  const columns = await server.read(
    `SELECT a.attname, ty.base, ty.kind, ty.category, pg_catalog.format_type(a.atttypid, a.atttypmod), ty.modifier, a.attnotnull
     FROM pg_catalog.pg_attribute a, ${typeSql('a.atttypid', 'a.atttypmod')}
     WHERE a.attrelid = ${oid ?? ''} AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`,
  );
  const keys = await server.read(
    `SELECT i.indexrelid, a.attname, a.attnotnull FROM pg_catalog.pg_index i
     CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k(attnum, part)
     LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
     WHERE i.indrelid = ${oid ?? ''} AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND k.part <= i.indnkeyatts
     ORDER BY i.indisprimary DESC, i.indexrelid, k.part`,
  );
  const rows = Number(tuples ?? -1);
  const disordered = await findDisordered(server, oid ?? '');
  return {
    disordered,
    columns: columns.map(fromRow).map(toSourceColumn),
    key: chooseKey(keys.map(indexPart)),
    kind: kinds[kind ?? ''] ?? 'relation',
    estimatedRows: rows < 0 ? null : rows,
    version: JSON.stringify([oid, columns, await readContents(server, oid ?? '')]),
    notes: [],
    doubts: [],
  };
}

/**
 * What a rewrite, TRUNCATE, REFRESH or another definition of a view changes: the file of its rows, and of the partitions and heirs that are
 * read with it. Of those only the files that are not their first ones count: a partition that is made anew is no other table.
 */
async function readContents(server: PostgresQueries, oid: string): Promise<TextRow> {
  const [row] = await server.read(
    `WITH RECURSIVE below(oid) AS (
       SELECT inhrelid FROM pg_catalog.pg_inherits WHERE inhparent = ${oid}
       UNION SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN below b ON i.inhparent = b.oid)
     SELECT c.relfilenode, CASE WHEN c.relkind IN ('v', 'm') THEN pg_catalog.pg_get_viewdef(c.oid) END,
       (SELECT string_agg(p.oid || ':' || p.relfilenode, ',' ORDER BY p.oid) FROM below JOIN pg_catalog.pg_class p ON p.oid = below.oid
        WHERE p.relfilenode NOT IN (0, p.oid))
     FROM pg_catalog.pg_class c WHERE c.oid = ${oid}`,
  );
  return row ?? [];
}

/** By the sequences that columns own, or take their defaults from. */
async function findDisordered(server: PostgresQueries, oid: string): Promise<ReadonlyMap<string, Text>> {
  const rows = await server.read(
    `SELECT a.attname, s.seqcycle FROM pg_catalog.pg_attribute a
     JOIN (SELECT d.refobjsubid AS attnum, d.objid AS sequence FROM pg_catalog.pg_depend d
           WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = ${oid}
           UNION SELECT ad.adnum, d.refobjid FROM pg_catalog.pg_attrdef ad
           JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_attrdef'::regclass AND d.objid = ad.oid
           WHERE ad.adrelid = ${oid} AND d.refclassid = 'pg_catalog.pg_class'::regclass) AS used USING (attnum)
     JOIN pg_catalog.pg_sequence s ON s.seqrelid = used.sequence
     WHERE a.attrelid = ${oid} AND (s.seqcache > 1 OR s.seqcycle)`,
  );
  return new Map(rows.map(([column, cycles]) => [column ?? '', cycles === 't' ? wraps : isCached]));
}

const isCached: Text = {
  en: 'its sequence has CACHE: each connection keeps numbers for itself, and may use smaller ones later',
  zh: '其序列带有 CACHE：每个连接各自保留一批编号，较小的编号可能在之后才使用',
};
const wraps: Text = {
  en: 'its sequence has CYCLE: numbers begin anew at its end',
  zh: '其序列带有 CYCLE：到达末尾后编号从头开始',
};

function indexPart([index, column, notNull]: TextRow): IndexPart {
  return { index: index ?? '', column: notNull === 't' ? (column ?? null) : null };
}

function fromRow(row: TextRow): DeclaredColumn {
  const [name, type, typeKind, category, declared, modifier, notNull] = row.map((value) => value ?? '');
  return {
    name: name ?? '',
    type: type ?? '',
    typeKind: typeKind ?? '',
    category: category ?? '',
    declared: declared ?? '',
    modifier: Number(modifier ?? -1),
    nullable: notNull !== 't',
  };
}

/** Sent by the extended protocol, which takes one statement only: so the query is one, in all SQL that is made of it. */
export async function describeQuery(server: PostgresQueries, sql: string): Promise<FoundTable> {
  const { fields } = await server.queryOne(
    `SELECT * FROM ${server.words.from({ kind: 'query', sql })} LIMIT 0`,
  );
  const list = fields.map(
    ({ dataTypeID, dataTypeModifier }, index) => `(${index}, ${dataTypeID}, ${dataTypeModifier})`,
  );
  const types =
    list.length === 0
      ? []
      : await server.read(
          `SELECT q.at, ty.base, ty.kind, ty.category, pg_catalog.format_type(q.type, q.modifier), ty.modifier, false
           FROM (VALUES ${list.join(', ')}) AS q(at, type, modifier), ${typeSql('q.type', 'q.modifier')} ORDER BY q.at`,
        );
  const columns = types.map((row, index) => ({ ...fromRow(row), name: fields[index]?.name ?? '' }));
  return {
    columns: columns.map(toSourceColumn),
    key: [],
    kind: 'query',
    estimatedRows: null,
    version: JSON.stringify(columns),
    notes: [],
    doubts: [],
  };
}
