// An HBase table as the rows that a target of the mapping "row key, then these columns, all text" must have.
import { decodeCells } from '../../connectors/hbase/client/wire/cell-block.ts';
import type { HBaseClient } from '../../connectors/hbase/client/client.ts';
import { wholeTable } from '../../connectors/hbase/client/key-range.ts';

/** `columns`: `family:qualifier`. A column that a row has not is null. */
export async function readColumns(
  client: HBaseClient,
  table: string,
  columns: readonly string[],
): Promise<readonly (string | null)[][]> {
  const rows: (string | null)[][] = [];
  for await (const { buffer, rowCount, rowStarts } of client.scan({ table, range: wholeTable }))
    for (let row = 0; row < rowCount; row += 1) {
      const cells = decodeCells(Buffer.from(buffer), rowStarts[row] ?? 0, rowStarts[row + 1] ?? 0);
      const values = new Map(
        cells.map(({ family, qualifier, value }) => [
          `${Buffer.from(family).toString()}:${Buffer.from(qualifier).toString()}`,
          Buffer.from(value).toString(),
        ]),
      );
      const key = Buffer.from(cells[0]?.row ?? '').toString();
      rows.push([key, ...columns.map((column) => values.get(column) ?? null)]);
    }
  return rows;
}
