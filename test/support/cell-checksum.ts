// The checksum that HbaseOracle.java computes over cells, for whoever read the same cells another way.
import { crc32 } from '@node-rs/crc32';

export interface ChecksumCell {
  readonly row: Uint8Array;
  readonly family: Uint8Array | string;
  readonly qualifier: Uint8Array;
  readonly timestamp: bigint | number;
  /** KeyValue's type code, 4 = put */
  readonly type: number;
  readonly value: Uint8Array;
}

const bar = Buffer.from('|');

/** CRC32 over row | family | qualifier | timestamp (8 bytes) | type (1 byte) | value. Add them up modulo 2^64. */
export function cellChecksum(cell: ChecksumCell): bigint {
  const timestamp = Buffer.alloc(8);
  timestamp.writeBigInt64BE(BigInt(cell.timestamp));
  const parts = [
    cell.row,
    Buffer.from(cell.family as string),
    cell.qualifier,
    timestamp,
    Buffer.of(cell.type),
  ];
  return BigInt(crc32(Buffer.concat([...parts.flatMap((part) => [part, bar]), cell.value])));
}

export function tableChecksum(cells: Iterable<ChecksumCell>): bigint {
  let sum = 0n;
  for (const cell of cells) sum += cellChecksum(cell);
  return BigInt.asUintN(64, sum);
}
