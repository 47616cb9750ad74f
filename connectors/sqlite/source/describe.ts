// What is read: a table or view of the file, or a query by the columns of its answer.
import type { FoundTable, ReadPlace } from '../../sql/source/dialect.ts';
import { toSourceColumn } from './column-type.ts';
import type { SqliteQueries } from './queries.ts';

type TablePlace = Extract<ReadPlace, { kind: 'table' }>;

export async function describeTable(
  server: SqliteQueries,
  { table }: TablePlace,
): Promise<FoundTable | null> {
  const name = server.words.literal(table, 'text');
  const [found] = await server.read(
    `SELECT type, sql, name FROM sqlite_schema WHERE lower(name) = lower(${name}) AND type IN ('table', 'view')`,
  );
  if (found === undefined) return null;
  const columns = await server.read(
    `SELECT name, type, "notnull", pk, hidden FROM pragma_table_xinfo(${name}) WHERE hidden <> 1 ORDER BY cid`,
  );
  const [kind, sql] = found;
  // The rowid is never NULL; other columns of a primary key may be, and one that has an index of its own is not the rowid.
  const parts = columns.filter(([, , , pk]) => pk !== '0').sort((a, b) => Number(a[3]) - Number(b[3]));
  const [index] = await server.read(`SELECT 1 FROM pragma_index_list(${name}) WHERE origin = 'pk'`);
  const isRowid = parts.length === 1 && /^integer$/i.test(parts[0]?.[1] ?? '') && index === undefined;
  const never = new Set(columns.filter(([, , notNull]) => notNull === '1').map(([column]) => column ?? ''));
  if (isRowid) never.add(parts[0]?.[0] ?? '');
  const primary = parts.map(([column]) => column ?? '');
  const keys = [primary, ...(await readUniqueIndexes(server, name))];
  return {
    columns: columns.map(([column, type]) =>
      toSourceColumn(column ?? '', type ?? '', {
        nullable: !never.has(column ?? ''),
        isRowid: isRowid && column === parts[0]?.[0],
      }),
    ),
    key: keys.find((key) => key.length > 0 && key.every((column) => never.has(column))) ?? [],
    kind: kind ?? 'table',
    estimatedRows: await countRows(server, table),
    version: JSON.stringify([sql, columns]),
    notes: [],
    doubts: [],
  };
}

async function readUniqueIndexes(
  server: SqliteQueries,
  name: string,
): Promise<readonly (readonly string[])[]> {
  const rows = await server.read(
    `SELECT l.name, i.name FROM pragma_index_list(${name}) l, pragma_index_info(l.name) i
     WHERE l."unique" = 1 AND l.partial = 0 ORDER BY l.seq, i.seqno`,
  );
  const indexes = new Map<string, string[]>();
  for (const [index, column] of rows)
    indexes.set(index ?? '', [...(indexes.get(index ?? '') ?? []), column ?? '']);
  return [...indexes.values()];
}

async function countRows(server: SqliteQueries, table: string): Promise<number> {
  const [row] = await server.read(`SELECT COUNT(*) FROM main.${server.words.quote(table)}`);
  return Number(row?.[0] ?? 0);
}

export function describeQuery(server: SqliteQueries, sql: string): FoundTable {
  const columns = server.columnsOf(`SELECT * FROM ${server.words.from({ kind: 'query', sql })}`);
  return {
    columns: columns.map(({ name, type }) =>
      toSourceColumn(name, type ?? '', { nullable: true, isRowid: false }),
    ),
    key: [],
    kind: 'query',
    estimatedRows: null,
    version: JSON.stringify(columns),
    notes: [],
    doubts: [],
  };
}
