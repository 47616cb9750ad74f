// Where a cluster's parts are: ClientMetaService (asked without ZooKeeper) and the two nodes in ZooKeeper.
// GetMetaRegionLocationsResponse{1* RegionLocation{1! RegionInfo 2 ServerName 3! int64 seq_num}}
// GetActiveMasterResponse{1 ServerName}  GetBootstrapNodesResponse{1* ServerName}  (requests are empty)
// znode: 0xFF | int32BE n | n bytes id | "PBUF" | MetaRegionServer{1! ServerName} or Master{1! ServerName}
import { unreadable } from '../hbase-error.ts';
import { ProtoReader } from '../wire/proto-reader.ts';
import { encodeMessage } from '../wire/proto-writer.ts';
import { readRegionInfo, writeRegionInfo } from './region-info.ts';
import type { RegionInfo } from './region-info.ts';
import { readServerName, writeServerName } from './server-name.ts';
import type { ServerName } from './server-name.ts';

export const protobufMagic = Buffer.from('PBUF');

/** The server of hbase:meta's first replica; undefined while it is on no server. */
export function decodeMetaLocation(bytes: Uint8Array): ServerName | undefined {
  const reader = new ProtoReader(bytes);
  while (reader.next()) {
    if (reader.field !== 1) {
      reader.skip();
      continue;
    }
    const { info, server } = readRegionLocation(reader.bytes());
    if (info?.replicaId === 0 && server !== undefined) return server;
  }
  return undefined;
}

function readRegionLocation(bytes: Uint8Array): {
  info: RegionInfo | undefined;
  server: ServerName | undefined;
} {
  const reader = new ProtoReader(bytes);
  let info: RegionInfo | undefined;
  let server: ServerName | undefined;
  while (reader.next()) {
    if (reader.field === 1) info = readRegionInfo(reader.bytes());
    else if (reader.field === 2) server = readServerName(reader.bytes());
    else reader.skip();
  }
  return { info, server };
}

export function encodeMetaLocation(info: RegionInfo, server: ServerName): Buffer {
  return encodeMessage((writer) =>
    writer.message(1, (location) =>
      location.message(1, writeRegionInfo(info)).message(2, writeServerName(server)).uint64(3, 0n),
    ),
  );
}

/** GetActiveMasterResponse, MetaRegionServer and Master all carry the server in field 1. */
export function decodeServer(bytes: Uint8Array): ServerName | undefined {
  return decodeServers(bytes)[0];
}

export function decodeServers(bytes: Uint8Array): ServerName[] {
  const reader = new ProtoReader(bytes);
  const servers: ServerName[] = [];
  while (reader.next()) {
    if (reader.field === 1) servers.push(readServerName(reader.bytes()));
    else reader.skip();
  }
  return servers;
}

export function encodeServers(servers: readonly ServerName[]): Buffer {
  return encodeMessage((writer) => {
    for (const server of servers) writer.message(1, writeServerName(server));
  });
}

/** The server in a znode's data. */
export function decodeServerNode(data: Uint8Array): ServerName | undefined {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.length);
  const start = bytes[0] === 0xff && bytes.length >= 5 ? 5 + bytes.readUInt32BE(1) : 0;
  if (!bytes.subarray(start, start + 4).equals(protobufMagic)) {
    throw unreadable('reading the location of hbase:meta in ZooKeeper: unknown format');
  }
  return decodeServer(bytes.subarray(start + 4));
}
