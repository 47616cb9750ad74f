// What a table's DURABILITY says of an acknowledged write. Our writes name none of their own, so the table's counts.

/** Acknowledged before it is in the write-ahead log, or never in it. */
export function writesLate(durability: string): boolean {
  return durability === 'SKIP_WAL' || durability === 'ASYNC_WAL';
}
