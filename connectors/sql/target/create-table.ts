// auto.create and auto.evolve: the table, or the columns it lacks, made for the rows' schema.
import { SyncError } from '../../../src/core/errors.ts';
import type { Field, RowSchema } from '../../../src/core/connector/field-type.ts';
import { checkIdentifier } from '../../../src/core/connector/sql-identifier.ts';
import type { SqlDialect } from './dialect.ts';

export interface NewTable {
  /** Quoted. */
  readonly table: string;
  readonly schema: RowSchema;
  /** Empty: the table gets no primary key. */
  readonly key: readonly string[];
}

/** Throws TARGET_SCHEMA for a field that can't be a column's name. */
export function createTableSql(
  { table, schema, key }: NewTable,
  { quote }: Pick<SqlDialect, 'quote'>,
  typeOf: (field: Field, inKey: boolean) => string,
): string {
  const columns = schema.fields.map((field) => {
    const inKey = key.includes(field.name);
    return `${quote(field.name)} ${typeOf(field, inKey)} ${inKey || !field.optional ? 'NOT NULL' : 'NULL'}`;
  });
  const primary = key.length === 0 ? [] : [`PRIMARY KEY (${key.map((name) => quote(name)).join(', ')})`];
  return `CREATE TABLE IF NOT EXISTS ${table} (${[...columns, ...primary].join(', ')})`;
}

/** Columns for fields that have none; the rows that are there get NULL in them. */
export function addColumnsSql(
  {
    table,
    quote,
    addsOneByOne,
    typeOf,
  }: Pick<NewTable, 'table'> &
    Pick<SqlDialect, 'quote' | 'addsOneByOne'> & { readonly typeOf: (field: Field) => string },
  fields: readonly Field[],
): readonly string[] {
  const added = fields.map((field) => `ADD COLUMN ${quote(field.name)} ${typeOf(field)} NULL`);
  const statements = addsOneByOne === true ? added : [added.join(', ')];
  return statements.map((what) => `ALTER TABLE ${table} ${what}`);
}

/** Names that come from the rows. Throws TARGET_SCHEMA. */
export function requireNames(schema: RowSchema, maxBytes: number): void {
  for (const { name } of schema.fields) {
    const problem = checkIdentifier(name, `field '${name}'`) ?? tooLong(name, maxBytes);
    if (problem !== null) throw new SyncError('TARGET_SCHEMA', { message: problem, field: name });
  }
}

function tooLong(name: string, maxBytes: number): string | null {
  const bytes = Buffer.byteLength(name);
  return bytes > maxBytes ? `field '${name}' has ${bytes} bytes, at most ${maxBytes} are allowed` : null;
}
