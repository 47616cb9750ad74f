// The target table in an SQLite file: made when it is missing, else looked at whether it fits.
import { SyncError } from '../../src/core/errors.ts';
import type { Field, FieldType, RowSchema } from '../../src/core/field-type.ts';
import { checkIdentifier, quoteIdentifier } from '../../src/core/sql-identifier.ts';
import { chooseKey, refuseTwinFields } from '../../src/core/table-key.ts';
import type { SqliteSinkConfig } from './config.ts';
import type { Row, SqliteDatabase } from './database.ts';

export interface WritePlan {
  readonly table: string;
  readonly fields: readonly Field[];
  /** The table's columns in the order of the rows' fields. */
  readonly columns: readonly string[];
  /** Indexes of the key among the fields; empty: rows have no key. */
  readonly key: readonly number[];
  readonly insertMode: SqliteSinkConfig['insertMode'];
}

export interface PreparedTable {
  readonly plan: WritePlan;
  readonly provable: boolean;
  readonly notes: readonly string[];
}

interface Column {
  readonly name: string;
  readonly declared: string;
  readonly affinity: Affinity;
  readonly generated: boolean;
  /** An INSERT may leave it out. */
  readonly optional: boolean;
  readonly inPrimaryKey: boolean;
}

/** SQLite's own rules: what a column turns a value into. `none`: nothing. */
type Affinity = 'integer' | 'text' | 'none' | 'real' | 'numeric';

/** Throws TARGET_SCHEMA, KEYS_MAY_MERGE. */
export function prepareTable(
  database: SqliteDatabase,
  config: SqliteSinkConfig,
  schema: RowSchema,
): PreparedTable {
  const { table } = config;
  refuseTwinFields(schema, table);
  const key = chooseKey(config, schema, table);
  const [found] = database.all(
    "SELECT type FROM pragma_table_list WHERE schema = 'main' AND name = ? COLLATE NOCASE",
    [table],
  );
  if (found === undefined) createTable(database, config, { schema, key: key.fields });
  else if (found['type'] !== 'table')
    throw new SyncError('TARGET_SCHEMA', { message: `${table} is a ${String(found['type'])}, not a table` });
  const all = readColumns(database, table);
  const columns = matchColumns(all, schema, table);
  const keyColumns = key.fields.map((field) => columnOf(columns, schema, field));
  const mergingColumns = checkKey(database, table, { columns: all, keyColumns });
  if (mergingColumns.length > 0 && !config.keysMayMerge)
    throw new SyncError('KEYS_MAY_MERGE', { message: `${table}: ${mergingColumns.join('; ')}` });
  const merging = [...key.merging, ...mergingColumns];
  const plan: WritePlan = {
    table,
    fields: schema.fields,
    columns: columns.map((column) => column.name),
    key: key.fields.map((field) => schema.fields.findIndex((each) => each.name === field)),
    insertMode: config.insertMode,
  };
  return { plan, provable: merging.length === 0 && key.fields.length > 0, notes: merging };
}

function createTable(
  database: SqliteDatabase,
  config: SqliteSinkConfig,
  rows: { schema: RowSchema; key: readonly string[] },
): void {
  const { table } = config;
  if (!config.autoCreate)
    throw new SyncError('TARGET_SCHEMA', {
      message: `${table} does not exist; create it, or set auto.create=true`,
      field: 'auto.create',
    });
  const columns = rows.schema.fields.map((field) => {
    const problem = checkIdentifier(field.name, `field '${field.name}'`);
    if (problem !== null) throw new SyncError('TARGET_SCHEMA', { message: problem, field: field.name });
    const nothing = rows.key.includes(field.name) || !field.optional ? ' NOT NULL' : '';
    return `${quoteIdentifier(field.name)} ${storageOf(field.type)}${nothing}`;
  });
  if (rows.key.length > 0) columns.push(`PRIMARY KEY (${rows.key.map(quoteIdentifier).join(', ')})`);
  database.run(`CREATE TABLE IF NOT EXISTS ${quoteIdentifier(table)} (${columns.join(', ')}) STRICT`);
}

function storageOf(type: FieldType): string {
  switch (type.kind) {
    case 'int8':
    case 'int16':
    case 'int32':
    case 'int64':
    case 'boolean':
      return 'INTEGER';
    case 'float32':
    case 'float64':
      return 'REAL';
    case 'bytes':
      return 'BLOB';
    case 'decimal':
    case 'date':
    case 'time':
    case 'timestamp':
    case 'json':
    case 'string':
      return 'TEXT';
  }
}

function readColumns(database: SqliteDatabase, table: string): readonly Column[] {
  const rows = database.all(
    'SELECT name, type, "notnull", dflt_value, pk, hidden FROM pragma_table_xinfo(?)',
    [table],
  );
  return rows.map((row) => {
    const declared = textOf(row, 'type');
    const generated = Number(row['hidden']) >= 2;
    const inPrimaryKey = Number(row['pk']) > 0;
    const rowNumber = inPrimaryKey && /^integer$/i.test(declared);
    return {
      name: textOf(row, 'name'),
      declared,
      affinity: affinityOf(declared),
      generated,
      optional: Number(row['notnull']) === 0 || row['dflt_value'] !== null || generated || rowNumber,
      inPrimaryKey,
    };
  });
}

