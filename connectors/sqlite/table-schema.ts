// The target table in an SQLite file: made when it is missing, else looked at whether it fits.
import { SyncError } from '../../src/core/errors.ts';
import type { Field, RowSchema } from '../../src/core/connector/field-type.ts';
import { checkIdentifier, quoteIdentifier } from '../../src/core/connector/sql-identifier.ts';
import type { TableNotes } from '../../src/core/connector/sink-store.ts';
import {
  chooseKey,
  doubtNoKey,
  refuseTwinFields,
  type TableKey,
} from '../../src/core/connector/table-key.ts';
import { requireNames } from '../sql/target/create-table.ts';
import { missingFields } from '../sql/target/match-columns.ts';
import { keyOrderOf } from '../../src/core/record/key-order.ts';
import type { KeyOrder } from '../../src/core/record/key-order.ts';
import type { ComparedColumn } from '../sql/target/unclaimed-keys.ts';
import { affinityOf, keeps, storageOf } from './column-fit.ts';
import type { Affinity } from './column-fit.ts';
import type { SqliteSinkConfig } from './config.ts';
import type { SqliteDatabase } from './database.ts';
import { doubtsOf, isReferenced } from './table-doubts.ts';
import { chooseTableKey, comparedIn } from './table-keys.ts';

export interface WritePlan {
  readonly table: string;
  readonly fields: readonly Field[];
  /** The table's columns in the order of the rows' fields. */
  readonly columns: readonly string[];
  /** Indexes of the key among the fields; empty: rows have no key. */
  readonly key: readonly number[];
  /** The key's columns as statements compare them, in the order of `key`; quoted. */
  readonly keyTerms: readonly string[];
  /** Of the rows' key; null: it can't be compared. */
  readonly keyOrder: KeyOrder | null;
  /** How keys of source and target are compared in the key's columns, in the order of `key`; null: not at all. */
  readonly compared: readonly (ComparedColumn | null)[];
  /** Index of the field whose column is the row number, which SQLite makes up for NULL; -1: none. */
  readonly rowNumber: number;
  readonly insertMode: SqliteSinkConfig['insertMode'];
}

export interface PreparedTable extends TableNotes {
  readonly plan: WritePlan;
  /** Different keys of the source may be one in the table. */
  readonly mergesKeys: boolean;
  /** As ReadyTable has it. */
  readonly replaceable: boolean;
}

interface Column {
  readonly name: string;
  readonly declared: string;
  readonly affinity: Affinity;
  readonly generated: boolean;
  /** An INSERT may leave it out. */
  readonly optional: boolean;
  readonly inPrimaryKey: boolean;
  /** INTEGER PRIMARY KEY: SQLite's own number of the row. */
  readonly isRowNumber: boolean;
}

/** Throws TARGET_SCHEMA, KEYS_MAY_MERGE. */
export function prepareTable(
  database: SqliteDatabase,
  config: SqliteSinkConfig,
  schema: RowSchema,
): PreparedTable {
  const key = chooseRowKey(config, schema);
  refuseUtf16(database, config.table);
  const form = findForm(database, config.table) ?? createTable(database, config, { schema, key: key.fields });
  for (const sql of missingColumns(database, config, { schema, form })) database.run(sql);
  return judgeTable(database, config, { schema, key, form });
}

/** What `prepareTable` would say, without making anything. `database`: null when the file is still to be made. */
export function foreseeTable(
  database: SqliteDatabase | null,
  config: SqliteSinkConfig,
  schema: RowSchema,
): TableNotes {
  const key = chooseRowKey(config, schema);
  const { table } = config;
  if (database !== null) refuseUtf16(database, table);
  const form = database === null ? null : findForm(database, table);
  const evolving =
    database === null || form === null ? [] : missingColumns(database, config, { schema, form });
  if (database !== null && form !== null && evolving.length === 0)
    return judgeTable(database, config, { schema, key, form });
  const sql = form === null ? tableSql(config, { schema, key: key.fields }) : evolving.join('; ');
  return {
    notes: [{ en: `it will be made: ${sql}`, zh: `将创建表：${sql}` }],
    doubts: [...key.merging, ...(key.fields.length === 0 ? [doubtNoKey(table)] : [])],
  };
}

function chooseRowKey(config: SqliteSinkConfig, schema: RowSchema): TableKey {
  refuseTwinFields(schema, config.table);
  return chooseKey(config, schema, config.table);
}

