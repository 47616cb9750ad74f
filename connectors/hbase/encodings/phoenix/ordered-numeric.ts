// OrderedBytes' numbers of any size (SQLite 4's key encoding): a header that names sign and magnitude, an exponent to the base 100
// where the header has no room for it, then digits to the base 100, each doubled, with one added but to the last.
//   −∞ 07 · negative 08 large, 09–13 medium, 14 small · zero 15 · positive 16 small, 17–21 medium, 22 large · +∞ 23 · NaN 26
// Of negative numbers, exponent and digits are inverted. At most 31 digits are kept by the writer.
import type { FieldType } from '../../../../src/core/connector/field-type.ts';
import { DecimalDigits, writeDecimal, writePlain } from '../decimal-digits.ts';
import { ZERO } from '../digits.ts';
import type { Encoding, ValueWriter } from '../encoding.ts';
import { integerKinds, always, plainText } from '../encoding.ts';
import { text } from '../text/text.ts';
import { ByteWriter } from '../../../../src/core/record/row-format.ts';

const ZERO_HEADER = 0x15;
const wrong = 'not the bytes of an OrderedBytes numeric';
/** Beyond this a plain text would be mostly zeros. */
const maxTextScale = 400;

export const orderedNumeric: Encoding = {
  name: 'numeric',
  kinds: ['decimal', ...integerKinds, 'float32', 'float64', 'string'],
  compile: compileNumeric,
  oneToOne: always,
};

function compileNumeric(type: FieldType): ValueWriter {
  const value = new DecimalDigits();
  if (type.kind === 'decimal')
    return (out, bytes, start, end) => read(value, bytes, start, end) ?? writeDecimal(out, value, type);
  const write = compileText(type);
  const scratch = new ByteWriter(64);
  return (out, bytes, start, end) => {
    const problem = read(value, bytes, start, end);
    if (problem !== null) return problem;
    value.trim();
    if (Math.abs(value.scale) > maxTextScale) return `the scale ${value.scale} is beyond ${maxTextScale}`;
    scratch.length = 0;
    writePlain(scratch, value, Math.max(value.scale, 0));
    return write(out, scratch.bytes, 0, scratch.length);
  };
}

function compileText(type: FieldType): ValueWriter {
  if (type.kind !== 'string') return text.compile(type, plainText);
  return (out, bytes, start, end) => {
    out.writeEscaped(bytes, start, end);
    return null;
  };
}

function read(into: DecimalDigits, bytes: Uint8Array, start: number, end: number): string | null {
  into.reset();
  const header = bytes[start] ?? 0;
  if (start === end) return wrong;
  if (header === ZERO_HEADER) return end - start === 1 ? null : wrong;
  if (header === 0x26 || header === 0x07 || header === 0x23) return 'NaN or infinite';
  if (header < 0x08 || header > 0x22) return wrong;
  into.negative = header < ZERO_HEADER;
  const flip = into.negative ? 0xff : 0;
  const size = into.negative ? 2 * ZERO_HEADER - header : header;
  let exponent = size - 0x17;
  let at = start + 1;
  if (size === 0x16 || size === 0x22) {
    const width = varintWidth((bytes[at] ?? 0) ^ flip ^ (size === 0x16 ? 0xff : 0));
    exponent = readVarint(bytes, at, flip ^ (size === 0x16 ? 0xff : 0));
    if (size === 0x16) exponent = -exponent;
    at += width;
  }
  return readDigits(into, { bytes, at, end, flip, exponent });
}

function readDigits(
  into: DecimalDigits,
  from: { bytes: Uint8Array; at: number; end: number; flip: number; exponent: number },
): string | null {
  const { bytes, end, flip } = from;
  let pairs = 0;
  for (let at = from.at; at < end; at += 1) {
    const byte = (bytes[at] ?? 0) ^ flip;
    const pair = byte >> 1;
    if (pair > 99 || ((byte & 1) === 1) !== at < end - 1) return wrong;
    const tens = (pair / 10) | 0;
    if (!into.push(ZERO + tens) || !into.push(ZERO + pair - tens * 10)) return wrong;
    pairs += 1;
  }
  // The number is 0.d1d2… · 100^exponent.
  into.scale = (pairs - from.exponent) * 2;
  return pairs === 0 ? wrong : null;
}

/** SQLite 4's varint: its first byte says how many follow. */
function varintWidth(first: number): number {
  if (first <= 240) return 1;
  return first <= 248 ? 2 : first - 246;
}

function readVarint(bytes: Uint8Array, at: number, flip: number): number {
  const byteAt = (index: number): number => (bytes[at + index] ?? 0) ^ flip;
  const first = byteAt(0);
  if (first <= 240) return first;
  if (first <= 248) return 240 + 256 * (first - 241) + byteAt(1);
  if (first === 249) return 2288 + 256 * byteAt(1) + byteAt(2);
  let value = 0;
  for (let index = 1; index < varintWidth(first); index += 1) value = value * 256 + byteAt(index);
  return value;
}
