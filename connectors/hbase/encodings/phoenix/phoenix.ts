// Phoenix's types, as its PDataTypes write them. An empty value is NULL. Signed numbers have the sign bit flipped, so that they sort as
// bytes; unsigned ones are plain. ` desc`: all bits inverted. Arrays and columns packed into one cell are not read.
import type { FieldType } from '../../../../src/core/connector/field-type.ts';
import { bytesFloats } from '../bytes/bytes-float.ts';
import { bytesIntegers } from '../bytes/bytes-integer.ts';
import { rawBytes } from '../bytes/raw-bytes.ts';
import type { Encoding, FieldKind, TextSettings, ValueWriter } from '../encoding.ts';
import { always, integerKinds, never, NULL_VALUE } from '../encoding.ts';
import { phoenixDates } from './phoenix-date.ts';
import { phoenixDecimal } from './phoenix-decimal.ts';
import { behind, flipSign, inBothOrders, unsortFloat } from '../rewrite-bytes.ts';
import type { ByteChange } from '../rewrite-bytes.ts';
import { ZERO } from '../digits.ts';
import { text } from '../text/text.ts';

const boolean: Encoding = {
  name: 'boolean',
  kinds: ['boolean', ...integerKinds],
  compile: () => writeBoolean,
  oneToOne: always,
};

/** Downwards Phoenix writes the byte of the other truth value instead of inverting bits: here it comes inverted. */
const swappedBoolean: Encoding = {
  ...boolean,
  compile: () =>
    behind((bytes) => {
      bytes[0] = (bytes[0] ?? 0) - 0xfe;
      return null;
    }, writeBoolean),
};

const types: readonly Encoding[] = [
  number('tinyint', 'int8', flipSign),
  number('smallint', 'int16', flipSign),
  number('integer', 'int32', flipSign),
  number('bigint', 'int64', flipSign),
  number('unsigned_tinyint', 'int8', refuseNegative),
  number('unsigned_smallint', 'int16', refuseNegative),
  number('unsigned_int', 'int32', refuseNegative),
  number('unsigned_long', 'int64', refuseNegative),
  number('float', 'float', unsortPhoenixFloat),
  number('double', 'double', unsortPhoenixFloat),
  number('unsigned_float', 'float', refuseNegative),
  number('unsigned_double', 'double', refuseNegative),
  phoenixDecimal,
  boolean,
  {
    name: 'varchar',
    kinds: ['string', 'json'],
    compile: (type, settings) => text.compile(type, settings),
    oneToOne: isString,
  },
  // Trailing blanks fill a CHAR up; they are no part of its value.
  { name: 'char', kinds: ['string'], compile: compileChar, oneToOne: never },
  {
    name: 'varbinary',
    kinds: ['bytes'],
    compile: (type, settings) => rawBytes.compile(type, settings),
    oneToOne: always,
  },
  {
    name: 'binary',
    kinds: ['bytes'],
    compile: (type, settings) => rawBytes.compile(type, settings),
    oneToOne: always,
  },
  ...phoenixDates,
];

export const phoenix: readonly Encoding[] = types.flatMap((encoding) =>
  inBothOrders(
    nullWhenEmpty(encoding),
    nullWhenEmpty(encoding.name === 'boolean' ? swappedBoolean : encoding),
  ),
);

function number(name: string, base: string, change: ByteChange): Encoding {
  const encoding = [...bytesIntegers, ...bytesFloats].find((known) => known.name === base);
  if (encoding === undefined) throw new Error(`no encoding ${base}`);
  const kinds: readonly FieldKind[] = encoding.kinds;
  return {
    name,
    kinds,
    compile: (type, settings) => behind(change, encoding.compile(type, settings)),
    oneToOne: (type) => encoding.oneToOne(type),
  };
}

function nullWhenEmpty(encoding: Encoding): Encoding {
  return {
    ...encoding,
    name: `phoenix:${encoding.name}`,
    compile: (type, settings) => {
      const write = encoding.compile(type, settings);
      return (out, bytes, start, end) => (start === end ? NULL_VALUE : write(out, bytes, start, end));
    },
  };
}

function refuseNegative(bytes: Uint8Array): string | null {
  return ((bytes[0] ?? 0) & 0x80) === 0 ? null : 'negative, which an unsigned type is not';
}

/** Phoenix adds one to the sorted bits. */
function unsortPhoenixFloat(bytes: Uint8Array, length: number): string | null {
  let at = length - 1;
  while (at > 0 && bytes[at] === 0) {
    bytes[at] = 0xff;
    at -= 1;
  }
  bytes[at] = (bytes[at] ?? 0) - 1;
  return unsortFloat(bytes, length);
}

const writeBoolean: ValueWriter = (out, bytes, start, end) => {
  const byte = bytes[start] ?? 0;
  if (end - start !== 1 || byte > 1) return 'not the byte 00 or 01 of a Phoenix boolean';
  out.ensure(1);
  out.bytes[out.length] = ZERO + byte;
  out.length += 1;
  return null;
};

function isString({ kind }: FieldType): boolean {
  return kind === 'string';
}

function compileChar(type: FieldType, settings: TextSettings): ValueWriter {
  const write = text.compile(type, settings);
  return (out, bytes, start, end) => {
    let last = end;
    while (last > start && bytes[last - 1] === 0x20) last -= 1;
    return write(out, bytes, start, last);
  };
}
