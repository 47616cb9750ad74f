// What values of a column become, by its declared type: SQLite keeps any value in any column, so each is checked by itself, and one of
// another class is dirty.
//
//   declared                     | field          | values
//   …BOOL…                       | boolean        | 0 and 1
//   …INT…                        | int64          | integers
//   DATE, DATETIME/TIMESTAMP…    | date, timestamp| text as YYYY-MM-DD, YYYY-MM-DD HH:MM:SS[.ffffff]
//   TIME                         | time           | text as HH:MM:SS[.ffffff]
//   …CHAR…, CLOB, TEXT, JSON, '' | string, json   | text; numbers by their digits
//   …BLOB…                       | bytes          | blobs
//   …REAL…, …FLOA…, …DOUB…       | float64        | numbers
//   all others, e.g. DECIMAL(p,s)| decimal        | numbers, and text that is one
import type { FieldType } from '../../../src/core/connector/field-type.ts';
import type { Order, SourceColumn } from '../../sql/source/dialect.ts';
import type { ValueForm } from '../../sql/source/row-writer.ts';

interface Reading {
  readonly type: FieldType;
  readonly form: ValueForm;
  readonly order: Order;
}

/** `isRowid`: it is the table's rowid, always a whole number. */
export function toSourceColumn(
  name: string,
  declared: string,
  { nullable, isRowid }: { readonly nullable: boolean; readonly isRowid: boolean },
): SourceColumn {
  const reading = readingOf(declared);
  return {
    ...{ name, declared: declared === '' ? 'no type' : declared, nullable, ...reading },
    local: reading.order === 'time',
    folds: false,
    read: isRowid ? (quoted) => quoted : reading.form === 'bytes' ? asBlob : asBytes,
    bound: isRowid ? (quoted) => quoted : boundOf(reading.order),
  };
}

/** Text comes as its bytes: the driver ends it at a NUL, and the process at one that is not utf-8. A blob then comes as the words for it. */
function asBytes(quoted: string): string {
  return `CASE typeof(${quoted}) WHEN 'text' THEN CAST(${quoted} AS BLOB) WHEN 'blob' THEN 'a blob' ELSE ${quoted} END`;
}

/** What is no blob comes as the word for it. */
function asBlob(quoted: string): string {
  return `CASE typeof(${quoted}) WHEN 'text' THEN 'text' ELSE ${quoted} END`;
}

/** A value of another class than the column's bounds no range. */
function boundOf(order: Order): (quoted: string) => string {
  const ofClass = (name: string, value: (quoted: string) => string) => (quoted: string) =>
    `CASE WHEN typeof(${quoted}) = '${name}' THEN ${value(quoted)} END`;
  if (order === 'number') return ofClass('integer', (quoted) => quoted);
  return ofClass(order === 'bytes' ? 'blob' : 'text', (quoted) => `hex(${quoted})`);
}

function readingOf(declared: string): Reading {
  const [, digits, scale] = /\((\d+)(?:\s*,\s*(\d+))?\)/.exec(declared) ?? [];
  const is = (pattern: RegExp): boolean => pattern.test(declared);
  if (is(/bool/i)) return { type: { kind: 'boolean' }, form: 'boolean', order: 'other' };
  if (is(/int/i)) return { type: { kind: 'int64' }, form: 'plain', order: 'number' };
  if (is(/^(datetime|timestamp)/i))
    return { type: { kind: 'timestamp', precision: 6 }, form: 'timestamp', order: 'time' };
  if (is(/^date$/i)) return { type: { kind: 'date' }, form: 'date', order: 'time' };
  if (is(/^time$/i)) return { type: { kind: 'time', precision: 6 }, form: 'time', order: 'other' };
  if (is(/^json/i)) return { type: { kind: 'json' }, form: 'text', order: 'other' };
  if (is(/char|clob|text/i))
    return { type: { kind: 'string', length: Number(digits ?? 0) }, form: 'text', order: 'text' };
  if (declared === '') return { type: { kind: 'string', length: 0 }, form: 'text', order: 'other' };
  if (is(/blob/i)) return { type: { kind: 'bytes', length: 0 }, form: 'bytes', order: 'bytes' };
  if (is(/real|floa|doub/i)) return { type: { kind: 'float64' }, form: 'float64', order: 'other' };
  const precision = Math.min(65, Number(digits ?? 65));
  const behind = Math.min(30, precision, Number(scale ?? (digits === undefined ? 30 : 0)));
  return { type: { kind: 'decimal', precision, scale: behind }, form: 'decimal', order: 'other' };
}
