// The columns that a run's fields are written to, and what is known of the values they keep.
import { SyncError } from '../../../src/core/errors.ts';
import type { Field, RowSchema } from '../../../src/core/connector/field-type.ts';
import { quoteIdentifier } from '../../../src/core/connector/sql-identifier.ts';
import type { Text } from '../../../src/core/text.ts';
import { fitOf, wanted, type Fit } from './column-fit.ts';
import type { Column, TableShape } from './table-schema.ts';
import type { FieldCheck } from '../../sql/target/value-checks.ts';

export interface MatchedColumns {
  /** In the order of the fields. */
  readonly columns: readonly Column[];
  readonly checks: readonly FieldCheck[];
  readonly notes: readonly Text[];
  readonly doubts: readonly Text[];
}

/** Throws TARGET_SCHEMA. */
export function matchColumns(shape: TableShape, schema: RowSchema, name: string): MatchedColumns {
  const byName = new Map(shape.columns.map((column) => [column.name.toLowerCase(), column]));
  refuseMissing(
    schema.fields.filter((field) => !byName.has(field.name.toLowerCase())),
    name,
  );
  const matched = schema.fields.map((field) =>
    matchColumn(byName.get(field.name.toLowerCase()), field, name),
  );
  const mapped = new Set(matched.map(({ column }) => column));
  for (const column of shape.columns)
    if (!column.optional && !mapped.has(column))
      throw new SyncError('TARGET_SCHEMA', {
        message: `${name}: column ${column.name} is NOT NULL without a default and no field is mapped to it; map one, or give it a default`,
        field: column.name,
      });
  const neverNull = matched.filter(({ column, field }) => field.optional && !column.nullable);
  return {
    columns: matched.map(({ column }) => column),
    checks: matched.flatMap(({ fit }, index) => fit.checks.map((check) => ({ ...check, field: index }))),
    notes: neverNull.length === 0 ? [] : [noteNotNull(neverNull.map(({ column }) => column.name).join(', '))],
    doubts: matched.flatMap(({ fit }) => fit.doubts),
  };
}

function noteNotNull(names: string): Text {
  return {
    en: `NOT NULL, while the source may have no value: ${names}; a row without one is refused as a dirty row`,
    zh: `以下列为 NOT NULL，而源端可能没有值：${names}；没有值的行会作为脏行被拒绝`,
  };
}

/** All of them at once, with the statement that adds them. */
function refuseMissing(fields: readonly Field[], table: string): void {
  const [first] = fields;
  if (first === undefined) return;
  const names = fields.map((field) => field.name);
  const added = fields.map((field) => `ADD COLUMN ${quoteIdentifier(field.name)} ${columnType(field)}`);
  const what = names.length === 1 ? `column ${first.name} does` : `columns ${names.join(', ')} do`;
  throw new SyncError('TARGET_SCHEMA', {
    message: `${table}: ${what} not exist; add: ALTER TABLE ${table} ${added.join(', ')}; or take the fields out of the mapping`,
    field: first.name,
  });
}

function columnType(field: Field): string {
  const type = describeType(field);
  return `${type === openText ? 'LONGTEXT' : type}${field.optional ? ' NULL' : ' NOT NULL'}`;
}

const openText = 'LONGTEXT or VARCHAR';

function matchColumn(
  column: Column | undefined,
  field: Field,
  name: string,
): { readonly column: Column; readonly field: Field; readonly fit: Fit } {
  const refuse = (problem: string): SyncError =>
    new SyncError('TARGET_SCHEMA', { message: `${name}: ${problem}`, field: field.name });
  const type = describeType(field);
  if (column === undefined) throw refuse(`column ${field.name} does not exist`);
  if (column.generated) throw refuse(`column ${field.name} is computed by the server and can't be written`);
  const fit = fitOf(field, column);
  if (fit === null)
    throw refuse(
      `column ${field.name} is ${column.declared} and does not hold every ${field.type.kind} unchanged; make it ${type}, or change the field's type in the mapping`,
    );
  return { column, field, fit };
}

function describeType({ type }: Field): string {
  const name = wanted[type.kind];
  if (type.kind === 'decimal') return `${name}(${type.precision},${type.scale})`;
  if (type.kind === 'time' || type.kind === 'timestamp') return `${name}(${type.precision})`;
  if (type.kind === 'string') return type.length > 0 ? `${name}(${type.length})` : openText;
  return name;
}
