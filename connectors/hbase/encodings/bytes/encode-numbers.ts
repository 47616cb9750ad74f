// Numbers as Bytes.toBytes writes them, from their text.
import type { FieldType } from '../../../../src/core/connector/field-type.ts';
import type { ValueEncoder } from '../encoding.ts';
import type { IntegerKind } from '../encoding.ts';
import { bitsOf } from './integer-range.ts';

export function encodeInteger(kind: IntegerKind): ValueEncoder {
  const bits = bitsOf(kind);
  const [lowest, highest] = [-(2n ** BigInt(bits - 1)), 2n ** BigInt(bits - 1) - 1n];
  return (raw) => {
    const digits = /^([+-]?\d{1,40})(?:\.0*)?$/.exec(raw.toString('latin1'))?.[1];
    if (digits === undefined) return 'not an integer';
    const value = BigInt(digits.replace(/^\+/, ''));
    if (value < lowest || value > highest) return `out of the range of ${kind}`;
    const bytes = Buffer.allocUnsafe(8);
    bytes.writeBigInt64BE(value);
    return bytes.subarray(8 - bits / 8);
  };
}

export function encodeFloat(width: 4 | 8): ValueEncoder {
  return (raw) => {
    const text = raw.toString('latin1');
    const value = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text) ? Number(text) : NaN;
    if (Number.isNaN(value)) return 'not a number';
    const bytes = Buffer.alloc(width);
    // -0 is 0, and one key with it.
    if (value === 0) return bytes;
    if (width === 8) bytes.writeDoubleBE(value);
    else bytes.writeFloatBE(value);
    const written = width === 8 ? bytes.readDoubleBE() : bytes.readFloatBE();
    return Number.isFinite(written) ? bytes : `out of the range of ${width === 8 ? 'double' : 'float'}`;
  };
}

/** int32 scale, then the unscaled value in the fewest bytes of two's complement. A field's own scale: so that 7 and 7.00 are one key. */
export function encodeBigDecimal(type: FieldType): ValueEncoder {
  return (raw) => {
    const match = /^([+-]?)(\d*)(?:\.(\d*))?$/.exec(raw.toString('latin1'));
    const [, sign, whole = '', digits = ''] = match ?? [];
    if (match === null || whole.length + digits.length === 0) return 'not a decimal number';
    // What is longer than the scale has zeros at its end, or was no value of the type.
    const fraction = type.kind === 'decimal' ? digits.slice(0, type.scale).padEnd(type.scale, '0') : digits;
    const magnitude = BigInt(whole + fraction);
    const unscaled = twosComplement(sign === '-' ? -magnitude : magnitude);
    const scale = Buffer.allocUnsafe(4);
    scale.writeInt32BE(fraction.length);
    return Buffer.concat([scale, unscaled]);
  };
}

function twosComplement(value: bigint): Buffer {
  let width = 1;
  while (BigInt.asIntN(width * 8, value) !== value) width += 1;
  const digits = BigInt.asUintN(width * 8, value).toString(16);
  return Buffer.from(digits.padStart(width * 2, '0'), 'hex');
}
