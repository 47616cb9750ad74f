// For encodings that are another one behind a change of the bytes: the bytes are copied, changed in place and given on.
import type { Encoding, ValueWriter } from './encoding.ts';

/** Changes `bytes[0, length)` in place; null = changed, else what is wrong with them. */
export type ByteChange = (bytes: Uint8Array, length: number) => string | null;

export function behind(change: ByteChange, write: ValueWriter): ValueWriter {
  let scratch = new Uint8Array(64);
  return (out, bytes, start, end) => {
    const length = end - start;
    if (length > scratch.length) scratch = new Uint8Array(length * 2);
    for (let i = 0; i < length; i += 1) scratch[i] = bytes[start + i] ?? 0;
    return change(scratch, length) ?? write(out, scratch, 0, length);
  };
}

/** The encoding and its ` desc` form: all bits inverted, as Phoenix and OrderedBytes sort downwards; `downwards` reads what comes then. */
export function inBothOrders(encoding: Encoding, downwards: Encoding = encoding): readonly Encoding[] {
  const descending: Encoding = {
    ...encoding,
    name: `${encoding.name} desc`,
    compile: (type, settings) => behind(invert, downwards.compile(type, settings)),
  };
  return [encoding, descending];
}

const invert: ByteChange = (bytes, length) => {
  for (let i = 0; i < length; i += 1) bytes[i] = ~(bytes[i] ?? 0);
  return null;
};

/** Two's complement with its sign bit flipped sorts as unsigned bytes: back to two's complement. */
export const flipSign: ByteChange = (bytes) => {
  bytes[0] = (bytes[0] ?? 0) ^ 0x80;
  return null;
};

/** Sorted bits of a floating-point number back to its own: a positive one has its sign bit flipped, a negative one every bit. */
export const unsortFloat: ByteChange = (bytes, length) => {
  if (((bytes[0] ?? 0) & 0x80) !== 0) return flipSign(bytes, length);
  return invert(bytes, length);
};
