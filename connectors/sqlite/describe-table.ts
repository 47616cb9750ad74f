// What a table in an SQLite file looks like: columns with their affinities, unique keys, and what it does with rows besides storing them.
import { SyncError } from '../../src/core/errors.ts';
import type { Column, TableShape, UniqueKey } from '../sql/target/table-shape.ts';
import { affinityOf, type Affinity } from './column-fit.ts';
import type { Row, SqliteDatabase } from './database.ts';
import { doubtsOf, referringTables } from './table-doubts.ts';

export interface SqliteColumn extends Column {
  readonly affinity: Affinity;
  /** INTEGER PRIMARY KEY: SQLite's own number of the row, which has no index. */
  readonly isRowNumber: boolean;
}

export interface SqliteKey extends UniqueKey {
  /** Column → what the key compares it by, which may be another than the column's. */
  readonly collations: ReadonlyMap<string, string>;
}

export type SqliteShape = TableShape<SqliteColumn, SqliteKey>;

/** null: there is no such table. Throws TARGET_SCHEMA for a view, and in a file that does not keep every text. */
export function describeTable(database: SqliteDatabase, table: string): SqliteShape | null {
  refuseUtf16(database, table);
  const [found] = database.all(
    "SELECT type, strict, wr FROM pragma_table_list WHERE schema = 'main' AND name = ? COLLATE NOCASE",
    [table],
  );
  if (found === undefined) return null;
  if (found['type'] !== 'table')
    throw new SyncError('TARGET_SCHEMA', {
      message: `${table} is a ${found['type'] === 'virtual' ? 'virtual table' : String(found['type'])}; name an ordinary table`,
    });
  const rows = database.all(
    'SELECT name, type, "notnull", dflt_value, pk, hidden FROM pragma_table_xinfo(?)',
    [table],
  );
  const primaryKey = rows.filter((row) => Number(row['pk']) > 0).map((row) => textOf(row, 'name'));
  const form = { strict: Number(found['strict']) === 1, withoutRowNumber: Number(found['wr']) === 1 };
  const columns = rows.map((row) => toColumn(row, form, primaryKey));
  const number = columns.filter((column) => column.isRowNumber).map(({ name }) => name);
  return {
    columns,
    primaryKey,
    uniqueKeys: [
      ...number.map((name) => ({ name, columns: [name], collations: new Map([[name, 'BINARY']]) })),
      ...readUniqueKeys(database, table),
    ],
    doubts: doubtsOf(database, table),
    hangsOn: referringTables(database, table).length > 0,
  };
}

/** Some characters (U+FFFE, U+FFFF) become another one there, and keys stand in another order than that of their bytes. */
function refuseUtf16(database: SqliteDatabase, table: string): void {
  const encoding = String(database.all('PRAGMA encoding')[0]?.['encoding']);
  if (encoding !== 'UTF-8')
    throw new SyncError('TARGET_SCHEMA', {
      message: `${table}: the file keeps text as ${encoding}, which does not keep every text unchanged; make a new one with PRAGMA encoding = 'UTF-8'`,
      field: 'connection.url',
    });
}

function toColumn(
  row: Row,
  { strict, withoutRowNumber }: { readonly strict: boolean; readonly withoutRowNumber: boolean },
  primaryKey: readonly string[],
): SqliteColumn {
  const [name, declared] = [textOf(row, 'name'), textOf(row, 'type')];
  const generated = Number(row['hidden']) >= 2;
  const isRowNumber =
    primaryKey.length === 1 && primaryKey[0] === name && !withoutRowNumber && /^integer$/i.test(declared);
  const nullable = Number(row['notnull']) === 0;
  return {
    name,
    declared,
    nullable,
    optional: nullable || row['dflt_value'] !== null || generated || isRowNumber,
    generated,
    affinity: affinityOf(declared, strict),
    isRowNumber,
  };
}

function readUniqueKeys(database: SqliteDatabase, table: string): readonly SqliteKey[] {
  const rows = database.all(
    `SELECT list.name AS name, part.name AS column_name, part.coll AS collation
     FROM pragma_index_list(?) AS list, pragma_index_xinfo(list.name) AS part
     WHERE list."unique" = 1 AND list.partial = 0 AND part.key = 1 ORDER BY list.seq, part.seqno`,
    [table],
  );
  const keys = new Map<string, [string, string][]>();
  for (const row of rows) {
    const parts = keys.get(textOf(row, 'name')) ?? [];
    keys.set(textOf(row, 'name'), parts);
    parts.push([textOf(row, 'column_name'), textOf(row, 'collation').toUpperCase()]);
  }
  return [...keys].map(([name, parts]) => ({
    name,
    // An expression has no column's name.
    columns: parts.some(([column]) => column === '') ? [] : parts.map(([column]) => column),
    collations: new Map(parts),
  }));
}

function textOf(row: Row, column: string): string {
  const value = row[column];
  return typeof value === 'string' ? value : '';
}
