// A region and where it is, as a row of hbase:meta says.
//   row: <table>,<startKey>,<regionId>.<md5>.    columns: info:regioninfo ("PBUF" RegionInfo) · info:server "host:port" ·
//   info:serverstartcode int64 · info:state text     (columns of replicas end in _0001 and are not read)
import { CellBlockCursor } from '../wire/cell-block.ts';
import { protobufMagic } from '../messages/registry.ts';
import { readRegionInfo } from '../messages/region-info.ts';
import type { RegionInfo } from '../messages/region-info.ts';
import type { ServerName } from '../messages/server-name.ts';

export interface RegionLocation {
  /** Full name of the region; calls address it by this. */
  readonly name: Buffer;
  readonly info: RegionInfo;
  /** OPEN, OPENING, CLOSED, SPLIT, …; undefined in clusters that do not store it. */
  readonly state: string | undefined;
  readonly server: ServerName | undefined;
  /** Not from meta: its last server said that it went there. */
  readonly hinted?: true;
}

export type UsableLocation = RegionLocation & { readonly server: ServerName };

/** The region serves: it is open on a server, and no parent whose daughters took over. */
export function isUsable(location: RegionLocation): location is UsableLocation {
  const { info, state, server } = location;
  return server !== undefined && (state === undefined || state === 'OPEN') && !info.split && !info.offline;
}

/** start ≤ row < end */
export function regionContains(info: Pick<RegionInfo, 'startKey' | 'endKey'>, row: Uint8Array): boolean {
  return info.startKey.compare(row) <= 0 && (info.endKey.length === 0 || info.endKey.compare(row) > 0);
}

/** start < row ≤ end, where an empty row is behind the last one: does a scan backwards from before `row` begin here? */
export function regionEndsAtOrHolds(
  { startKey, endKey }: Pick<RegionInfo, 'startKey' | 'endKey'>,
  row: Uint8Array,
): boolean {
  if (row.length === 0) return endKey.length === 0;
  return startKey.compare(row) < 0 && (endKey.length === 0 || endKey.compare(row) >= 0);
}

/** The name with its unprintable bytes as \xHH, as HBase's own tools show it. */
export function regionLabel(name: Uint8Array): string {
  let label = '';
  for (const byte of name) {
    label +=
      byte >= 0x20 && byte < 0x7f
        ? String.fromCharCode(byte)
        : `\\x${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return label;
}

/** One row of meta, given as a run of cells; undefined for rows that are no region. */
export function readMetaRow(buffer: Buffer, start: number, end: number): RegionLocation | undefined {
  const cursor = new CellBlockCursor();
  cursor.reset(buffer, start, end);
  const columns = new Map<string, Buffer>();
  let name: Buffer | undefined;
  while (cursor.next()) {
    name ??= Buffer.from(buffer.subarray(cursor.rowStart, cursor.rowStart + cursor.rowLength));
    const qualifier = buffer.toString(
      'latin1',
      cursor.qualifierStart,
      cursor.qualifierStart + cursor.qualifierLength,
    );
    columns.set(qualifier, buffer.subarray(cursor.valueStart, cursor.valueStart + cursor.valueLength));
  }
  const infoBytes = columns.get('regioninfo');
  if (name === undefined || infoBytes?.subarray(0, 4).equals(protobufMagic) !== true) return undefined;
  return {
    name,
    info: readRegionInfo(infoBytes.subarray(4)),
    state: columns.get('state')?.toString('latin1'),
    server: readServer(columns.get('server'), columns.get('serverstartcode')),
  };
}

function readServer(address: Buffer | undefined, startCode: Buffer | undefined): ServerName | undefined {
  const text = address?.toString('utf8') ?? '';
  const colon = text.lastIndexOf(':');
  if (colon <= 0) return undefined;
  const started = startCode?.length === 8 ? startCode.readBigUInt64BE() : 0n;
  return { host: text.slice(0, colon), port: Number(text.slice(colon + 1)), startCode: started };
}
