// An HBase, or its double, for the suites of ledgers and stores: tables are made by the sink, and go at the end.
import { hbaseSink } from '../../connectors/hbase/sink/sink-connector.ts';
import { HBaseClient } from '../../connectors/hbase/client/client.ts';
import { CellBlockCursor } from '../../connectors/hbase/client/wire/cell-block.ts';
import { wholeTable } from '../../connectors/hbase/client/key-range.ts';
import type { ConnectorConfig } from '../../src/core/connector/config-def.ts';
import { startHbaseDouble } from '../../src/demo/hbase-double/start-double.ts';
import type { HbaseEndpoint } from '../../src/stack/stack-endpoints.ts';
import type { SinkBed } from '../conformance/sink-bed.ts';
import { connectHbase, dropTable, placeOf } from './hbase-cluster.ts';

export interface HbaseSinkBed extends SinkBed {
  readonly client: HBaseClient;
  readonly place: ConnectorConfig;
}

export async function openDoubleSinkBed(): Promise<HbaseSinkBed> {
  const double = await startHbaseDouble();
  const client = new HBaseClient({ cluster: { servers: [double] } });
  return makeBed(client, { 'hbase.masters': `${double.host}:${double.port}` }, () => double.close());
}

export function openRealSinkBed(hbase: HbaseEndpoint): Promise<HbaseSinkBed> {
  const client = connectHbase(hbase);
  const place = placeOf(hbase);
  return Promise.resolve(makeBed(client, place, () => Promise.resolve()));
}

function makeBed(client: HBaseClient, place: ConnectorConfig, close: () => Promise<void>): HbaseSinkBed {
  const used = new Set<string>();
  const ledgerTable = `ledger_${process.pid}_${Date.now().toString(36)}`;
  return {
    plugin: hbaseSink,
    client,
    place,
    exactKey: '',
    foldingKey: '',
    configOf: (table, more = {}) => {
      used.add(table);
      return {
        ...place,
        'table.name.format': table,
        'auto.create': 'true',
        'hbase.ledger.table': ledgerTable,
        ...more,
      };
    },
    execute: () => Promise.reject(new Error('HBase knows no SQL')),
    readRows: async (table, columns) =>
      (await readRows(client, table)).map((row) => columns.map((column) => valueOf(row, column))),
    footprint: () =>
      Promise.all(
        [...used, ledgerTable].map(async (table) => [
          table,
          (await client.admin.describeTable(table)) === undefined ? null : await readRows(client, table),
        ]),
      ),
    close: async () => {
      for (const table of [...used, ledgerTable]) {
        if ((await client.admin.describeTable(table)) === undefined) continue;
        await dropTable(client, table);
      }
      client.close();
      await close();
    },
  };
}

/** Cells of family f by qualifier; rows in the order of their keys. */
export async function readRows(client: HBaseClient, table: string): Promise<Map<string, Buffer>[]> {
  const rows: Map<string, Buffer>[] = [];
  const cursor = new CellBlockCursor();
  for await (const { buffer, rowCount, rowStarts } of client.scan({ table, range: wholeTable })) {
    for (let i = 0; i < rowCount; i += 1) {
      const row = new Map<string, Buffer>();
      cursor.reset(buffer, rowStarts[i] ?? 0, rowStarts[i + 1] ?? 0);
      while (cursor.next()) {
        const { qualifierStart, qualifierLength, valueStart, valueLength } = cursor;
        const name = buffer.toString('utf8', qualifierStart, qualifierStart + qualifierLength);
        row.set(name, Buffer.from(buffer.subarray(valueStart, valueStart + valueLength)));
      }
      rows.push(row);
    }
  }
  return rows;
}

/** The two expressions that the suites use are understood, too. */
function valueOf(row: ReadonlyMap<string, Buffer>, column: string): string | null {
  const hex = /^HEX\((\w+)\)$/.exec(column)?.[1];
  if (hex !== undefined) return row.get(hex)?.toString('hex').toUpperCase() ?? null;
  const tested = /^(\w+) IS NULL$/.exec(column)?.[1];
  if (tested !== undefined) return row.has(tested) ? '0' : '1';
  return row.get(column)?.toString('utf8') ?? null;
}
