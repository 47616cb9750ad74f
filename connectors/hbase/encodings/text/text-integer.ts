// An integer as text: [sign] digits. Validated byte by byte and copied, never made a Number.
import type { IntegerKind, ValueWriter } from '../encoding.ts';
import { isDigit, MINUS, PLUS, writeMinus, ZERO } from '../digits.ts';
import { fitsRange, integerRange } from '../bytes/integer-range.ts';

export function compileTextInteger(kind: IntegerKind): ValueWriter {
  const { name, largest, smallest } = integerRange(kind);
  return (out, bytes, start, end) => {
    const sign = bytes[start];
    let from = sign === MINUS || sign === PLUS ? start + 1 : start;
    if (from >= end) return `no digits where ${name} is expected`;
    for (let at = from; at < end; at += 1)
      if (!isDigit(bytes[at] ?? 0)) return `not an integer where ${name} is expected`;
    while (from < end - 1 && bytes[from] === ZERO) from += 1;
    const negative = sign === MINUS && bytes[from] !== ZERO;
    if (!fitsRange(negative ? smallest : largest, bytes, from, end)) return `out of the range of ${name}`;
    if (negative) writeMinus(out);
    copyPlain(out, bytes, from, end);
    return null;
  };
}

/** Copies bytes that hold nothing to escape. */
export const copyPlain = (
  out: Parameters<ValueWriter>[0],
  bytes: Uint8Array,
  start: number,
  end: number,
): void => {
  out.ensure(end - start);
  const to = out.bytes;
  let at = out.length;
  for (let i = start; i < end; i += 1) {
    to[at] = bytes[i] ?? 0;
    at += 1;
  }
  out.length = at;
};
