// Ranges of row keys. Keys are compared as unsigned bytes; an empty start is before, an empty stop after all rows.

export interface KeyRange {
  /** Inclusive. */
  readonly start: Buffer;
  /** Exclusive; empty = to the last row. */
  readonly stop: Buffer;
}

export const wholeTable: KeyRange = { start: Buffer.alloc(0), stop: Buffer.alloc(0) };

/** Longest row key that HBase takes. */
export const maxRowKeyBytes = 32_767;

/** What lies in both; undefined = nothing. */
export function intersect(one: KeyRange, other: KeyRange): KeyRange | undefined {
  const start = one.start.compare(other.start) > 0 ? one.start : other.start;
  const isSooner = one.stop.length > 0 && (other.stop.length === 0 || one.stop.compare(other.stop) < 0);
  const stop = isSooner ? one.stop : other.stop;
  return stop.length > 0 && start.compare(stop) >= 0 ? undefined : { start, stop };
}

/** The first key after `key`. Never "last byte + 1": that jumps over all keys that begin with `key`. */
export function keyAfter(key: Uint8Array): Buffer {
  const next = Buffer.alloc(key.length + 1);
  next.set(key);
  return next;
}

/** Where a scan of `stop` goes on behind a region that ends at `regionEnd`; undefined = nowhere. */
export function startBehindRegion(regionEnd: Buffer, stop: Buffer): Buffer | undefined {
  if (regionEnd.length === 0) return undefined;
  return stop.length > 0 && regionEnd.compare(stop) >= 0 ? undefined : regionEnd;
}

/** Where a scan backwards of `start` goes on before a region that begins at `regionStart`: up to there; undefined = nowhere. */
export function endBeforeRegion(regionStart: Buffer, start: Buffer): Buffer | undefined {
  return regionStart.length === 0 || regionStart.compare(start) <= 0 ? undefined : regionStart;
}
