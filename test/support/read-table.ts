// A scan by our own client, summed up the way the oracle sums up its own.
import { CellBlockCursor } from '../../connectors/hbase/client/wire/cell-block.ts';
import type { Cell } from '../../connectors/hbase/client/wire/cell-block.ts';
import type { HBaseClient } from '../../connectors/hbase/client/client.ts';
import { wholeTable } from '../../connectors/hbase/client/key-range.ts';
import type { ScanOptions, TableScanner } from '../../connectors/hbase/client/scan/scanner.ts';
import { cellChecksum } from './cell-checksum.ts';
import type { OracleChecksum } from './hbase-oracle.ts';

export interface ReadTable extends OracleChecksum {
  readonly keys: readonly Buffer[];
  readonly reopened: number;
}

/** Fails when a row comes in pieces, twice, or out of order. */
export async function readTable(
  client: HBaseClient,
  table: string,
  options: Partial<ScanOptions> = {},
): Promise<ReadTable> {
  return sumScan(client.scan({ table, range: wholeTable, ...options }), options.reversed);
}

/** As `readTable`, of a scan that was not begun. */
export async function sumScan(scanner: TableScanner, isReversed = false): Promise<ReadTable> {
  const cursor = new CellBlockCursor();
  const keys: Buffer[] = [];
  let [cells, sum] = [0, 0n];
  for await (const { buffer, rowCount, rowStarts } of scanner) {
    for (let i = 0; i < rowCount; i++) {
      cursor.reset(buffer, rowStarts[i] ?? 0, rowStarts[i + 1] ?? 0);
      let key: Buffer | undefined;
      while (cursor.next()) {
        const row = buffer.subarray(cursor.rowStart, cursor.rowStart + cursor.rowLength);
        if (key !== undefined && !key.equals(row)) throw new Error('two rows were given out as one');
        key ??= Buffer.from(row);
        sum += cellChecksum(cellAt(cursor, buffer));
        cells++;
      }
      const [before, sign] = [keys.at(-1), isReversed ? -1 : 1];
      if (key === undefined || (before !== undefined && before.compare(key) * sign >= 0))
        throw new Error('rows out of order');
      keys.push(key);
    }
  }
  return { rows: keys.length, cells, sum: BigInt.asUintN(64, sum), keys, reopened: scanner.reopened };
}

function cellAt(cursor: CellBlockCursor, buffer: Buffer): Parameters<typeof cellChecksum>[0] {
  return {
    row: buffer.subarray(cursor.rowStart, cursor.rowStart + cursor.rowLength),
    family: buffer.toString('utf8', cursor.familyStart, cursor.familyStart + cursor.familyLength),
    qualifier: buffer.subarray(cursor.qualifierStart, cursor.qualifierStart + cursor.qualifierLength),
    timestamp: (BigInt(cursor.timestampHigh) << 32n) | BigInt(cursor.timestampLow),
    type: cursor.type,
    value: buffer.subarray(cursor.valueStart, cursor.valueStart + cursor.valueLength),
  };
}

/** A row's columns, `family:qualifier` → value; timestamps are the server's. */
export interface PlainRow {
  readonly key: Uint8Array;
  readonly columns: Readonly<Record<string, string | Uint8Array>>;
}

const latest = 0x7fffffffffffffffn;

/** Puts rows with our own client, a few thousand at a time. */
export async function putRows(client: HBaseClient, table: string, rows: readonly PlainRow[]): Promise<void> {
  for (let at = 0; at < rows.length; at += 2000) {
    const mutations = rows.slice(at, at + 2000).map(({ key, columns }) => ({
      kind: 'put' as const,
      row: key,
      cells: Object.entries(columns).map(([column, value]) => cellOf(key, column, value)),
    }));
    await client.mutateRows(table, mutations);
  }
}

function cellOf(row: Uint8Array, column: string, value: string | Uint8Array): Cell {
  const colon = column.indexOf(':');
  return {
    row,
    family: Buffer.from(column.slice(0, colon)),
    qualifier: Buffer.from(column.slice(colon + 1)),
    timestamp: latest,
    type: 'put',
    value: Buffer.from(value),
  };
}
