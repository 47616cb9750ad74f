// Decimal digits of integers, written without strings.
import type { ByteWriter } from '../../../src/core/record/row-format.ts';

export const ZERO = 0x30;
export const MINUS = 0x2d;
export const PLUS = 0x2b;
export const POINT = 0x2e;

/** `value`: an integer, 0 ≤ value < 2^53. */
export function writeDigits(out: ByteWriter, value: number): void {
  writePadded(out, value, countDigits(value));
}

/** Exactly `width` digits, zeros in front; `value` as in writeDigits and not wider. */
export function writePadded(out: ByteWriter, value: number, width: number): void {
  out.ensure(width);
  const bytes = out.bytes;
  const start = out.length;
  let at = start + width;
  out.length = at;
  let high = value;
  // Above 2^31 division is in doubles: peel off nine digits, then go on in small integers.
  while (high > 0x7fffffff) {
    const upper = Math.floor(high / 1e9);
    let low = (high - upper * 1e9) | 0;
    high = upper;
    for (let digit = 0; digit < 9; digit += 1) {
      const rest = (low / 10) | 0;
      at -= 1;
      bytes[at] = ZERO + low - rest * 10;
      low = rest;
    }
  }
  let low = high | 0;
  while (at > start) {
    const rest = (low / 10) | 0;
    at -= 1;
    bytes[at] = ZERO + low - rest * 10;
    low = rest;
  }
}

/** A signed integer whose magnitude is below 2^53. */
export function writeInteger(out: ByteWriter, value: number): void {
  if (value < 0) {
    writeMinus(out);
    writeDigits(out, -value);
  } else writeDigits(out, value);
}

/** A signed 64-bit integer in two halves of 32 bits: exact, without BigInt. */
export function writeInt64(out: ByteWriter, high: number, low: number): void {
  let [upper, lower] = [high >>> 0, low >>> 0];
  if (high < 0) {
    writeMinus(out);
    lower = -lower >>> 0;
    upper = (~upper + (lower === 0 ? 1 : 0)) >>> 0;
  }
  writeUint64(out, upper, lower);
}

/** An unsigned 64-bit integer in two halves of 32 unsigned bits. */
export function writeUint64(out: ByteWriter, upper: number, lower: number): void {
  if (upper < 0x200000) {
    writeDigits(out, upper * 0x1_0000_0000 + lower);
    return;
  }
  // Long division by 10^9 in steps that stay below 2^53.
  const first = Math.floor(upper / 1e9);
  const middle = (upper - first * 1e9) * 0x10000 + (lower >>> 16);
  const second = Math.floor(middle / 1e9);
  const last = (middle - second * 1e9) * 0x10000 + (lower & 0xffff);
  const third = Math.floor(last / 1e9);
  writeDigits(out, first * 0x1_0000_0000 + second * 0x10000 + third);
  writePadded(out, last - third * 1e9, 9);
}

export function writeMinus(out: ByteWriter): void {
  out.ensure(1);
  out.bytes[out.length] = MINUS;
  out.length += 1;
}

export function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= 0x39;
}

function countDigits(value: number): number {
  if (value < 10) return 1;
  if (value < 100) return 2;
  if (value < 1000) return 3;
  if (value < 10_000) return 4;
  let digits = 5;
  for (let limit = 100_000; value >= limit; limit *= 10) digits += 1;
  return digits;
}
