// auto.create: the DDL of a target table that holds every value of the rows' schema.
import type { Field, RowSchema } from '../../src/core/field-type.ts';
import { quoteIdentifier } from '../../src/core/sql-identifier.ts';
import { wanted } from './column-fit.ts';

/** InnoDB's rows have 65,535 bytes for all columns that are no TEXT or BLOB. */
const rowBudgetBytes = 60_000;
const keyLength = 255;

/** `key` empty: the table gets no primary key. Names were checked by the caller. */
export function createTableSql(options: {
  readonly name: string;
  readonly schema: RowSchema;
  readonly key: readonly string[];
  /** For text in the key: different texts must stay different keys. */
  readonly keyCollation: string;
}): string {
  const { schema, key } = options;
  let budget = rowBudgetBytes;
  const spend = (bytes: number): boolean => {
    if (bytes > budget) return false;
    budget -= bytes;
    return true;
  };
  // Key columns first: they can't become TEXT.
  const types = new Map<string, string>();
  const isKey = (field: Field): boolean => key.includes(field.name);
  for (const field of [...schema.fields.filter(isKey), ...schema.fields.filter((field) => !isKey(field))])
    types.set(
      field.name,
      isKey(field) ? keyType(field, options.keyCollation, spend) : columnType(field, spend),
    );
  const columns = schema.fields.map((field) => {
    const nothing = isKey(field) || !field.optional ? 'NOT NULL' : 'NULL';
    return `${quoteIdentifier(field.name)} ${types.get(field.name) ?? ''} ${nothing}`;
  });
  const primary = key.length === 0 ? [] : [`PRIMARY KEY (${key.map(quoteIdentifier).join(', ')})`];
  return `CREATE TABLE IF NOT EXISTS ${options.name} (${[...columns, ...primary].join(', ')}) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4`;
}

function keyType(field: Field, collation: string, spend: (bytes: number) => boolean): string {
  const { type } = field;
  if (type.kind !== 'string' && type.kind !== 'bytes') return columnType(field, spend);
  const length = type.length === 0 ? keyLength : type.length;
  spend(type.kind === 'bytes' ? length : 4 * length);
  return type.kind === 'bytes'
    ? `VARBINARY(${length})`
    : `VARCHAR(${length}) CHARACTER SET utf8mb4 COLLATE ${collation}`;
}

function columnType(field: Field, spend: (bytes: number) => boolean): string {
  const { type } = field;
  switch (type.kind) {
    case 'string':
      return type.length > 0 && spend(4 * type.length + 2) ? `VARCHAR(${type.length})` : 'LONGTEXT';
    case 'bytes':
      return type.length > 0 && spend(type.length + 2) ? `VARBINARY(${type.length})` : 'LONGBLOB';
    case 'decimal':
      return `DECIMAL(${type.precision}, ${type.scale})`;
    case 'time':
    case 'timestamp':
      return `${wanted[type.kind]}(${type.precision})`;
    case 'int8':
    case 'int16':
    case 'int32':
    case 'int64':
    case 'float32':
    case 'float64':
    case 'boolean':
    case 'date':
    case 'json':
      return wanted[type.kind];
  }
}