function affinityOf(declared: string): Affinity {
  if (/int/i.test(declared)) return 'integer';
  if (/char|clob|text/i.test(declared)) return 'text';
  if (/blob/i.test(declared) || declared === '' || /^any$/i.test(declared)) return 'none';
  return /real|floa|doub/i.test(declared) ? 'real' : 'numeric';
}

function matchColumns(all: readonly Column[], schema: RowSchema, table: string): readonly Column[] {
  const columns = schema.fields.map((field) => {
    const column = all.find((each) => each.name.toLowerCase() === field.name.toLowerCase());
    const refuse = (problem: string): SyncError =>
      new SyncError('TARGET_SCHEMA', { message: `${table}: ${problem}`, field: field.name });
    const wanted = storageOf(field.type);
    if (column === undefined)
      throw refuse(
        `column ${field.name} does not exist; add it as ${wanted}, or take the field out of the mapping`,
      );
    if (column.generated) throw refuse(`column ${field.name} is computed and can't be written`);
    if (!fits(field.type, column.affinity))
      throw refuse(
        `column ${field.name} is ${column.declared} and does not keep every ${field.type.kind} unchanged; make it ${wanted}, or change the field's type in the mapping`,
      );
    return column;
  });
  const missing = all.find((column) => !column.optional && !columns.includes(column));
  if (missing !== undefined)
    throw new SyncError('TARGET_SCHEMA', {
      message: `${table}: column ${missing.name} is NOT NULL without a default and no field is mapped to it; map one, or give it a default`,
      field: missing.name,
    });
  return columns;
}

function fits(type: FieldType, affinity: Affinity): boolean {
  if (affinity === 'none') return true;
  switch (type.kind) {
    case 'int8':
    case 'int16':
    case 'int32':
    case 'int64':
    case 'boolean':
      return affinity !== 'real';
    case 'float32':
    case 'float64':
      return affinity === 'real' || affinity === 'numeric';
    case 'date':
    case 'time':
    case 'timestamp':
      // No date looks like a number, so NUMERIC (which DATE and DATETIME are) leaves it as it is.
      return affinity === 'text' || affinity === 'numeric';
    case 'decimal':
    case 'json':
    case 'string':
      return affinity === 'text';
    case 'bytes':
      return false;
  }
}

function columnOf(columns: readonly Column[], schema: RowSchema, field: string): Column {
  const column = columns[schema.fields.findIndex((each) => each.name === field)];
  if (column === undefined)
    throw new SyncError('TARGET_SCHEMA', { message: `field ${field} has no column`, field });
  return column;
}

/** Throws when the table has no such key; gives the columns under whose collation different keys are equal. */
function checkKey(
  database: SqliteDatabase,
  table: string,
  target: { columns: readonly Column[]; keyColumns: readonly Column[] },
): readonly string[] {
  const names = target.keyColumns.map((column) => column.name);
  if (names.length === 0) return [];
  const sameAsKey = (columns: readonly string[]): boolean =>
    columns.length === names.length && names.every((name) => columns.includes(name));
  const keys = readUniqueKeys(database, table);
  const key = keys.find((each) => sameAsKey(each.map((part) => part.column)));
  if (key !== undefined)
    return key.flatMap(({ column, collation }) =>
      collation === 'BINARY'
        ? []
        : [
            `key column ${column} is compared by ${collation}, which takes different keys for one; declare it COLLATE BINARY`,
          ],
    );
  // INTEGER PRIMARY KEY is the row number itself and has no index.
  const primary = target.columns.filter((column) => column.inPrimaryKey).map((column) => column.name);
  if (sameAsKey(primary)) return [];
  throw new SyncError('TARGET_SCHEMA', {
    message: `${table}: (${names.join(', ')}) is not its primary key${primary.length > 0 ? ` (that is ${primary.join(', ')})` : ''} nor a unique key; add one: CREATE UNIQUE INDEX … ON ${table} (${names.join(', ')}); or set pk.fields`,
    field: 'pk.fields',
  });
}

function readUniqueKeys(
  database: SqliteDatabase,
  table: string,
): readonly (readonly { column: string; collation: string }[])[] {
  const rows = database.all(
    `SELECT list.name AS name, part.name AS column_name, part.coll AS collation
     FROM pragma_index_list(?) AS list, pragma_index_xinfo(list.name) AS part
     WHERE list."unique" = 1 AND list.partial = 0 AND part.key = 1 ORDER BY list.seq, part.seqno`,
    [table],
  );
  const keys = new Map<string, { column: string; collation: string }[]>();
  for (const row of rows) {
    const part = { column: textOf(row, 'column_name'), collation: textOf(row, 'collation').toUpperCase() };
    const parts = keys.get(textOf(row, 'name'));
    if (parts === undefined) keys.set(textOf(row, 'name'), [part]);
    else parts.push(part);
  }
  return [...keys.values()];
}

function textOf(row: Row, column: string): string {
  const value = row[column];
  return typeof value === 'string' ? value : '';
}
