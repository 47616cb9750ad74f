// A decimal number as digits and scale, checked against a field's precision and scale digit for digit, and written as text.
import type { ByteWriter } from '../../../src/core/record/row-format.ts';
import { MINUS, PLUS, POINT, ZERO } from './digits.ts';

/** Longest number of digits that is looked at; no target keeps more than 65. */
const maxDigits = 400;

/** value = ± digits · 10^-scale; one is used over and over. */
export class DecimalDigits {
  readonly digits = new Uint8Array(maxDigits);
  count = 0;
  scale = 0;
  negative = false;

  reset(): void {
    this.count = 0;
    this.scale = 0;
    this.negative = false;
  }

  /** Appends a digit (ASCII); leading zeros are not kept. false: too many. */
  push(digit: number): boolean {
    if (digit === ZERO && this.count === 0) return true;
    if (this.count === maxDigits) return false;
    this.digits[this.count] = digit;
    this.count += 1;
    return true;
  }

  /** Drops zeros at the end of the fraction. */
  trim(): void {
    while (this.count > 0 && this.digits[this.count - 1] === ZERO) {
      this.count -= 1;
      this.scale -= 1;
    }
    if (this.count === 0) {
      this.scale = 0;
      this.negative = false;
    }
  }
}

/** Checks `value` against decimal(precision, scale) and writes it with exactly `scale` digits behind the point. */
export function writeDecimal(
  out: ByteWriter,
  value: DecimalDigits,
  type: { readonly precision: number; readonly scale: number },
): string | null {
  value.trim();
  const { precision, scale } = type;
  if (value.scale > scale)
    return `more than ${scale} digits behind the point of decimal(${precision},${scale})`;
  if (value.count - value.scale > precision - scale)
    return `more than ${precision - scale} digits before the point of decimal(${precision},${scale})`;
  writePlain(out, value, scale);
  return null;
}

/** Writes `value` with `places` ≥ value.scale digits behind the point, zeros added. */
export function writePlain(out: ByteWriter, value: DecimalDigits, places: number): void {
  const { digits, count } = value;
  const whole = count - value.scale;
  out.ensure(Math.max(whole, 1) + places + 2);
  const bytes = out.bytes;
  let at = out.length;
  if (value.negative) bytes[at++] = MINUS;
  if (whole <= 0) bytes[at++] = ZERO;
  for (let i = 0; i < whole; i += 1) bytes[at++] = i < count ? (digits[i] ?? ZERO) : ZERO;
  if (places > 0) {
    bytes[at++] = POINT;
    for (let i = whole; i < whole + places; i += 1)
      bytes[at++] = i >= 0 && i < count ? (digits[i] ?? ZERO) : ZERO;
  }
  out.length = at;
}

/**
 * Reads `[sign] digits [. digits] [e [sign] digits]` into `into`; null = read, else what is wrong. Digits may be missing on one
 * side of the point.
 */
export function readDecimalText(
  into: DecimalDigits,
  bytes: Uint8Array,
  start: number,
  end: number,
): string | null {
  into.reset();
  let at = start;
  if (bytes[at] === MINUS || bytes[at] === PLUS) {
    into.negative = bytes[at] === MINUS;
    at += 1;
  }
  let seen = 0;
  let point = -1;
  for (; at < end; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte >= ZERO && byte <= 0x39) {
      if (!into.push(byte)) return `more than ${maxDigits} digits`;
      seen += 1;
      if (point >= 0) into.scale += 1;
    } else if (byte === POINT && point < 0) point = at;
    else if ((byte | 0x20) === 0x65 && seen > 0) return readExponent(into, bytes, at + 1, end);
    else return 'not a number';
  }
  return seen === 0 ? 'no digits where a number is expected' : null;
}

function readExponent(into: DecimalDigits, bytes: Uint8Array, start: number, end: number): string | null {
  const negative = bytes[start] === MINUS;
  let at = negative || bytes[start] === PLUS ? start + 1 : start;
  if (at >= end || end - at > 6) return 'not a number';
  let exponent = 0;
  for (; at < end; at += 1) {
    const digit = (bytes[at] ?? 0) - ZERO;
    if (digit < 0 || digit > 9) return 'not a number';
    exponent = exponent * 10 + digit;
  }
  into.scale += negative ? exponent : -exponent;
  return null;
}
