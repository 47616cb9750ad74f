// A decimal number as text.
import type { FieldType } from '../../../../src/core/connector/field-type.ts';
import { DecimalDigits, readDecimalText, writeDecimal } from '../decimal-digits.ts';
import type { ValueWriter } from '../encoding.ts';
import { decimalCopier } from '../printed-values.ts';

export function compileTextDecimal(type: Extract<FieldType, { kind: 'decimal' }>): ValueWriter {
  const value = new DecimalDigits();
  const copy = decimalCopier(type);
  return (out, bytes, start, end) =>
    copy(out, bytes, start, end)
      ? null
      : (readDecimalText(value, bytes, start, end) ?? writeDecimal(out, value, type));
}
