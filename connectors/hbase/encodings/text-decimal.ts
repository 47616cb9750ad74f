// A decimal number as text.
import type { FieldType } from '../../../src/core/field-type.ts';
import { DecimalDigits, readDecimalText, writeDecimal } from './decimal-digits.ts';
import type { ValueWriter } from './encoding.ts';

export function compileTextDecimal(type: Extract<FieldType, { kind: 'decimal' }>): ValueWriter {
  const value = new DecimalDigits();
  return (out, bytes, start, end) =>
    readDecimalText(value, bytes, start, end) ?? writeDecimal(out, value, type);
}
