// The rows of the sample table as they stand in HBase, in key order: a plain scan, decoded here.
import { CellBlockCursor } from '../../../connectors/hbase/client/wire/cell-block.ts';
import { wholeTable } from '../../../connectors/hbase/client/key-range.ts';
import type { ScanBatch } from '../../../connectors/hbase/client/scan/scanner.ts';
import type { OrderRow } from './compare-orders.ts';
import { orderColumns, textOfBytes } from './order-columns.ts';
import type { OrderTable } from './write-orders.ts';

export async function* readSourceRows({ client, table, signal }: OrderTable): AsyncGenerator<OrderRow> {
  const cursor = new CellBlockCursor();
  for await (const batch of client.scan({ table, range: wholeTable, signal })) {
    for (let row = 0; row < batch.rowCount; row += 1) yield readRow(cursor, batch, row);
  }
}

const indexByColumn = new Map(
  orderColumns.map(({ family, qualifier }, index) => [`${family}:${qualifier}`, index]),
);

function readRow(cursor: CellBlockCursor, { buffer, rowStarts }: ScanBatch, row: number): OrderRow {
  const values: (string | null)[] = orderColumns.map(() => null);
  cursor.reset(buffer, rowStarts[row] ?? 0, rowStarts[row + 1] ?? 0);
  while (cursor.next()) {
    const { rowStart, rowLength, familyStart, familyLength, qualifierStart, qualifierLength } = cursor;
    values[0] = buffer.toString('utf8', rowStart, rowStart + rowLength);
    const family = buffer.toString('utf8', familyStart, familyStart + familyLength);
    const qualifier = buffer.toString('utf8', qualifierStart, qualifierStart + qualifierLength);
    const index = indexByColumn.get(`${family}:${qualifier}`);
    const column = index === undefined ? undefined : orderColumns[index];
    if (index === undefined || column === undefined) continue;
    const bytes = buffer.subarray(cursor.valueStart, cursor.valueStart + cursor.valueLength);
    values[index] = textOfBytes(column.kind, bytes);
  }
  return values;
}
