// java.math.BigDecimal as Bytes.toBytes writes it: int32 scale, then the unscaled value in two's complement, big-endian.
import type { FieldType } from '../../../../src/core/connector/field-type.ts';
import { readInt32 } from './bytes-integer.ts';
import { DecimalDigits, writeDecimal, writePlain } from '../decimal-digits.ts';
import { ZERO } from '../digits.ts';
import type { Encoding, ValueWriter } from '../encoding.ts';
import { never, unexpectedKind } from '../encoding.ts';

/** 10^154 and more needs above 64 bytes: more than any target keeps. */
const maxUnscaledBytes = 64;
/** Beyond this a plain text would be mostly zeros. */
const maxTextScale = 200;
const limbBase = 10_000_000;
const limbDigits = 7;

export const bytesBigDecimal: Encoding = {
  name: 'bigdecimal',
  kinds: ['decimal', 'string'],
  compile: compileBigDecimal,
  oneToOne: never,
};

function compileBigDecimal(type: FieldType): ValueWriter {
  const value = new DecimalDigits();
  if (type.kind === 'decimal')
    return (out, bytes, start, end) =>
      readBigDecimal(value, bytes, start, end) ?? writeDecimal(out, value, type);
  if (type.kind !== 'string') return unexpectedKind('bigdecimal', type);
  return (out, bytes, start, end) => {
    const problem = readBigDecimal(value, bytes, start, end);
    if (problem !== null) return problem;
    if (Math.abs(value.scale) > maxTextScale) return `the scale ${value.scale} is beyond ${maxTextScale}`;
    writePlain(out, value, Math.max(value.scale, 0));
    return null;
  };
}

const magnitude = new Uint8Array(maxUnscaledBytes);
const limbs = new Float64Array(Math.ceil(maxUnscaledBytes / 2.9) + 1);

function readBigDecimal(into: DecimalDigits, bytes: Uint8Array, start: number, end: number): string | null {
  const length = end - start - 4;
  if (length < 1) return `bigdecimal takes at least 5 bytes, the value has ${end - start}`;
  if (length > maxUnscaledBytes)
    return `an unscaled value of ${length} bytes; at most ${maxUnscaledBytes} are read`;
  into.reset();
  into.scale = readInt32(bytes, start);
  into.negative = (bytes[start + 4] ?? 0) >= 0x80;
  readMagnitude(bytes, start + 4, end, into.negative);
  pushLimbs(into, toLimbs(length));
  return null;
}

function readMagnitude(bytes: Uint8Array, start: number, end: number, negative: boolean): void {
  let carry = 1;
  for (let at = end - 1; at >= start; at -= 1) {
    const byte = bytes[at] ?? 0;
    const sum = negative ? (~byte & 0xff) + carry : byte;
    magnitude[at - start] = sum;
    carry = sum >> 8;
  }
}

/** The magnitude in base 10^7, lowest limb first; returns how many. */
function toLimbs(length: number): number {
  let count = 0;
  for (let i = 0; i < length; i += 1) {
    let carry = magnitude[i] ?? 0;
    for (let limb = 0; limb < count; limb += 1) {
      const sum = (limbs[limb] ?? 0) * 256 + carry;
      carry = Math.floor(sum / limbBase);
      limbs[limb] = sum - carry * limbBase;
    }
    if (carry > 0) {
      limbs[count] = carry;
      count += 1;
    }
  }
  return count;
}

function pushLimbs(into: DecimalDigits, count: number): void {
  for (let limb = count - 1; limb >= 0; limb -= 1) {
    let rest = limbs[limb] ?? 0;
    for (let unit = limbBase / 10, i = 0; i < limbDigits; i += 1, unit /= 10) {
      const digit = Math.floor(rest / unit);
      into.push(ZERO + digit);
      rest -= digit * unit;
    }
  }
}
