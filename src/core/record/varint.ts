// Kafka's varints, for lengths and counts: zigzag, seven bits per byte, lowest first. Here for 0 … 2^30 - 1.

/** Bytes that `value` takes. */
export function varintSize(value: number): number {
  if (value < 0x40) return 1;
  if (value < 0x2000) return 2;
  if (value < 0x10_0000) return 3;
  return value < 0x800_0000 ? 4 : 5;
}

/** Writes a value ≥ 0 and returns the index after it. */
export function putVarint(out: Uint8Array, at: number, value: number): number {
  let rest = value << 1;
  let to = at;
  while (rest > 0x7f) {
    out[to] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
    to += 1;
  }
  out[to] = rest;
  return to + 1;
}
