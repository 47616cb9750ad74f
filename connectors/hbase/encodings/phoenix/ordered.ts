// HBase's OrderedBytes: a header byte that names the type, then bytes that sort like the values. ` desc`: all bits inverted.
//   null 05 · numeric 07–23 (NaN 26) · int8 29 · int16 2a · int32 2b · int64 2c · float32 30 · float64 31 · string 34 · blob 37, 38
import type { FieldType } from '../../../../src/core/connector/field-type.ts';
import { bytesFloats } from '../bytes/bytes-float.ts';
import { bytesIntegers } from '../bytes/bytes-integer.ts';
import type { Encoding, TextSettings, ValueWriter } from '../encoding.ts';
import { always, NULL_VALUE } from '../encoding.ts';
import { orderedNumeric } from './ordered-numeric.ts';
import { rawBytes } from '../bytes/raw-bytes.ts';
import { behind, flipSign, inBothOrders, unsortFloat } from '../rewrite-bytes.ts';
import type { ByteChange } from '../rewrite-bytes.ts';
import { text } from '../text/text.ts';

const NULL_HEADER = 0x05;
const BLOB_VAR = 0x37;
const BLOB_COPY = 0x38;

const body: readonly Encoding[] = [
  number('int8', 0x29, flipSign),
  number('int16', 0x2a, flipSign),
  number('int32', 0x2b, flipSign),
  number('int64', 0x2c, flipSign),
  number('float32', 0x30, unsortFloat),
  number('float64', 0x31, unsortFloat),
  {
    name: 'string',
    kinds: ['string', 'json'],
    compile: (type, settings) => withHeader(0x34, 'string', terminated(text.compile(type, settings))),
    oneToOne: ({ kind }) => kind === 'string',
  },
  { name: 'blob', kinds: ['bytes'], compile: compileBlob, oneToOne: always },
  orderedNumeric,
];

export const ordered: readonly Encoding[] = body.flatMap((encoding) =>
  inBothOrders(
    nullByHeader(encoding),
    nullByHeader(encoding.name === 'blob' ? { ...encoding, compile: compileTerminatedBlob } : encoding),
  ),
);

function number(name: string, header: number, change: ByteChange): Encoding {
  const plain = { float32: 'float', float64: 'double' }[name] ?? name;
  const encoding = [...bytesIntegers, ...bytesFloats].find((known) => known.name === plain);
  if (encoding === undefined) throw new Error(`no encoding ${plain}`);
  return {
    name,
    kinds: encoding.kinds,
    compile: (type, settings) => withHeader(header, name, behind(change, encoding.compile(type, settings))),
    oneToOne: (type) => encoding.oneToOne(type),
  };
}

function nullByHeader(encoding: Encoding): Encoding {
  return {
    ...encoding,
    name: `ordered:${encoding.name}`,
    compile: (type, settings) => {
      const write = encoding.compile(type, settings);
      return (out, bytes, start, end) =>
        bytes[start] === NULL_HEADER && start < end ? NULL_VALUE : write(out, bytes, start, end);
    },
  };
}

function withHeader(header: number, name: string, write: ValueWriter): ValueWriter {
  const wrong = `no header ${header.toString(16)} of an OrderedBytes ${name}`;
  return (out, bytes, start, end) =>
    bytes[start] === header && start < end ? write(out, bytes, start + 1, end) : wrong;
}

function terminated(write: ValueWriter): ValueWriter {
  return (out, bytes, start, end) =>
    end > start && bytes[end - 1] === 0 ? write(out, bytes, start, end - 1) : 'no 00 at the end';
}

function compileBlob(type: FieldType, settings: TextSettings): ValueWriter {
  const write = rawBytes.compile(type, settings);
  return (out, bytes, start, end) => {
    if (start < end && bytes[start] === BLOB_COPY) return write(out, bytes, start + 1, end);
    if (start === end || bytes[start] !== BLOB_VAR) return 'no header 37 or 38 of an OrderedBytes blob';
    const blob = readBlob(bytes, start + 1, end);
    return blob === null ? 'not the bytes of an OrderedBytes blob' : write(out, blob, 0, blob.length);
  };
}

/** Downwards a copied blob ends with a zero byte. */
function compileTerminatedBlob(type: FieldType, settings: TextSettings): ValueWriter {
  const write = compileBlob(type, settings);
  return (out, bytes, start, end) => {
    const copied = end - start > 1 && bytes[start] === BLOB_COPY;
    if (copied && bytes[end - 1] !== 0) return 'not the bytes of an OrderedBytes blob';
    return write(out, bytes, start, copied ? end - 1 : end);
  };
}

/** Seven bits in a byte, the eighth saying that more follow. */
function readBlob(bytes: Uint8Array, start: number, end: number): Uint8Array | null {
  const count = end - start;
  const blob = new Uint8Array(Math.floor((count * 7) / 8));
  let [length, held, bits] = [0, 0, 0];
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte >= 0x80 !== at < end - 1) return null;
    held = (held << 7) | (byte & 0x7f);
    bits += 7;
    if (bits < 8) continue;
    bits -= 8;
    blob[length] = held >> bits;
    length += 1;
    held &= (1 << bits) - 1;
  }
  return count > 0 ? blob.subarray(0, length) : null;
}
