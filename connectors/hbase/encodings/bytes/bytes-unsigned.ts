// Unsigned integers, big-endian: 1, 2, 4 or 8 bytes. Java has none; other writers do.
import { counted } from '../../../../src/core/text.ts';
import type { FieldType } from '../../../../src/core/connector/field-type.ts';
import { asDecimal, readInt32 } from './bytes-integer.ts';
import { writeUint64 } from '../digits.ts';
import type { Encoding, IntegerKind, ValueWriter } from '../encoding.ts';
import { always, integerKinds } from '../encoding.ts';
import { bitsOf, integerRange } from './integer-range.ts';

export const bytesUnsigned: readonly Encoding[] = integerKinds.map((kind) => {
  const width = bitsOf(kind) / 8;
  const name = `u${kind}`;
  return {
    name,
    kinds: [...integerKinds, 'decimal', 'string'],
    compile: (type) => compileUnsigned(name, width, type),
    oneToOne: always,
  };
});

function compileUnsigned(name: string, width: number, type: FieldType): ValueWriter {
  const write = compileDigits(name, width, limitOf(type));
  return type.kind === 'decimal' ? asDecimal(write, type) : write;
}

/** `bits`: how many a value may use. */
function compileDigits(name: string, width: number, limit: { bits: number; name: string }): ValueWriter {
  const problem = `${name} takes ${counted(width, 'byte')}, the value has `;
  const outside = `out of the range of ${limit.name}`;
  const largestUpper = limit.bits <= 32 ? 0 : 2 ** (limit.bits - 32) - 1;
  const largestLower = 2 ** Math.min(limit.bits, 32) - 1;
  return (out, bytes, start, end) => {
    if (end - start !== width) return problem + String(end - start);
    const upper = width === 8 ? readInt32(bytes, start) >>> 0 : 0;
    const lower = readLower(bytes, start, end);
    if (upper > largestUpper || lower > largestLower) return outside;
    writeUint64(out, upper, lower);
    return null;
  };
}

function readLower(bytes: Uint8Array, start: number, end: number): number {
  if (end - start >= 4) return readInt32(bytes, end - 4) >>> 0;
  return end - start === 2 ? ((bytes[start] ?? 0) << 8) | (bytes[start + 1] ?? 0) : (bytes[start] ?? 0);
}

function limitOf(type: FieldType): { bits: number; name: string } {
  const kind = integerKinds.find((known: IntegerKind) => known === type.kind);
  return kind === undefined
    ? { bits: 64, name: 'bigint' }
    : { bits: bitsOf(kind) - 1, name: integerRange(kind).name };
}
