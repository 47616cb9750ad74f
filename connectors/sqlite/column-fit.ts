// The closed table of what a column of SQLite keeps unchanged: kind of field → columns. What stands in no line is refused when the
// table is prepared.
//
//   kind of field                 bound as   integer  numeric  real  text  blob  as it is
//   int8 … int64, boolean         INTEGER       ✓        ✓      –     ✓     –       ✓      beyond 2^53 a REAL is another number
//   float32, float64              REAL          –        ✓      ✓     –     –       ✓      a whole REAL may be kept as the integer it is
//   date, time, timestamp         TEXT          –        ✓      –     ✓     –       ✓      no such text looks like a number
//   decimal, json, string         TEXT          –        –      –     ✓     –       ✓      '007' looks like 7, '1.10' like 1.1
//   bytes                         BLOB          –        –      –     –     ✓       ✓
//
// The columns are SQLite's affinities, by its own rules of reading a declared type; `blob` is a BLOB of a STRICT table, which takes
// nothing else; `as it is` a BLOB or an undeclared type elsewhere, and ANY in a STRICT table. ANY elsewhere is NUMERIC. What a
// value must be to be one of its field's type, typed-values.ts checks; NaN, infinity and -0, which would become 0, are refused there.
import type { Field, FieldType } from '../../src/core/connector/field-type.ts';
import type { Fit } from '../sql/target/table-shape.ts';

export type Affinity = 'integer' | 'numeric' | 'real' | 'text' | 'blob' | 'as it is';

interface Kept {
  /** What auto.create declares. */
  readonly storage: 'INTEGER' | 'REAL' | 'TEXT' | 'BLOB';
  readonly keptBy: readonly Affinity[];
}

const whole: Kept = { storage: 'INTEGER', keptBy: ['integer', 'numeric', 'text', 'as it is'] };
const floating: Kept = { storage: 'REAL', keptBy: ['numeric', 'real', 'as it is'] };
const dated: Kept = { storage: 'TEXT', keptBy: ['numeric', 'text', 'as it is'] };
const text: Kept = { storage: 'TEXT', keptBy: ['text', 'as it is'] };
const bytes: Kept = { storage: 'BLOB', keptBy: ['blob', 'as it is'] };

const kept: Readonly<Record<FieldType['kind'], Kept>> = {
  int8: whole,
  int16: whole,
  int32: whole,
  int64: whole,
  boolean: whole,
  float32: floating,
  float64: floating,
  date: dated,
  time: dated,
  timestamp: dated,
  decimal: text,
  json: text,
  string: text,
  bytes,
};

/** null: the column does not keep such values. What a value must be is checked when it is bound (typed-values.ts). */
export function fitOf({ type }: Field, { affinity }: { readonly affinity: Affinity }): Fit | null {
  return kept[type.kind].keptBy.includes(affinity) ? { checks: [], doubts: [] } : null;
}

export function typeOf({ type }: Field): string {
  return kept[type.kind].storage;
}

export function affinityOf(declared: string, strict: boolean): Affinity {
  if (strict && /^any$/i.test(declared)) return 'as it is';
  if (/int/i.test(declared)) return 'integer';
  if (/char|clob|text/i.test(declared)) return 'text';
  if (declared === '' || /blob/i.test(declared)) return strict ? 'blob' : 'as it is';
  return /real|floa|doub/i.test(declared) ? 'real' : 'numeric';
}
