// The ranges of the integer field types, checked digit for digit.
import { kindName } from '../../../../src/core/connector/field-type.ts';
import type { IntegerKind } from '../encoding.ts';

const bits: Readonly<Record<IntegerKind, number>> = { int8: 8, int16: 16, int32: 32, int64: 64 };

/** Largest magnitudes as digits. */
export interface IntegerRange {
  readonly name: string;
  readonly largest: Uint8Array;
  readonly smallest: Uint8Array;
}

export function integerRange(kind: IntegerKind): IntegerRange {
  const half = 1n << BigInt(bits[kind] - 1);
  return {
    name: kindName(kind),
    largest: Buffer.from((half - 1n).toString()),
    smallest: Buffer.from(half.toString()),
  };
}

/** Is the magnitude `bytes[start, end)` (digits, no leading zeros) inside the range? */
export function fitsRange(range: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  const length = end - start;
  if (length !== range.length) return length < range.length;
  for (let i = 0; i < length; i += 1) {
    const difference = (bytes[start + i] ?? 0) - (range[i] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return true;
}

export function bitsOf(kind: IntegerKind): number {
  return bits[kind];
}
