// A floating-point number as text: checked against its grammar and copied; only texts that may overflow are made a Number.
import { isDigit, MINUS, PLUS, POINT } from '../digits.ts';
import type { ValueWriter } from '../encoding.ts';
import { copyPlain } from './text-integer.ts';

/** More digits than this before the point, or an exponent, may pass the largest number: those are looked at closely. */
const safeDigits = { float32: 38, float64: 308 } as const;

export function compileTextFloat(kind: 'float32' | 'float64'): ValueWriter {
  const limit = safeDigits[kind];
  const name = kind === 'float32' ? 'float' : 'double';
  const isFinite = (text: string): boolean =>
    Number.isFinite(kind === 'float32' ? Math.fround(Number(text)) : Number(text));
  return (out, bytes, start, end) => {
    const shape = readShape(bytes, start, end);
    if (shape < 0) return `not a number where ${name} is expected`;
    if (shape > limit && !isFinite(Buffer.from(bytes.subarray(start, end)).toString('latin1')))
      return `out of the range of ${name}`;
    copyPlain(out, bytes, bytes[start] === PLUS ? start + 1 : start, end);
    return null;
  };
}

/** -1: no number; else how many digits stand before the point, or Infinity when there is an exponent. */
function readShape(bytes: Uint8Array, start: number, end: number): number {
  let at = bytes[start] === MINUS || bytes[start] === PLUS ? start + 1 : start;
  const whole = skipDigits(bytes, at, end);
  const before = whole - at;
  at = whole;
  let digits = before;
  if (at < end && bytes[at] === POINT) {
    const fraction = skipDigits(bytes, at + 1, end);
    digits += fraction - at - 1;
    at = fraction;
  }
  if (digits === 0) return -1;
  if (at === end) return before;
  if (((bytes[at] ?? 0) | 0x20) !== 0x65) return -1;
  at += 1;
  if (bytes[at] === MINUS || bytes[at] === PLUS) at += 1;
  return at < end && skipDigits(bytes, at, end) === end ? Infinity : -1;
}

function skipDigits(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && isDigit(bytes[at] ?? 0)) at += 1;
  return at;
}
