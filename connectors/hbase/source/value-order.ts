// The order of field values in row text, for limit conditions: numbers by value, everything else by its bytes.
import { compareDecimals, type Comparator } from '../../../src/core/record/decimal-order.ts';
import { escapeLetter } from '../../../src/core/record/row-format.ts';
import type { FieldKind } from '../encodings/encoding.ts';

/** null: values of this kind have no order. */
export function comparatorOf(kind: FieldKind): Comparator | null {
  switch (kind) {
    case 'int8':
    case 'int16':
    case 'int32':
    case 'int64':
    case 'decimal':
      return compareDecimals;
    case 'float32':
    case 'float64':
      return compareFloats;
    case 'boolean':
    case 'date':
    case 'time':
    case 'timestamp':
    case 'string':
      return compareText;
    case 'bytes':
    case 'json':
      return null;
  }
}

const BACKSLASH = 0x5c;
const plainByte = new Uint8Array(256);
escapeLetter.forEach((letter, byte) => {
  if (letter !== 0) plainByte[letter] = byte;
});

const compareText: Comparator = (bytes, start, end, constant) => {
  let at = start;
  let other = 0;
  for (; at < end && other < constant.length; at += 1, other += 1) {
    let left = bytes[at] ?? 0;
    let right = constant[other] ?? 0;
    if (left === BACKSLASH) left = plainByte[bytes[(at += 1)] ?? 0] ?? 0;
    if (right === BACKSLASH) right = plainByte[constant[(other += 1)] ?? 0] ?? 0;
    if (left !== right) return left - right;
  }
  return end - at - (constant.length - other);
};

const compareFloats: Comparator = (bytes, start, end, constant) =>
  toNumber(bytes, start, end) - toNumber(constant, 0, constant.length);

function toNumber(bytes: Uint8Array, start: number, end: number): number {
  return Number(Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1'));
}