function judgeTable(
  database: SqliteDatabase,
  config: SqliteSinkConfig,
  { schema, key, form }: { readonly schema: RowSchema; readonly key: TableKey; readonly form: TableForm },
): PreparedTable {
  const { table } = config;
  const all = readColumns(database, table, form);
  const columns = matchColumns(all, schema, table);
  const rowNumber = all.find((column) => column.isRowNumber)?.name ?? null;
  const { terms, merging: folding } = chooseTableKey(database, table, {
    key: key.fields.map((field) => columnOf(columns, schema, field).name),
    primary: all.filter((column) => column.inPrimaryKey).map((column) => column.name),
    rowNumber,
  });
  if (folding.length > 0 && !config.keysMayMerge)
    throw new SyncError('KEYS_MAY_MERGE', {
      message: `${table}: ${folding.map(({ en }) => en).join('; ')}`,
    });
  const merging = [...key.merging, ...folding];
  const doubts = [
    ...merging,
    ...(key.fields.length === 0 ? [doubtNoKey(table)] : []),
    ...doubtsOf(database, table),
  ];
  const indexes = key.fields.map((field) => schema.fields.findIndex((each) => each.name === field));
  const plan: WritePlan = {
    table,
    fields: schema.fields,
    columns: columns.map((column) => column.name),
    key: indexes,
    keyTerms: terms,
    keyOrder: keyOrderOf(schema),
    compared: indexes.map((index, at) => comparedIn(schema.fields[index], columns[index], terms[at])),
    rowNumber: columns.findIndex((column) => column.isRowNumber),
    insertMode: config.insertMode,
  };
  const isWhole = all.every((column) => column.generated || columns.includes(column));
  const replaceable =
    isWhole && doubts.length === 0 && config.insertMode === 'upsert' && !isReferenced(database, table);
  return { plan, mergesKeys: merging.length > 0, replaceable, notes: [], doubts };
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

interface TableForm {
  readonly strict: boolean;
  readonly withoutRowNumber: boolean;
}

/** null: there is no such table. Throws TARGET_SCHEMA for a view. */
function findForm(database: SqliteDatabase, table: string): TableForm | null {
  const [found] = database.all(
    "SELECT type, strict, wr FROM pragma_table_list WHERE schema = 'main' AND name = ? COLLATE NOCASE",
    [table],
  );
  if (found === undefined) return null;
  if (found['type'] !== 'table')
    throw new SyncError('TARGET_SCHEMA', {
      message: `${table} is a ${String(found['type'])}, not a table`,
    });
  return { strict: Number(found['strict']) === 1, withoutRowNumber: Number(found['wr']) === 1 };
}

function createTable(database: SqliteDatabase, config: SqliteSinkConfig, rows: NewRows): TableForm {
  database.run(tableSql(config, rows));
  return { strict: true, withoutRowNumber: false };
}

interface NewRows {
  readonly schema: RowSchema;
  readonly key: readonly string[];
}

function tableSql({ table, autoCreate }: SqliteSinkConfig, rows: NewRows): string {
  if (!autoCreate)
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
  return `CREATE TABLE IF NOT EXISTS ${quoteIdentifier(table)} (${columns.join(', ')}) STRICT`;
}

function readColumns(
  database: SqliteDatabase,
  table: string,
  { strict, withoutRowNumber }: TableForm,
): readonly Column[] {
  const rows = database.all(
    'SELECT name, type, "notnull", dflt_value, pk, hidden FROM pragma_table_xinfo(?)',
    [table],
  );
  const primary = rows.filter((row) => Number(row['pk']) > 0).length;
  return rows.map((row) => {
    const declared = String(row['type']);
    const generated = Number(row['hidden']) >= 2;
    const inPrimaryKey = Number(row['pk']) > 0;
    const isRowNumber = inPrimaryKey && primary === 1 && !withoutRowNumber && /^integer$/i.test(declared);
    return {
      name: String(row['name']),
      declared,
      affinity: affinityOf(declared, strict),
      generated,
      optional: Number(row['notnull']) === 0 || row['dflt_value'] !== null || generated || isRowNumber,
      inPrimaryKey,
      isRowNumber,
    };
  });
}

/** What auto.evolve makes. Throws TARGET_SCHEMA for a field that can't be a column's name. */
function missingColumns(
  database: SqliteDatabase,
  { table, autoEvolve }: SqliteSinkConfig,
  { schema, form }: { readonly schema: RowSchema; readonly form: TableForm },
): readonly string[] {
  if (!autoEvolve) return [];
  requireNames(schema, Number.POSITIVE_INFINITY);
  return missingFields(readColumns(database, table, form), schema).map((field) => addColumnSql(table, field));
}

function addColumnSql(table: string, { name, type }: Field): string {
  return `ALTER TABLE ${quoteIdentifier(table)} ADD COLUMN ${quoteIdentifier(name)} ${storageOf(type)}`;
}

/** All of them at once, with the statements that add them: SQLite adds one column at a time, and none that must have a value. */
function refuseMissing(fields: readonly Field[], table: string): void {
  const [first] = fields;
  if (first === undefined) return;
  const add = fields.map((field) => `${addColumnSql(table, field)};`);
  const what =
    fields.length === 1
      ? `column ${first.name} does`
      : `columns ${fields.map(({ name }) => name).join(', ')} do`;
  throw new SyncError('TARGET_SCHEMA', {
    message: `${table}: ${what} not exist; add: ${add.join(' ')} or set auto.evolve=true, or take the fields out of the mapping`,
    field: first.name,
  });
}

function matchColumns(all: readonly Column[], schema: RowSchema, table: string): readonly Column[] {
  const known = new Set(all.map(({ name }) => name.toLowerCase()));
  refuseMissing(
    schema.fields.filter(({ name }) => !known.has(name.toLowerCase())),
    table,
  );
  const columns = schema.fields.map((field) => {
    const column = all.find((each) => each.name.toLowerCase() === field.name.toLowerCase());
    const refuse = (problem: string): SyncError =>
      new SyncError('TARGET_SCHEMA', { message: `${table}: ${problem}`, field: field.name });
    const wanted = storageOf(field.type);
    if (column === undefined) throw refuse(`column ${field.name} does not exist`);
    if (column.generated) throw refuse(`column ${field.name} is computed and can't be written`);
    if (!keeps(column.affinity, field.type))
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

function columnOf(columns: readonly Column[], schema: RowSchema, field: string): Column {
  const column = columns[schema.fields.findIndex((each) => each.name === field)];
  if (column === undefined)
    throw new SyncError('TARGET_SCHEMA', { message: `field ${field} has no column`, field });
  return column;
}
