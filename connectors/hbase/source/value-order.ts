// The order of field values in row text, for limit conditions: numbers by value, everything else by its bytes.
import { escapeLetter } from '../../../src/core/record/row-format.ts';
import { MINUS, POINT, ZERO } from '../encodings/digits.ts';
import type { FieldKind } from '../encodings/encoding.ts';

/** Negative, 0 or positive as `bytes[start, end)` comes before, equals or comes after `constant` (row text too). */
export type Comparator = (bytes: Uint8Array, start: number, end: number, constant: Uint8Array) => number;

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

/** Canonical decimals: no plus, no zeros in front of the first digit but one before a point. */
const compareDecimals: Comparator = (bytes, start, end, constant) => {
  const left = bytes[start] === MINUS ? -1 : 1;
  const right = constant[0] === MINUS ? -1 : 1;
  const order = compareMagnitudes(
    { bytes, start: left < 0 ? start + 1 : start, end },
    { bytes: constant, start: right < 0 ? 1 : 0, end: constant.length },
  );
  return left === right ? order * left : left;
};

interface Digits {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

function compareMagnitudes(left: Digits, right: Digits): number {
  const [leftPoint, rightPoint] = [pointOf(left), pointOf(right)];
  const longer = leftPoint - left.start - (rightPoint - right.start);
  if (longer !== 0) return longer;
  const wholeDigits = leftPoint - left.start;
  for (let i = 0; i < wholeDigits; i += 1) {
    const difference = (left.bytes[left.start + i] ?? 0) - (right.bytes[right.start + i] ?? 0);
    if (difference !== 0) return difference;
  }
  const places = Math.max(left.end - leftPoint, right.end - rightPoint);
  for (let i = 1; i < places; i += 1) {
    const difference = digitAt(left, leftPoint + i) - digitAt(right, rightPoint + i);
    if (difference !== 0) return difference;
  }
  return 0;
}

function pointOf({ bytes, start, end }: Digits): number {
  const point = bytes.indexOf(POINT, start);
  return point < 0 || point > end ? end : point;
}

function digitAt({ bytes, end }: Digits, at: number): number {
  return at < end ? (bytes[at] ?? ZERO) : ZERO;
}
