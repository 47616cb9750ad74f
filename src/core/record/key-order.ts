// The one order in which the keys of a source and of its target are compared, whatever either database orders by: field by field, numbers
// by size, all else by its bytes. A value has one form here (`1.50` is `1.5`), so that equal keys have equal ids on both sides.
import type { FieldType, RowSchema } from '../connector/field-type.ts';
import { compareDecimals } from './decimal-order.ts';

/** How a field's values are compared. */
export type ComparedAs = 'number' | 'bytes';

/** Values of a key's fields, in the key's order, unescaped; NULL is no key. */
export type KeyValues = readonly (Buffer | null | undefined)[];

export interface ComparedKey {
  readonly values: readonly Buffer[];
  /** Equal for equal keys only. */
  readonly id: string;
}

export interface KeyOrder {
  /** Indexes of the key's fields among those of a row, in the key's order. */
  readonly fields: readonly number[];
  /** null: a value is NULL, or no number where one is asked for. */
  read(values: KeyValues): ComparedKey | null;
  /** Negative: `one` comes first. */
  compare(one: ComparedKey, other: ComparedKey): number;
}

/** null: the values have no order that every database keeps, or several texts (`12:00` and `12:00:00.0`). */
export function comparedAs({ kind }: FieldType): ComparedAs | null {
  switch (kind) {
    case 'int8':
    case 'int16':
    case 'int32':
    case 'int64':
    case 'decimal':
      return 'number';
    case 'string':
    case 'bytes':
    case 'date':
      return 'bytes';
    default:
      return null;
  }
}

/** For messages: fields by which keys can be compared. */
export const comparableKinds = 'whole numbers, decimals, text, bytes and dates';

/** null: the rows have no key, or one that can't be compared. */
export function keyOrderOf({ fields, key }: Pick<RowSchema, 'fields' | 'key'>): KeyOrder | null {
  const indexes = key.map((name) => fields.findIndex((field) => field.name === name));
  const as = indexes.map((index) => {
    const field = fields[index];
    return field === undefined ? null : comparedAs(field.type);
  });
  if (as.length === 0 || as.includes(null)) return null;
  return {
    fields: indexes,
    read: (values) => {
      const own = as.map((each, at) => oneForm(each, values[at] ?? null));
      if (!own.every((value) => value !== null)) return null;
      return { values: own, id: own.map((value) => value.toString('base64')).join(' ') };
    },
    compare: (one, other) => {
      for (const [at, each] of as.entries()) {
        const [left, right] = [one.values[at], other.values[at]];
        if (left === undefined || right === undefined) throw new TypeError('keys of different length');
        const order = each === 'number' ? compareDecimals(left, 0, left.length, right) : left.compare(right);
        if (order !== 0) return order;
      }
      return 0;
    },
  };
}

function oneForm(as: ComparedAs | null, value: Buffer | null): Buffer | null {
  if (value === null || as !== 'number') return value;
  const [, sign = '', whole = '', behind = ''] =
    /^(-?)0*(\d+?)(?:\.(\d*?)0*)?$/.exec(value.toString('latin1')) ?? [];
  if (whole === '') return null;
  const digits = behind === '' ? whole : `${whole}.${behind}`;
  return Buffer.from(digits === '0' ? '0' : `${sign}${digits}`);
}

/** A range of keys that may have no bounds. */
export interface ComparedRange {
  readonly from: ComparedKey | null;
  readonly until: ComparedKey | null;
}

export function liesWithin(
  { compare }: Pick<KeyOrder, 'compare'>,
  { from, until }: ComparedRange,
  key: ComparedKey,
): boolean {
  return (from === null || compare(key, from) >= 0) && (until === null || compare(key, until) < 0);
}
