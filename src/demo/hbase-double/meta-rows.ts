// hbase:meta as the double has it: made from its tables whenever somebody asks.
//   row <table>,<startKey>,<id>.<md5>.  info:regioninfo, info:server, info:serverstartcode, info:state    row <table>  table:state
import { encodeCells } from '../../../connectors/hbase/client/wire/cell-block.ts';
import { protobufMagic } from '../../../connectors/hbase/client/messages/registry.ts';
import { writeRegionInfo, writeTableState } from '../../../connectors/hbase/client/messages/region-info.ts';
import type { ServerName } from '../../../connectors/hbase/client/messages/server-name.ts';
import { addressOf } from '../../../connectors/hbase/client/messages/server-name.ts';
import { encodeMessage } from '../../../connectors/hbase/client/wire/proto-writer.ts';
import type { DoubleRegion, DoubleTable, DoubleTables } from './double-table.ts';
import type { StoredRow } from './stored-row.ts';

export const metaName = 'hbase:meta,,1';

/** All rows of meta, in meta's own order. */
export function metaRows(tables: DoubleTables, server: ServerName): readonly StoredRow[] {
  const rows = tables
    .all()
    .flatMap((table) => [stateRow(table), ...table.regions.map((region) => regionRow(region, server))]);
  return rows.sort((left, right) => compareMetaKeys(left.key, right.key));
}

/** By table, then start key, then id: the commas in a key are not compared as bytes. */
export function compareMetaKeys(left: Buffer, right: Buffer): number {
  const [a, b] = [splitMetaKey(left), splitMetaKey(right)];
  for (const [index, part] of a.entries()) {
    const order = part.compare(b[index] ?? none);
    if (order !== 0) return order;
  }
  return 0;
}

const none = Buffer.alloc(0);
const comma = 0x2c;

function splitMetaKey(key: Buffer): readonly Buffer[] {
  const [first, last] = [key.indexOf(comma), key.lastIndexOf(comma)];
  if (first < 0) return [key, none, none];
  return [key.subarray(0, first), key.subarray(first + 1, Math.max(first + 1, last)), key.subarray(last + 1)];
}

function stateRow({ schema, state, stateWrittenAt }: DoubleTable): StoredRow {
  const value = encodeMessage(writeTableState(state));
  return makeRow(Buffer.from(schema.table), 'table', { state: value }, stateWrittenAt);
}

function regionRow({ name, info, table }: DoubleRegion, server: ServerName): StoredRow {
  const startCode = Buffer.alloc(8);
  startCode.writeBigUInt64BE(server.startCode);
  return makeRow(name, 'info', {
    regioninfo: Buffer.concat([protobufMagic, encodeMessage(writeRegionInfo(info))]),
    server: Buffer.from(addressOf(server)),
    serverstartcode: startCode,
    state: Buffer.from(table.state === 'ENABLED' ? 'OPEN' : 'CLOSED'),
  });
}

/** `values` in the order of their qualifiers. */
function makeRow(
  key: Buffer,
  family: string,
  values: Readonly<Record<string, Uint8Array>>,
  at = 1,
): StoredRow {
  const cells = Object.entries(values).map(([qualifier, value]) => ({
    row: key,
    family: Buffer.from(family),
    qualifier: Buffer.from(qualifier),
    timestamp: BigInt(at),
    type: 'put' as const,
    value,
  }));
  return { key, cells: encodeCells(cells), cellCount: cells.length };
}
