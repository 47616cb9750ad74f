// The columns that a run's fields are written to, and what is known of the values they keep.
import { typeName } from '../../../src/core/connector/field-type.ts';
import type { Field, RowSchema } from '../../../src/core/connector/field-type.ts';
import { SyncError } from '../../../src/core/errors.ts';
import type { Text } from '../../../src/core/text.ts';
import { addColumnsSql } from './create-table.ts';
import type { SqlDialect } from './dialect.ts';
import type { TableAccess } from './table-access.ts';
import type { Column, Fit, TableShape } from './table-shape.ts';
import type { FieldCheck } from './value-checks.ts';

export interface MatchedColumns<C extends Column> {
  /** In the order of the fields. */
  readonly columns: readonly C[];
  readonly checks: readonly FieldCheck[];
  readonly notes: readonly Text[];
  readonly doubts: readonly Text[];
}

/** Throws TARGET_SCHEMA. */
export function matchColumns<T extends TableShape<Column>>(
  access: TableAccess<T> & Pick<SqlDialect, 'quote' | 'addsOneByOne'>,
  { columns: all }: T,
  schema: RowSchema,
): MatchedColumns<T['columns'][number]> {
  refuseMissing(access, all, schema);
  const matched = schema.fields.map((field) => matchColumn(access, findColumn(all, field.name), field));
  const mapped = new Set<Column>(matched.map(({ column }) => column));
  for (const column of all)
    if (!column.optional && !mapped.has(column))
      throw new SyncError('TARGET_SCHEMA', {
        message: `${access.name}: column ${column.name} is NOT NULL without a default and no field is mapped to it; map one, or give it a default`,
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

/** By its name as it is; else in whatever case, where only one is meant. */
export function findColumn<C extends Pick<Column, 'name'>>(
  columns: readonly C[],
  name: string,
): C | undefined {
  const folded = columns.filter((column) => column.name.toLowerCase() === name.toLowerCase());
  return folded.find((column) => column.name === name) ?? (folded.length === 1 ? folded[0] : undefined);
}

export function missingFields(
  columns: readonly Pick<Column, 'name'>[],
  { fields }: RowSchema,
): readonly Field[] {
  return fields.filter((field) => findColumn(columns, field.name) === undefined);
}

/** All of them at once, with the statement that adds them. */
function refuseMissing<T extends TableShape<Column>>(
  access: TableAccess<T> & Pick<SqlDialect, 'quote' | 'addsOneByOne'>,
  columns: readonly Column[],
  schema: RowSchema,
): void {
  const missing = missingFields(columns, schema);
  const [first] = missing;
  if (first === undefined) return;
  const names = missing.map((field) => field.name);
  const what = names.length === 1 ? `column ${first.name} does` : `columns ${names.join(', ')} do`;
  throw new SyncError('TARGET_SCHEMA', {
    message: `${access.name}: ${what} not exist; add: ${addColumnsSql(access, missing).join('; ')}; or set auto.evolve=true, or take the fields out of the mapping`,
    field: first.name,
  });
}

function noteNotNull(names: string): Text {
  return {
    en: `NOT NULL, while the source may have no value: ${names}; a row without one is refused as a dirty row`,
    zh: `以下列为 NOT NULL，而源可能没有值：${names}；没有值的行会作为脏行被拒绝`,
  };
}

function matchColumn<T extends TableShape<Column>>(
  { name, fits, typeOf }: TableAccess<T>,
  column: T['columns'][number] | undefined,
  field: Field,
): { readonly column: T['columns'][number]; readonly field: Field; readonly fit: Fit } {
  const refuse = (problem: string): SyncError =>
    new SyncError('TARGET_SCHEMA', { message: `${name}: ${problem}`, field: field.name });
  if (column === undefined) throw refuse(`column ${field.name} does not exist`);
  if (column.generated) throw refuse(`column ${field.name} is computed by the server and can't be written`);
  const fit = fits(field, column);
  if (fit === null)
    throw refuse(
      `column ${field.name} is ${column.declared} and does not hold every ${typeName(field.type)} unchanged; make it ${typeOf(field)}, or change the field's type in the mapping`,
    );
  return { column, field, fit };
}
