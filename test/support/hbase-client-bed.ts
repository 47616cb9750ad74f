// The tables of the HBase source's suites, made and filled by our own client.
import { bytesOfName } from '../../connectors/hbase/mapping/column-name.ts';
import { latestTimestamp } from '../../connectors/hbase/client/wire/cell-block.ts';
import type { HBaseClient } from '../../connectors/hbase/client/client.ts';
import type { BedRow, HbaseBed } from '../conformance/hbase-bed.ts';
import { dropTable } from './hbase-cluster.ts';

/** `place`: the source's keys that say where the client's cluster is. The client is closed with the bed. */
export function clientBed(client: HBaseClient, place: Record<string, string>): HbaseBed {
  const made: string[] = [];
  return {
    place,
    createTable: async (table, families, splitKeys = []) => {
      made.push(table);
      await client.admin.createTable({
        table,
        families: Object.fromEntries(families.map((name) => [name, {}])),
        splitKeys,
      });
    },
    put: async (table, rows) => {
      for (let at = 0; at < rows.length; at += 1000)
        await client.mutateRows(
          table,
          rows
            .slice(at, at + 1000)
            .map((row) => ({ kind: 'put', row: Buffer.from(row.key), cells: cellsOf(row) })),
        );
    },
    deleteRow: async (table, key, timestamp) => {
      const row = Buffer.from(key);
      const cell = {
        row,
        family: Buffer.from('d'),
        qualifier: Buffer.alloc(0),
        timestamp: timestamp === undefined ? latestTimestamp : BigInt(timestamp),
        type: 'deleteFamily',
        value: Buffer.alloc(0),
      } as const;
      await client.mutateRows(table, [{ kind: 'delete', row, cells: [cell] }]);
    },
    close: async () => {
      await Promise.all(
        made.map(async (table) => {
          await dropTable(client, table);
        }),
      );
      client.close();
    },
  };
}

function cellsOf({ key, cells, timestamp }: BedRow) {
  return Object.entries(cells).map(([column, value]) => {
    const colon = column.indexOf(':');
    return {
      row: Buffer.from(key),
      family: bytesOfName(column.slice(0, colon)),
      qualifier: bytesOfName(column.slice(colon + 1)),
      timestamp: timestamp === undefined ? latestTimestamp : BigInt(timestamp),
      type: 'put' as const,
      value: Buffer.from(value),
    };
  });
}
