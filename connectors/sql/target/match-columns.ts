// The columns that a run's fields are written to, and what is known of the values they keep.
import { SyncError } from '../../../src/core/errors.ts';
import type { Field, RowSchema } from '../../../src/core/connector/field-type.ts';
import type { Text } from '../../../src/core/text.ts';
import type { Column, Fit, TableShape } from './table-shape.ts';
import type { FieldCheck } from './value-checks.ts';

/** What a target knows of its columns. */
export interface ColumnRules<C extends Column> {
  /** null: the column does not keep such values. */
  readonly fits: (field: Field, column: C) => Fit | null;
  /** The type that would, as it is declared. */
  readonly typeOf: (field: Field) => string;
}

export interface MatchedColumns<C extends Column> {
  /** In the order of the fields. */
  readonly columns: readonly C[];
  readonly checks: readonly FieldCheck[];
  readonly notes: readonly Text[];
  readonly doubts: readonly Text[];
}

/** `name` for messages. Throws TARGET_SCHEMA. */
export function matchColumns<C extends Column>(
  { columns: all }: Pick<TableShape<C>, 'columns'>,
  { schema, name }: { readonly schema: RowSchema; readonly name: string },
  rules: ColumnRules<C>,
): MatchedColumns<C> {
  const matched = schema.fields.map((field) =>
    matchColumn(findColumn(all, field.name), { field, name }, rules),
  );
  const mapped = new Set(matched.map(({ column }) => column));
  for (const column of all)
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

/** By its name as it is; else in whatever case, where only one is meant. */
export function findColumn<C extends Column>(columns: readonly C[], name: string): C | undefined {
  const folded = columns.filter((column) => column.name.toLowerCase() === name.toLowerCase());
  return folded.find((column) => column.name === name) ?? (folded.length === 1 ? folded[0] : undefined);
}

function noteNotNull(names: string): Text {
  return {
    en: `NOT NULL, while the source may have no value: ${names}; a row without one is refused as a dirty row`,
    zh: `以下列为 NOT NULL，而源端可能没有值：${names}；没有值的行会作为脏行被拒绝`,
  };
}

function matchColumn<C extends Column>(
  column: C | undefined,
  { field, name }: { readonly field: Field; readonly name: string },
  rules: ColumnRules<C>,
): { readonly column: C; readonly field: Field; readonly fit: Fit } {
  const refuse = (problem: string): SyncError =>
    new SyncError('TARGET_SCHEMA', { message: `${name}: ${problem}`, field: field.name });
  const type = rules.typeOf(field);
  if (column === undefined)
    throw refuse(
      `column ${field.name} does not exist; add it as ${type}, take the field out of the mapping, or set auto.evolve=true`,
    );
  if (column.generated) throw refuse(`column ${field.name} is computed by the server and can't be written`);
  const fit = rules.fits(field, column);
  if (fit === null)
    throw refuse(
      `column ${field.name} is ${column.declared} and does not hold every ${field.type.kind} unchanged; make it ${type}, or change the field's type in the mapping`,
    );
  return { column, field, fit };
}
