// Phoenix's DECIMAL: an exponent byte, 64 + how many digits stand before the point, then digits to the base 100.
//   zero = 80 · positive = (80 | exponent) *(digit + 1) · negative = ~(80 | exponent) *(101 − digit) [66]
import type { FieldType } from '../../../../src/core/connector/field-type.ts';
import { DecimalDigits, writeDecimal, writePlain } from '../decimal-digits.ts';
import { ZERO } from '../digits.ts';
import type { Encoding, ValueWriter } from '../encoding.ts';
import { always, unexpectedKind } from '../encoding.ts';

const zero = 0x80;
/** Ends a negative number, so that it sorts behind those that it begins. */
const negativeEnd = 102;
const maxBytes = 21;
/** The exponent of a number whose first pair of digits stands right behind the point. */
const noWholePairs = 64;
const wrong = 'not the bytes of a Phoenix decimal';

export const phoenixDecimal: Encoding = {
  name: 'decimal',
  kinds: ['decimal', 'string'],
  compile: compileDecimal,
  oneToOne: always,
};

function compileDecimal(type: FieldType): ValueWriter {
  const value = new DecimalDigits();
  if (type.kind === 'decimal')
    return (out, bytes, start, end) => read(value, bytes, start, end) ?? writeDecimal(out, value, type);
  if (type.kind !== 'string') return unexpectedKind('phoenix:decimal', type);
  return (out, bytes, start, end) => {
    const problem = read(value, bytes, start, end);
    if (problem !== null) return problem;
    value.trim();
    writePlain(out, value, Math.max(value.scale, 0));
    return null;
  };
}

function read(into: DecimalDigits, bytes: Uint8Array, start: number, end: number): string | null {
  into.reset();
  const first = bytes[start] ?? 0;
  if (end - start === 1) return first === zero ? null : wrong;
  if (end - start > maxBytes) return wrong;
  into.negative = first < zero;
  const exponent = (into.negative ? ~first : first) & 0x7f;
  const last = into.negative && bytes[end - 1] === negativeEnd ? end - 1 : end;
  let pairs = 0;
  for (let at = start + 1; at < last; at += 1) {
    const byte = bytes[at] ?? 0;
    const pair = into.negative ? 101 - byte : byte - 1;
    if (pair < 0 || pair > 99) return wrong;
    const tens = (pair / 10) | 0;
    into.push(ZERO + tens);
    into.push(ZERO + pair - tens * 10);
    pairs += 1;
  }
  into.scale = (pairs - (exponent - noWholePairs)) * 2;
  return pairs === 0 ? wrong : null;
}
