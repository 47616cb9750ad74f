// What a whole table holds, told by our scanner and by Java's (ScanCount.java): rows, cells, and a sum that order does not change.
import { crc32 } from '@node-rs/crc32';
import { skipCells } from '../../connectors/hbase/client/wire/cell-block.ts';
import type { ScanBatch } from '../../connectors/hbase/client/scan/scanner.ts';
import type { HbaseAdmin } from '../../src/stack/services/hbase-admin.ts';

export interface TableSum {
  readonly rows: number;
  readonly cells: number;
  /** Sum over all rows of the CRC32 of their cells in wire form. */
  readonly sum: string;
}

export async function sumScan(
  scan: AsyncIterable<ScanBatch>,
  onBatch?: (batch: ScanBatch) => Promise<void>,
): Promise<TableSum> {
  let [rows, cells, sum] = [0, 0, 0n];
  for await (const batch of scan) {
    const { buffer, rowCount, rowStarts } = batch;
    let batchSum = 0;
    for (let row = 0; row < rowCount; row += 1) {
      const [start = 0, end = 0] = [rowStarts[row], rowStarts[row + 1]];
      batchSum += crc32(buffer.subarray(start, end));
      for (let at = start; at < end; at = skipCells(buffer, at, 1, end)) cells += 1;
    }
    rows += rowCount;
    sum += BigInt(batchSum);
    await onBatch?.(batch);
  }
  return { rows, cells, sum: String(sum) };
}

export async function sumInJava(java: HbaseAdmin, table: string): Promise<TableSum> {
  const { rows, cells, sum } = (await java.call('sum', { table })) as TableSum;
  return { rows, cells, sum };
}

export function isSameSum(one: TableSum, other: TableSum): boolean {
  return one.rows === other.rows && one.cells === other.cells && one.sum === other.sum;
}

export function describeSum({ rows, cells, sum }: TableSum): string {
  return `${rows} rows, ${cells} cells, ${sum}`;
}
