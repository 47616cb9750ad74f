// Integers as Bytes.toBytes writes them: big-endian two's complement of 1, 2, 4 or 8 bytes.
import { counted } from '../../../../src/core/text.ts';
import type { FieldType } from '../../../../src/core/connector/field-type.ts';
import type { ByteWriter } from '../../../../src/core/record/row-format.ts';
import { DecimalDigits, writeDecimal } from '../decimal-digits.ts';
import { writeInt64, writeInteger } from '../digits.ts';
import type { Encoding, IntegerKind, ValueWriter } from '../encoding.ts';
import { always, integerKinds, unexpectedKind } from '../encoding.ts';
import { bitsOf, integerRange } from './integer-range.ts';

export const bytesIntegers: readonly Encoding[] = integerKinds.map((name) => ({
  name,
  kinds: [...integerKinds, 'decimal', 'string'],
  compile: (type) => compileInteger(name, type),
  oneToOne: always,
}));

export function compileInteger(encoding: IntegerKind, type: FieldType): ValueWriter {
  switch (type.kind) {
    case 'int8':
    case 'int16':
    case 'int32':
    case 'int64':
      return compileToInteger(encoding, type.kind);
    case 'string':
      return compileToInteger(encoding, 'int64');
    case 'decimal':
      return asDecimal(compileToInteger(encoding, 'int64'), type);
    default:
      return unexpectedKind(encoding, type);
  }
}

function compileToInteger(encoding: IntegerKind, kind: IntegerKind): ValueWriter {
  const width = bitsOf(encoding) / 8;
  const problem = `${encoding} takes ${counted(width, 'byte')}, the value has `;
  const fits = compileRangeCheck(encoding, kind);
  const outside = `out of the range of ${integerRange(kind).name}`;
  return (out, bytes, start, end) => {
    if (end - start !== width) return problem + String(end - start);
    if (width === 8) {
      const high = readInt32(bytes, start);
      const low = readInt32(bytes, start + 4);
      if (!fits(high, low)) return outside;
      writeInt64(out, high, low);
      return null;
    }
    const value = readSmall(bytes, start, width);
    if (!fits(value < 0 ? -1 : 0, value)) return outside;
    writeInteger(out, value);
    return null;
  };
}

/** Does a number of two halves fit into `kind`? Always, when the kind is not narrower than the encoding. */
function compileRangeCheck(encoding: IntegerKind, kind: IntegerKind): (high: number, low: number) => boolean {
  if (bitsOf(kind) >= bitsOf(encoding)) return () => true;
  const shift = 32 - bitsOf(kind);
  return (high, low) => high === low >> 31 && (low << shift) >> shift === low;
}

/** What `write` writes, an integer, as a decimal of `type`. */
export function asDecimal(write: ValueWriter, type: Extract<FieldType, { kind: 'decimal' }>): ValueWriter {
  const value = new DecimalDigits();
  return (out, bytes, start, end) => {
    const before = out.length;
    const problem = write(out, bytes, start, end);
    if (problem !== null) return problem;
    takeDigits(out, before, value);
    return writeDecimal(out, value, type);
  };
}

/** Takes the integer text written behind `from` back out of `out`. */
function takeDigits(out: ByteWriter, from: number, into: DecimalDigits): void {
  into.reset();
  into.negative = out.bytes[from] === 0x2d;
  for (let at = into.negative ? from + 1 : from; at < out.length; at += 1) into.push(out.bytes[at] ?? 0);
  out.length = from;
}

function readSmall(bytes: Uint8Array, at: number, width: number): number {
  if (width === 4) return readInt32(bytes, at);
  if (width === 2) return (((bytes[at] ?? 0) << 24) >> 16) | (bytes[at + 1] ?? 0);
  return ((bytes[at] ?? 0) << 24) >> 24;
}

export function readInt32(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] ?? 0) << 24) |
    ((bytes[at + 1] ?? 0) << 16) |
    ((bytes[at + 2] ?? 0) << 8) |
    (bytes[at + 3] ?? 0)
  );
}
