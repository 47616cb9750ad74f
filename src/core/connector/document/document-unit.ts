// The rows of one transaction of a document target, as they are to be written when its work is done.
import { describeRow } from '../../record/refused-row.ts';
import { readRow } from '../../record/row-format.ts';
import { rowsOf } from '../../record/row-key.ts';
import { valueProblem } from '../../record/value-problem.ts';
import type { RowSchema } from '../field-type.ts';
import type { RefusedRow, RowBatch } from '../sink-store.ts';

type Value = string | Buffer | null;

/** A row to be written, or one to be removed. Bytes are of fields of bytes, all else is text as the row format has it. */
export interface DocumentRow {
  readonly key: readonly (string | Buffer)[];
  /** In the order of the schema's fields; null: the row is to be removed. */
  readonly values: readonly Value[] | null;
}

export interface DocumentUnit {
  readonly rows: readonly DocumentRow[];
  /** Takes the rows that have valid values; gives back the others. */
  write(schema: RowSchema, batch: RowBatch): readonly RefusedRow[];
  remove(schema: RowSchema, batch: RowBatch): void;
  /** null: no row can have it. */
  keysOf(schema: RowSchema, batch: RowBatch): readonly (DocumentRow['key'] | null)[];
  /** The last row of the unit that has the key. */
  find(key: DocumentRow['key']): DocumentRow | undefined;
}

export function openUnit(): DocumentUnit {
  const rows: DocumentRow[] = [];
  const byKey = new Map<string, DocumentRow>();
  const put = (row: DocumentRow): void => {
    rows.push(row);
    byKey.set(textOf(row.key), row);
  };
  const keysOf: DocumentUnit['keysOf'] = (schema, batch) =>
    [...rowsOf(batch)].map(({ start, end }) => {
      const raw = readRow(batch.bytes, start, end);
      const values = schema.fields.map((field, at) => {
        const value = raw[at] ?? null;
        return valueProblem(field, value) === null ? valueOf(schema, at, value) : null;
      });
      return keyOf(schema, values);
    });
  return {
    rows,
    write: (schema, batch) => {
      const refused: RefusedRow[] = [];
      for (const [index, { start, end }] of [...rowsOf(batch)].entries()) {
        const raw = readRow(batch.bytes, start, end);
        const refusal = refuse(schema, raw);
        const values = raw.map((value, at) => valueOf(schema, at, value));
        const key = refusal === null ? keyOf(schema, values) : null;
        if (key !== null) put({ key, values });
        else refused.push(describe(schema, { index, bytes: batch.bytes.subarray(start, end), refusal }));
      }
      return refused;
    },
    remove: (schema, batch) => {
      for (const key of keysOf(schema, batch)) if (key !== null) put({ key, values: null });
    },
    keysOf,
    find: (key) => byKey.get(textOf(key)),
  };
}

function valueOf({ fields }: RowSchema, at: number, value: Buffer | null): Value {
  return value === null || fields[at]?.type.kind === 'bytes' ? value : value.toString('utf8');
}

function keyOf({ fields, key }: RowSchema, values: readonly Value[]): DocumentRow['key'] | null {
  const parts = key.map((name) => values[fields.findIndex((field) => field.name === name)] ?? null);
  const there = parts.filter((part) => part !== null);
  return there.length === parts.length ? there : null;
}

interface Refusal {
  readonly field: string;
  readonly reason: string;
}

function refuse({ fields, key }: RowSchema, raw: readonly (Buffer | null)[]): Refusal | null {
  if (raw.length !== fields.length)
    return { field: '', reason: `the row has ${raw.length} fields, its schema has ${fields.length}` };
  for (const [at, field] of fields.entries()) {
    const value = raw[at] ?? null;
    const missing = value === null && (!field.optional || key.includes(field.name));
    const reason = missing ? 'the field is NULL' : valueProblem(field, value);
    if (reason !== null) return { field: field.name, reason };
  }
  return null;
}

function describe(
  { fields, key }: RowSchema,
  row: { readonly index: number; readonly bytes: Buffer; readonly refusal: Refusal | null },
): RefusedRow {
  const { index, bytes, refusal } = row;
  const indexes = key.map((name) => fields.findIndex((field) => field.name === name));
  return describeRow({
    index,
    bytes,
    fields,
    key: indexes,
    ...(refusal ?? { field: '', reason: 'its key is NULL' }),
  });
}

function textOf(key: DocumentRow['key']): string {
  return JSON.stringify(key.map((part) => (typeof part === 'string' ? part : [part.toString('latin1')])));
}
