// Rows as lines, unchanged or refused. What a line can hold:
//
//   a row of one field    its value as it is: any text but NULL, one with a line break, and one that ends with a carriage return, which
//                         readers of lines take for part of the line break
//   a row of several      the row format (src/core/record/row-format.ts): values between tabs, with escapes, NULL as `\N`, which no text is there
import { counted } from '../../src/core/text.ts';
import { isUtf8 } from 'node:buffer';
import type { Field } from '../../src/core/connector/field-type.ts';
import { describeRow } from '../../src/core/record/refused-row.ts';
import { readRow } from '../../src/core/record/row-format.ts';
import type { RefusedRow, RowBatch } from '../../src/core/connector/sink-store.ts';

const LF = 0x0a;
const CR = 0x0d;

interface Refusal {
  readonly field: string;
  readonly reason: string;
}

/** Adds the batch's lines to `out`; gives back the rows that are none. */
export function writeLines(
  out: Buffer[],
  { bytes }: RowBatch,
  fields: readonly Field[],
): readonly RefusedRow[] {
  const refused: RefusedRow[] = [];
  let index = 0;
  for (let from = 0; from < bytes.length; index += 1) {
    const end = bytes.indexOf(LF, from);
    const row = bytes.subarray(from, end);
    const values = readRow(row);
    const refusal = refuse(values, fields);
    const [only] = values;
    if (refusal !== null) refused.push(describeRow({ index, bytes: row, fields, key: [], ...refusal }));
    else if (fields.length === 1 && only != null) out.push(only, Buffer.of(LF));
    else out.push(Buffer.from(bytes.subarray(from, end + 1)));
    from = end + 1;
  }
  return refused;
}

function refuse(values: readonly (Buffer | null)[], fields: readonly Field[]): Refusal | null {
  if (values.length !== fields.length)
    return {
      field: '',
      reason: `the row has ${counted(values.length, 'field')}, its schema has ${fields.length}`,
    };
  for (const [index, { name, type, optional }] of fields.entries()) {
    const value = values[index] ?? null;
    const reason =
      value === null ? (optional ? null : 'the field is NULL') : refuseText(value, type.kind !== 'bytes');
    if (reason !== null) return { field: name, reason };
  }
  const reason = fields.length === 1 ? refusePlain(values[0] ?? null) : null;
  return reason === null ? null : { field: fields[0]?.name ?? '', reason };
}

function refuseText(value: Buffer, isText: boolean): string | null {
  return isText && !isUtf8(value) ? 'the text is not valid utf-8' : null;
}

function refusePlain(value: Buffer | null): string | null {
  if (value === null) return 'NULL is no line';
  if (value.includes(LF)) return 'the value holds a line break';
  if (value.at(-1) !== CR) return null;
  return 'the value ends with a carriage return, which is taken for part of the line break';
}
